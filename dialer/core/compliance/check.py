"""The compliance check: every call, callbacks included, is judged here at the last moment before it rings.

Rules that time does not heal are asked first. The others are asked at `now`, and where they refuse,
again at the moment they name, until one is found at which all of them agree: that is `until`.

Rule ids: `number.…` (the line is of no use), `hours.no-zone` (nobody can tell what time it is there),
`person.restricted`, `dnc.listed`, `consent.missing`,
`number.busy` (another attempt is on its way to this person),
`promise.open` (a promised call to this person comes first),
`hours.closed`, `hours.holiday`, `hours.no-calendar`, `hours.night`, `queue.closed`, `cap.rings`, `cap.day`,
`cap.month`, `spacing`, `abandoned.agent-only`, `refused.quiet`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.caps import DAY, MONTH, room_again, spaced_again
from dialer.core.compliance.rulebook import Pack, Purpose, Rulebook
from dialer.core.compliance.windows import Hours, LocalClock, is_zone, next_opening, refusal_of

#: steps; each one passes the end of a cap, a holiday or a night, and a month of them is enough
MOST_STEPS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceFacts:
    """What is known of one number and of why it is to be rung."""

    purpose: Purpose
    country: str | None  # ISO code, "001" or None where the number belongs to no country
    zones: tuple[str, ...]  # every zone the person may be in; a stated zone stands alone
    number_rule: Rule | None = None  # why the number cannot be rung at all
    do_not_call: bool = False
    consent: bool = False  # to marketing by telephone, on record
    asked_again: bool = False  # this very call was agreed with the person
    agent_reserved: bool = False
    restricted: bool = False  # the person's data may only be kept, whatever the purpose
    in_the_air: bool = False  # another attempt to this number is open
    promise_open: bool = False  # the person waits for a call that was promised; an offer may not come first
    asked_at: datetime | None = None  # of a requested call: when the person asked for it
    rings: tuple[datetime, ...] = ()  # of the last 30 days, in order; our own failures are not among them
    last_abandoned_at: datetime | None = None
    last_refused_at: datetime | None = None  # the person turned an offer down


def judge(facts: ComplianceFacts, rules: Rulebook, now: datetime) -> Refusal | None:
    """The first rule that refuses the call at `now`, and when none would; None where it may be made."""
    lasting = _lasting_rule(facts, rules)
    if lasting is not None:
        return Refusal(rule=lasting)
    first: Rule | None = None
    moment = now
    for _ in range(MOST_STEPS):
        wait = next(_waits(facts, rules, moment), None)
        if wait is None:
            return None if first is None else Refusal(rule=first, until=moment)
        first = first or wait.rule
        if wait.until is None:
            break
        moment = wait.until
    return Refusal(rule=first or Rule.HOURS_CLOSED)


def clocks_of(facts: ComplianceFacts, rules: Rulebook) -> tuple[LocalClock, ...]:
    """Every clock that must be open for this call: the person's possible zones under each pack in force."""
    calendar = rules.calendars.get(facts.country or "")
    return tuple(
        LocalClock(zone=zone, hours=pack.hours[facts.purpose], calendar=calendar)
        for pack in rules.packs_for(facts.country)
        if facts.purpose in pack.hours
        for zone in facts.zones
    )


def _lasting_rule(facts: ComplianceFacts, rules: Rulebook) -> Rule | None:
    """The rule that refuses whatever the time, if one does."""
    if facts.number_rule is not None:
        return facts.number_rule
    if facts.restricted:
        return Rule.PERSON_RESTRICTED
    if facts.in_the_air:
        return Rule.NUMBER_BUSY
    if facts.purpose is Purpose.REQUESTED:
        return None
    if facts.do_not_call:
        return Rule.DNC_LISTED
    if facts.promise_open:
        return Rule.PROMISE_OPEN
    packs = rules.packs_for(facts.country)
    wants_consent = any(pack.marketing_needs_consent for pack in packs)
    if facts.purpose is Purpose.MARKETING and wants_consent and not facts.consent:
        return Rule.CONSENT_MISSING
    zoned = bool(facts.zones) and all(is_zone(zone) for zone in facts.zones)
    return None if zoned else Rule.HOURS_NO_ZONE


