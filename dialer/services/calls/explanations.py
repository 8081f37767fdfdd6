"""Why a person is called or not: what every rule says of each call that could be made to them, and when.

Nothing is decided here and nothing is written: the facts are those that the dial permit gathers, and the
rules answer through the same functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from callbacks.refusals import Rule
from dialer.core.calling.campaign import CampaignState
from dialer.core.calling.standing import lead_standing, promise_standing
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.compliance.check import ComplianceFacts, Verdict, ask, first_refusal, judge, packs_of
from dialer.core.compliance.rulebook import Purpose
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.core.sentence import Sentence
from dialer.db.models import Campaign, Customer, Lead, Promise
from dialer.db.queries import customers, leads, promises
from dialer.db.session import Database
from dialer.services.calls.compliance_facts import lead_facts, offer_facts, promise_facts
from dialer.services.calls.transitions import TransitionContext
from dialer.services.campaigns.campaign_hours import hours_verdict
from dialer.services.campaigns.campaigns import find_campaign
from dialer.services.customers.dialing_regions import mask
from telephony.numbers import E164, NumberError

ANY_CALL: Final = {
    Purpose.MARKETING: Sentence("any marketing call"),
    Purpose.SERVICE: Sentence("any service call"),
    Purpose.REQUESTED: Sentence("any call that was asked for"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSaid:
    """What one rule says of a call, in its words; `until` is when a refusal of its would be over."""

    rule: Rule
    sentence: str
    refuses: bool
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExplained:
    """One call that could be made: what it is for, what each rule says, and when none would refuse."""

    about: str
    campaign: str | None
    number: str  # masked
    rules: tuple[RuleSaid, ...]  # in the order in which they are asked; the first that refuses decides
    next_at: datetime | None  # the next moment at which it may be made, as far as anybody can tell
    zones: tuple[str, ...] = ()  # every clock that must be open
    places: tuple[str, ...] = ()  # whose rules of hours and caps are asked

    @property
    def refused_by(self) -> RuleSaid | None:
        """The rule that decides; None where the call may be made."""
        return next((said for said in self.rules if said.refuses), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExplained:
    """A customer, or a number of nobody's, with every call that could be made there."""

    customer: int | None
    external_id: str | None
    name: str
    calls: tuple[CallExplained, ...]


def explain_person(
    database: Database,
    who: str,
    now: datetime,
    *,
    region: str = "",
    campaign: str | int | None = None,
) -> tuple[PersonExplained, ...]:
    """What every rule says at `now` of calling the customer with this id or number; `region` reads a number.

    Everybody who has the number is named, and where nobody has it the number alone. A text that is neither
    an id nor a number gets the rule that says why not. Raises `UnknownCampaign`.
    """
    with database.read() as tx:
        entry = TransitionContext(tx, database.policy, now)
        wanted = find_campaign(tx, campaign) if campaign is not None else None
        stored = customers.by_external_ids(tx, [who]).get(who)
        known = customers.find(tx, stored.id) if stored is not None else None
        try:
            e164 = E164.parse(who, region=region or None).e164
        except NumberError as error:
            if known is None:
                return (_unreadable(Rule(error.rule)),)
            return (_person(entry, known, wanted),)
        found = {each.id: each for each in (known, *customers.all_with_number(tx, e164)) if each is not None}
        if found:
            return tuple(_person(entry, each, wanted) for each in found.values())
        return (_nobodys(entry, e164, wanted),)


def explain_customer(
    database: Database, customer: int, now: datetime, *, campaign: str | int | None = None
) -> PersonExplained | None:
    """The same of one customer by Winback's own number; None where there is no such customer."""
    with database.read() as tx:
        found = customers.find(tx, customer)
        if found is None:
            return None
        wanted = find_campaign(tx, campaign) if campaign is not None else None
        return _person(TransitionContext(tx, database.policy, now), found, wanted)


