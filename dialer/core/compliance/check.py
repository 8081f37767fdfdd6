"""The compliance check: every call, callbacks included, is judged here at the last moment before it rings.

Rules that time does not heal are asked first. The others are asked at `now`, and where they refuse,
again at the moment they name, until one is found at which all of them agree: that is `until`.

Rule ids: `number.…` (the line is of no use), `hours.no-zone` (nobody can tell what time it is there),
`person.restricted`, `dnc.listed`, `dnc.person`, `dnc.register` (a public register; marketing alone),
`dnc.register-stale` (its copy is too old), `consent.missing`, `consent.refused`,
`number.busy` (another attempt is on its way to this person),
`number.reached`, `lead.other-first`, `cap.campaign` (what came of this campaign under another record with the
number), `promise.open` (a promised call to this person comes first),
`hours.closed`, `hours.holiday`, `hours.no-calendar`, `hours.night`, `queue.closed`, `cap.rings`, `cap.day`,
`cap.month`, `spacing`, `abandoned.agent-only`, `refused.quiet`.

The rules are asked in one place, `ask`, which says what each of them answers: `judge` stops at the first that
refuses, and an explanation is the whole of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.caps import DAY, MONTH, room_again, spaced_again
from dialer.core.compliance.residence import country_of
from dialer.core.compliance.rulebook import Pack, Purpose, Rulebook
from dialer.core.compliance.windows import Hours, LocalClock, is_zone, next_opening, refusal_of

#: steps; each one passes the end of a cap, a holiday or a night, and a month of them is enough
MOST_STEPS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceFacts:
    """What is known of one number and of why it is to be rung."""

    purpose: Purpose
    number: str = ""  # E.164: its first digits may tell a state with rules of its own; "" where none is meant
    country: str | None  # ISO code, "001" or None where the number belongs to no country
    zones: tuple[str, ...]  # every zone the person may be in; a stated zone stands alone
    residence: tuple[str, ...] = ()  # ISO 3166: where the person lives by their address
    number_rule: Rule | None = None  # why the number cannot be rung at all
    do_not_call: bool = False
    registered: bool = False  # on a public register of people who want no marketing calls
    register_stale: bool = False  # the copy of that country's register is too old to tell
    put_off: bool = False  # the person is, whatever number they have or get
    consent: bool = False  # to marketing by telephone, on record
    consent_refused: bool = False  # the record says no to it, or that it was taken back
    asked_again: bool = False  # this very call was agreed with the person
    agent_reserved: bool = False
    restricted: bool = False  # the person's data may only be kept, whatever the purpose
    in_the_air: bool = False  # another attempt to this number is open
    others: Rule | None = None  # what this campaign's calls to the number under other records forbid
    promise_open: bool = False  # the person waits for a call that was promised; an offer may not come first
    asked_at: datetime | None = None  # of a requested call: when the person asked for it
    rings: tuple[datetime, ...] = ()  # of the last 30 days, in order; our own failures are not among them
    last_abandoned_at: datetime | None = None
    last_refused_at: datetime | None = None  # the person turned an offer down


class Verdict(NamedTuple):
    """What one rule says of one call at one moment."""

    rule: Rule
    refuses: bool
    until: datetime | None = None  # where it refuses: when it no longer would

    @property
    def refusal(self) -> Refusal | None:
        """The refusal, or None where the rule lets the call through."""
        return Refusal(rule=self.rule, until=self.until) if self.refuses else None


def first_refusal(verdicts: Iterable[Verdict]) -> Refusal | None:
    """What the first rule says that refuses; the rules after it are not asked."""
    return next((verdict.refusal for verdict in verdicts if verdict.refuses), None)


def judge(facts: ComplianceFacts, rules: Rulebook, now: datetime) -> Refusal | None:
    """The first rule that refuses the call at `now`, and when none would; None where it may be made."""
    lasting = first_refusal(_lasting(facts, rules))
    if lasting is not None:
        return lasting
    first: Rule | None = None
    moment = now
    for _ in range(MOST_STEPS):
        wait = first_refusal(_waits(facts, rules, moment))
        if wait is None:
            return None if first is None else Refusal(rule=first, until=moment)
        first = first or wait.rule
        if wait.until is None:
            break
        moment = wait.until
    return Refusal(rule=first or Rule.HOURS_CLOSED)


def ask(facts: ComplianceFacts, rules: Rulebook, now: datetime) -> Iterator[Verdict]:
    """What each rule that is asked about this call says at `now`, in the order in which they are asked."""
    yield from _lasting(facts, rules)
    yield from _waits(facts, rules, now)


def clocks_of(facts: ComplianceFacts, rules: Rulebook) -> tuple[LocalClock, ...]:
    """Every clock that must be open for this call: the person's possible zones under each pack in force."""
    countries = tuple(dict.fromkeys((facts.country or "", *map(country_of, facts.residence))))
    return tuple(
        LocalClock(zone=zone, hours=pack.hours[facts.purpose], calendar=rules.calendars.get(country))
        for pack in packs_of(facts, rules)
        if facts.purpose in pack.hours
        for country in (countries if pack.country is None else (pack.country,))
        for zone in facts.zones
        if is_zone(zone)
    )


