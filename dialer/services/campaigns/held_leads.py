"""Why nobody is dialled: how many leads of a list may be called now, and which rule holds the others."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.refusals import Rule
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.db.models import Campaign
from dialer.db.queries import leads
from dialer.db.session import Database, Transaction
from dialer.services.calls.compliance_facts import judge_lead
from dialer.services.calls.transitions import TransitionContext
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
    """A list at one moment: each LISTED lead is in one of the numbers.

    `exact`: every one of them was asked the whole question, else only what a place and a past refusal tell.
    """

    callable: int
    held: tuple[HeldLeads, ...]  # most leads first
    exact: bool = False

    def in_words(self, most: int = 3) -> str:
        """One sentence for a line on a page: the rules that hold most of the list."""
        if not self.held:
            return "Nobody is left on the list."
        named = ", ".join(f"{row.leads:,} by {row.rule or 'agreement'}" for row in self.held[:most])
        first = self.next_at
        until = f"; the first may be called from {first:%a %H:%M} UTC" if first is not None else ""
        return f"The list is held: {named}{until}."

    @property
    def next_at(self) -> datetime | None:
        """When the first of the held leads may be called; None where no rule can say."""
        return min((row.until for row in self.held if row.until is not None), default=None)


Held = defaultdict[Rule | None, list[tuple[int, datetime | None]]]


def look_at_list(database: Database, campaign: int, now: datetime) -> ListNow:
    """What holds the LISTED leads of a campaign at `now`, judged by place and by what put each lead off.

    Rules that only the last look at a single number knows (caps, consent) count once they have put a lead
    off; before that the lead counts as callable.
    """
    ready = 0
    with database.read() as tx:
        row = tx.get_one(Campaign, campaign)
        found = _put_off(tx, campaign, now)
        opened = []
        sells = row.purpose == Purpose.MARKETING
        stale = stale_countries(register_copies(tx), now)
        counted = leads.due_by_place(tx, campaign, now)
        for place in leads.all_places(tx):
            count = counted.get(place.id, 0)
            if not count:
                continue
            # consent is each customer's own: what a place says is what holds whoever is there
            facts = ComplianceFacts(
                purpose=Purpose(row.purpose),
                country=place.country,
                zones=tuple(place.zones),
                register_stale=place.country in stale,
                consent=True,
            )
            refusal = judge(facts, database.policy.rulebook, now)
            if refusal is None:
                opened.append(place.id)
                ready += count
            else:
                found[refusal.rule].append((count, refusal.until))
        listed = put_off = 0
        if row.purpose != Purpose.REQUESTED:
            listed = leads.due_and_suppressed(tx, campaign, opened, now)
            put_off = leads.due_and_put_off(tx, campaign, opened, now)
        registered = leads.due_and_registered(tx, campaign, opened, now) if sells else 0
    lasting = {Rule.DNC_LISTED: listed, Rule.DNC_PERSON: put_off, Rule.DNC_REGISTER: registered}
    for rule, count in lasting.items():
        if count:
            found[rule].append((count, None))
    return ListNow(callable=ready - sum(lasting.values()), held=_most_first(found))


def judge_list(database: Database, campaign: int, now: datetime) -> ListNow:
    """The same with every lead that is due asked the whole question, as if it were to be rung at `now`.

    Where more than `MOST_JUDGED` are due, it is what `look_at_list` says: a lead takes some milliseconds.
    """
    ready = 0
    with database.read() as tx:
        row = tx.get_one(Campaign, campaign)
        due = leads.due(tx, campaign, now, MOST_JUDGED + 1)
        if len(due) <= MOST_JUDGED:
            found = _put_off(tx, campaign, now)
            entry = TransitionContext(tx, database.policy, now)
            reserved = row.mode not in OVER_DIALLED
            for lead in due:
                refusal = judge_lead(entry, lead, row, agent_reserved=reserved or lead.owed)
                if refusal is None:
                    ready += 1
                else:
                    found[refusal.rule].append((1, refusal.until))
            return ListNow(callable=ready, held=_most_first(found), exact=True)
    return look_at_list(database, campaign, now)


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
