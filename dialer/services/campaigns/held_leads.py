"""Why nobody is dialled: how many leads of a list may be called now, and which rule holds the others."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.compliance.check import ComplianceFacts, Verdict, judge, packs_of
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.core.sentence import Figure, Sentence, Several
from dialer.db.models import Campaign
from dialer.db.queries import due_lead_counts, leads
from dialer.db.session import Database, Transaction
from dialer.services.calls.compliance_facts import judge_lead
from dialer.services.calls.transitions import TransitionContext
from dialer.services.campaigns.campaign_hours import hours_verdict
from dialer.services.customers.register_copies import register_copies

LISTED: Final = frozenset({Rule.DNC_LISTED, Rule.DNC_PERSON, Rule.DNC_REGISTER})
AGREED: Final = "A later call was agreed with the customer."
MOST_JUDGED: Final = 2_000  # leads that are asked one by one: some seconds' work


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLeads:
    """Leads that one rule holds; `rule` is None where a later call was agreed with the customer."""

    rule: Rule | None
    sentence: str
    leads: int
    until: datetime | None  # when the first of them may be called, as far as the rule can say


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNow:
    """A list at one moment, `at`: each LISTED lead is in one of the numbers.

    `exact`: every one of them was asked the whole question, else only what a place and a past refusal tell.
    """

    callable: int
    held: tuple[HeldLeads, ...]  # most leads first
    at: datetime
    exact: bool = False

    def in_words(self, most: int = 3) -> Sentence:
        """One sentence for a line on a page: the rules that hold most of the list."""
        if not self.held:
            return Sentence("Nobody is left on the list.")
        rules = Several(
            Sentence("%(leads)s by %(rule)s", leads=Figure(row.leads), rule=row.rule)
            if row.rule
            else Sentence("%(leads)s by agreement", leads=Figure(row.leads))
            for row in self.held[:most]
        )
        first = self.next_at
        if first is None:
            return Sentence("The list is held: %(rules)s.", rules=rules)
        return Sentence(
            "The list is held: %(rules)s; the first may be called from %(first)s UTC.",
            rules=rules,
            first=f"{first:%a %H:%M}",
        )

    @property
    def next_at(self) -> datetime | None:
        """When the first of the held leads may be called; None where no rule can say."""
        return min((row.until for row in self.held if row.until is not None), default=None)


Held = defaultdict[Rule | None, list[tuple[int, datetime | None]]]


def look_at_list(database: Database, campaign: int, now: datetime) -> ListNow:
    """What holds the LISTED leads of a campaign at `now`, judged by place and by what put each lead off.

    Rules that only the last look at a single person knows (caps, consent) count once they have put a lead
    off; before that the lead counts as callable.
    """
    ready = 0
    with database.read() as tx:
        row = tx.get_one(Campaign, campaign)
        found = _put_off(tx, campaign, now)
        where: dict[int, list[str]] = {}  # what is open
        sells = row.purpose == Purpose.MARKETING
        stale = stale_countries(register_copies(tx), now)
        counted = due_lead_counts.by_region(tx, campaign, now)
        hours = hours_verdict(row, database.policy, now)
        waiting = leads.count_agreed(tx, campaign, due=now) if hours.refuses else 0
        for place in leads.all_places(tx):
            if place.id not in counted:
                continue
            # consent is each customer's own: what a place says is what holds whoever is there
            facts = ComplianceFacts(
                purpose=Purpose(row.purpose),
                country=place.country,
                zones=tuple(place.zones),
                residence=tuple(place.residence.split()),
                register_stale=place.country in stale,
                consent=True,
            )
            parts, closed = {"": counted[place.id]}, []
            digits = database.policy.rulebook.start_digits(place.country)
            if digits:
                parts = due_lead_counts.by_first_digits(tx, campaign, place.id, digits, now)
            for start, count, refusal in _judge_parts(parts, facts, database.policy.rulebook, now):
                if refusal is None:
                    ready += count
                else:
                    found[refusal.rule].append((count, refusal.until))
                    closed.append(start)
            if len(closed) < len(parts):
                where[place.id] = closed
        listed = put_off = 0
        if row.purpose != Purpose.REQUESTED:
            listed = due_lead_counts.suppressed(tx, campaign, where, now)
            put_off = due_lead_counts.put_off(tx, campaign, where, now)
        registered = due_lead_counts.registered(tx, campaign, where, now) if sells else 0
    lasting = {Rule.DNC_LISTED: listed, Rule.DNC_PERSON: put_off, Rule.DNC_REGISTER: registered}
    for rule, count in lasting.items():
        if count:
            found[rule].append((count, None))
    ready = _within_hours(found, ready - sum(lasting.values()), hours, waiting)
    return ListNow(callable=ready, held=_most_first(found), at=now)


def _within_hours(found: Held, ready: int, hours: Verdict, agreed: int) -> int:
    """How many the campaign's own hours let through: all of them, or those with an agreed call."""
    kept = min(ready, agreed) if hours.refuses else ready
    if kept < ready:
        found[hours.rule].append((ready - kept, hours.until))
    return kept