def packs_of(facts: ComplianceFacts, rules: Rulebook) -> tuple[Pack, ...]:
    """The packs in force for this call: those of the number, and of where its owner lives."""
    return rules.packs_for(facts.country, facts.number, facts.residence)


def _lasting(facts: ComplianceFacts, rules: Rulebook) -> Iterator[Verdict]:
    """The rules that time does not heal."""
    if facts.number_rule is not None:
        yield Verdict(facts.number_rule, refuses=True)
    yield Verdict(Rule.PERSON_RESTRICTED, refuses=facts.restricted)
    yield Verdict(Rule.NUMBER_BUSY, refuses=facts.in_the_air)
    if facts.purpose is Purpose.REQUESTED:
        return
    yield Verdict(Rule.DNC_LISTED, refuses=facts.do_not_call)
    sells = facts.purpose is Purpose.MARKETING
    yield Verdict(Rule.DNC_PERSON, refuses=facts.put_off)
    if sells:  # our own list binds every offer, a public register marketing alone
        yield Verdict(Rule.DNC_REGISTER, refuses=facts.registered)
        yield Verdict(Rule.DNC_REGISTER_STALE, refuses=facts.register_stale)
    if facts.others is not None:
        yield Verdict(facts.others, refuses=True)
    yield Verdict(Rule.PROMISE_OPEN, refuses=facts.promise_open)
    if sells and any(pack.marketing_needs_consent for pack in packs_of(facts, rules)):
        yield Verdict(Rule.CONSENT_MISSING, refuses=not facts.consent)
    if sells and facts.consent_refused:  # a no binds where the law asks for no yes, too
        yield Verdict(Rule.CONSENT_REFUSED, refuses=True)
    known = bool(facts.zones) and all(is_zone(zone) for zone in facts.zones)
    yield Verdict(Rule.HOURS_NO_ZONE, refuses=not known)


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


def _waits(facts: ComplianceFacts, rules: Rulebook, moment: datetime) -> Iterator[Verdict]:
    """The rules that time heals, asked at this moment; who refuses says from when on it no longer would."""
    yield _open_at((rules.queue.clock(),), Rule.QUEUE_CLOSED, moment)
    clocks = clocks_of(facts, rules)
    if clocks:
        yield _open_at(clocks, None, moment)
    if facts.asked_at is not None:
        night = refuse_night(facts.zones, facts.asked_at, rules, moment)
        yield Verdict(Rule.HOURS_NIGHT, night is not None, night.until if night is not None else None)
    yield _capped(Rule.CAP_RINGS, facts, rules.limits.rings_per_day, DAY, moment)
    if facts.purpose is Purpose.REQUESTED:
        return
    packs = packs_of(facts, rules)
    per_day = _least(rules.limits.attempts_per_day, [pack.attempts_per_day for pack in packs])
    yield _capped(Rule.CAP_DAY, facts, per_day, DAY, moment)
    per_month = _least(rules.limits.attempts_per_30_days, [pack.attempts_per_30_days for pack in packs])
    yield _capped(Rule.CAP_MONTH, facts, per_month, MONTH, moment)
    if not facts.asked_again:
        spaced = spaced_again(facts.rings, rules.limits.spacing, moment)
        yield Verdict(Rule.SPACING, spaced is not None, spaced)
    for pack in packs:
        yield from _after_harm(facts, pack, moment)


def _open_at(clocks: tuple[LocalClock, ...], rule: Rule | None, moment: datetime) -> Verdict:
    """Whether these clocks are open; `rule` stands for whichever keeps one of them closed."""
    closed = refusal_of(clocks, moment)
    if closed is None:
        return Verdict(rule or Rule.HOURS_CLOSED, refuses=False)
    return Verdict(rule or closed, refuses=True, until=next_opening(clocks, moment))


def _capped(rule: Rule, facts: ComplianceFacts, limit: int, span: timedelta, moment: datetime) -> Verdict:
    again = room_again(facts.rings, limit, span, moment)
    return Verdict(rule, again is not None, again)


def _after_harm(facts: ComplianceFacts, pack: Pack, moment: datetime) -> Iterator[Verdict]:
    """Rest for somebody who picked up to silence, or who has said no."""
    if pack.agent_only_after_abandoned and not facts.agent_reserved:
        yield _rested(
            Rule.ABANDONED_AGENT_ONLY, facts.last_abandoned_at, pack.agent_only_after_abandoned, moment
        )
    if pack.quiet_after_refusal and facts.purpose is Purpose.MARKETING:
        yield _rested(Rule.REFUSED_QUIET, facts.last_refused_at, pack.quiet_after_refusal, moment)


def _rested(rule: Rule, since: datetime | None, rest: timedelta, moment: datetime) -> Verdict:
    if since is None or moment >= since + rest:
        return Verdict(rule, refuses=False)
    return Verdict(rule, refuses=True, until=since + rest)


def _least(own: int, others: list[int | None]) -> int:
    return min([own, *(limit for limit in others if limit is not None)])