def refuse_night(
    zones: tuple[str, ...], asked_at: datetime, rules: Rulebook, moment: datetime
) -> Refusal | None:
    """Why somebody who asked for a call at `asked_at` is not rung at `moment`, or None.

    Not to be woken is everybody's right (invariant 10). Without a zone the centre's own clock stands in.
    """
    if moment - asked_at <= rules.requested.fresh:
        return None
    day = Hours(windows=rules.requested.day)
    known = [zone for zone in zones if is_zone(zone)] or [rules.queue.zone]
    clocks = [LocalClock(zone=zone, hours=day) for zone in known]
    if refusal_of(clocks, moment) is None:
        return None
    return Refusal(rule=Rule.HOURS_NIGHT, until=next_opening(clocks, moment))


def _waits(facts: ComplianceFacts, rules: Rulebook, moment: datetime) -> Iterator[Refusal]:
    """The rules that refuse at this moment, each with the moment from which it no longer would."""
    queue = (rules.queue.clock(),)
    if refusal_of(queue, moment) is not None:
        yield Refusal(rule=Rule.QUEUE_CLOSED, until=next_opening(queue, moment))
    yield from _hours(facts, rules, moment)
    if facts.asked_at is not None:
        night = refuse_night(facts.zones, facts.asked_at, rules, moment)
        if night is not None:
            yield night
    yield from _capped(Rule.CAP_RINGS, facts, rules.limits.rings_per_day, moment)
    if facts.purpose is Purpose.REQUESTED:
        return
    packs = rules.packs_for(facts.country)
    per_day = _least(rules.limits.attempts_per_day, [pack.attempts_per_day for pack in packs])
    yield from _capped(Rule.CAP_DAY, facts, per_day, moment)
    per_month = _least(rules.limits.attempts_per_30_days, [pack.attempts_per_30_days for pack in packs])
    month = room_again(facts.rings, per_month, MONTH, moment)
    if month is not None:
        yield Refusal(rule=Rule.CAP_MONTH, until=month)
    if not facts.asked_again:
        spaced = spaced_again(facts.rings, rules.limits.spacing, moment)
        if spaced is not None:
            yield Refusal(rule=Rule.SPACING, until=spaced)
    for pack in packs:
        yield from _after_harm(facts, pack, moment)


def _hours(facts: ComplianceFacts, rules: Rulebook, moment: datetime) -> Iterator[Refusal]:
    clocks = clocks_of(facts, rules)
    closed = refusal_of(clocks, moment)
    if closed is not None:
        yield Refusal(rule=closed, until=next_opening(clocks, moment))


def _capped(rule: Rule, facts: ComplianceFacts, limit: int, moment: datetime) -> Iterator[Refusal]:
    again = room_again(facts.rings, limit, DAY, moment)
    if again is not None:
        yield Refusal(rule=rule, until=again)


def _after_harm(facts: ComplianceFacts, pack: Pack, moment: datetime) -> Iterator[Refusal]:
    """Rest for somebody who picked up to silence, or who has said no."""
    if pack.agent_only_after_abandoned and facts.last_abandoned_at and not facts.agent_reserved:
        until = facts.last_abandoned_at + pack.agent_only_after_abandoned
        if moment < until:
            yield Refusal(rule=Rule.ABANDONED_AGENT_ONLY, until=until)
    if pack.quiet_after_refusal and facts.last_refused_at and facts.purpose is Purpose.MARKETING:
        until = facts.last_refused_at + pack.quiet_after_refusal
        if moment < until:
            yield Refusal(rule=Rule.REFUSED_QUIET, until=until)


def _least(own: int, others: list[int | None]) -> int:
    return min([own, *(limit for limit in others if limit is not None)])