def judge_list(database: Database, campaign: int, now: datetime) -> ListNow:
    """The same with every lead that is due asked the whole question, as if it were to be rung at `now`.

    Where more than `MOST_JUDGED` are due, it is what `look_at_list` says: a lead takes some milliseconds.
    """
    return judge_due(database, campaign, now) or look_at_list(database, campaign, now)


def judge_due(database: Database, campaign: int, now: datetime) -> ListNow | None:
    """Ask the whole question of every lead that is due; None where more than `MOST_JUDGED` are."""
    ready = 0
    with database.read() as tx:
        row = tx.get_one(Campaign, campaign)
        if leads.more_are_due(tx, campaign, now, MOST_JUDGED):
            return None
        found = _put_off(tx, campaign, now)
        entry = TransitionContext(tx, database.policy, now)
        reserved = row.mode not in OVER_DIALLED
        for lead in leads.due(tx, campaign, now, MOST_JUDGED):
            hours = hours_verdict(row, database.policy, now, agreed=lead.asked_again or lead.owed)
            refusal = hours.refusal or judge_lead(entry, lead, row, agent_reserved=reserved or lead.owed)
            if refusal is None:
                ready += 1
            else:
                found[refusal.rule].append((1, refusal.until))
    return ListNow(callable=ready, held=_most_first(found), at=now, exact=True)


def _judge_parts(
    parts: Mapping[str, int], facts: ComplianceFacts, rules: Rulebook, now: datetime
) -> Iterator[tuple[str, int, Refusal | None]]:
    """What holds the numbers of one place, by first digits that tell a part of the country with own rules."""
    known: dict[tuple[str, ...], Refusal | None] = {}
    for start, count in parts.items():
        part = replace(facts, number=f"+{start}" if start else "")
        packs = tuple(pack.name for pack in packs_of(part, rules))
        if packs not in known:
            known[packs] = judge(part, rules, now)
        yield start, count, known[packs]


def _put_off(tx: Transaction, campaign: int, now: datetime) -> Held:
    """The leads that are not due yet, by what put them off."""
    found: Held = defaultdict(list)
    for held_by, agreed, count, until in leads.put_off(tx, campaign, now):
        rule = Rule(held_by) if held_by is not None else None if agreed else Rule.SPACING
        # who is listed stays held after the next look, too
        found[rule].append((count, None if rule in LISTED else until))
    return found


def _most_first(found: Held) -> tuple[HeldLeads, ...]:
    held = [
        HeldLeads(
            rule=rule,
            sentence=AGREED if rule is None else SENTENCES[rule],
            leads=sum(count for count, _ in counts),
            until=min((until for _, until in counts if until is not None), default=None),
        )
        for rule, counts in found.items()
    ]
    return tuple(sorted(held, key=lambda each: -each.leads))