def _person(entry: TransitionContext, customer: Customer, wanted: Campaign | None) -> PersonExplained:
    """The customer's calls: of each campaign that may still call them, of each promise, else of any offer."""
    numbers = [number.e164 for number in leads.numbers_of(entry.tx, customer.id)]
    calls = [
        _lead(entry, lead, campaign)
        for lead, campaign in leads.of_customer(entry.tx, customer.id)
        if (campaign.state is not CampaignState.FINISHED if wanted is None else campaign.id == wanted.id)
    ]
    if wanted is None:
        calls += [_promise(entry, promise) for promise in promises.open_of(entry.tx, customer.id, numbers)]
    if not calls:
        calls = [_offer(entry, e164, customer, wanted) for e164 in numbers]
    return PersonExplained(
        customer=customer.id, external_id=customer.external_id, name=customer.name, calls=tuple(calls)
    )


def _nobodys(entry: TransitionContext, e164: str, wanted: Campaign | None) -> PersonExplained:
    calls = (
        []
        if wanted is not None
        else [_promise(entry, row) for row in promises.open_of(entry.tx, None, [e164])]
    )
    return PersonExplained(
        customer=None,
        external_id=None,
        name="",
        calls=tuple(calls) or (_offer(entry, e164, None, wanted),),
    )


def _unreadable(rule: Rule) -> PersonExplained:
    said = RuleSaid(rule=rule, sentence=SENTENCES[rule], refuses=True, until=None)
    call = CallExplained(about=Sentence("any call"), campaign=None, number="", rules=(said,), next_at=None)
    return PersonExplained(customer=None, external_id=None, name="", calls=(call,))


def _lead(entry: TransitionContext, lead: Lead, campaign: Campaign) -> CallExplained:
    hours = hours_verdict(campaign, entry.policy, entry.now, agreed=lead.asked_again or lead.owed)
    standing = tuple(lead_standing(lead.state, lead.next_at, campaign.state, entry.now, hours))
    reserved = lead.owed or campaign.mode not in OVER_DIALLED
    facts = lead_facts(entry, lead, campaign, agent_reserved=reserved)
    about = Sentence("campaign %(name)s", name=repr(campaign.name))
    return _explained(entry, about, campaign.name, lead.e164, standing, facts, max(entry.now, lead.next_at))


def _promise(entry: TransitionContext, promise: Promise) -> CallExplained:
    due = promise.next_action_at
    standing = tuple(promise_standing(promise.state, due, entry.now, held=promise.held_since is not None))
    facts = promise_facts(entry, promise)
    about = Sentence("the callback promised as %(reference)s", reference=promise.reference)
    theirs = replace(entry, policy=replace(entry.policy, rulebook=entry.policy.rules_for(promise.queue)))
    return _explained(theirs, about, None, promise.e164, standing, facts, max(entry.now, due or entry.now))


def _offer(
    entry: TransitionContext, e164: str, customer: Customer | None, wanted: Campaign | None
) -> CallExplained:
    """A call of a campaign on whose list the person does not stand, or of any."""
    purpose = Purpose(wanted.purpose) if wanted is not None else Purpose.MARKETING
    standing = (Verdict(Rule.LEAD_UNKNOWN, refuses=True),) if wanted is not None else ()
    about = Sentence("campaign %(name)s", name=repr(wanted.name)) if wanted is not None else ANY_CALL[purpose]
    facts = offer_facts(entry, e164, customer, purpose)
    return _explained(entry, about, wanted.name if wanted else None, e164, standing, facts, entry.now)


def _explained(  # noqa: PLR0917 - one call, what was asked before its rules, and from when on they count
    entry: TransitionContext,
    about: str,
    campaign: str | None,
    e164: str,
    standing: Iterable[Verdict],
    facts: ComplianceFacts,
    due: datetime,
) -> CallExplained:
    rules = entry.policy.rulebook
    before = tuple(standing)
    healed = all(verdict.until is not None for verdict in before if verdict.refuses)
    later = judge(facts, rules, due)
    free_at = due if later is None else later.until
    verdicts = (*before, *ask(facts, rules, entry.now))
    return CallExplained(
        about=about,
        campaign=campaign,
        number=mask(e164),
        rules=tuple(
            RuleSaid(
                rule=verdict.rule,
                sentence=SENTENCES[verdict.rule],
                refuses=verdict.refuses,
                until=verdict.until,
            )
            for verdict in verdicts
        ),
        next_at=entry.now if first_refusal(verdicts) is None else free_at if healed else None,
        zones=facts.zones,
        places=tuple(pack.name for pack in packs_of(facts, rules) if facts.purpose in pack.hours),
    )
