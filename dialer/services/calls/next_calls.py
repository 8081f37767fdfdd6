"""What there is to do next: due promises, then callable leads of running campaigns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.best_time import ANY_MOMENT, LOOK_AHEAD, Moment, draw_hour, moment_of
from dialer.core.calling.policy import CallingPolicy
from dialer.core.calling.work_priority import DueLead, DuePromise, by_rank, in_turn
from dialer.core.compliance.check import ComplianceFacts, clocks_of, judge
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.core.compliance.windows import is_zone, refusal_of, zone_of
from dialer.db.models import Campaign
from dialer.db.queries import due_leads, due_promises, leads, leases
from dialer.db.queries.due_leads import DueLeadRow, LeadsFound
from dialer.db.queries.leases import WHOLE, EngineShare
from dialer.db.session import Database, Transaction
from dialer.services.analytics.contact_times import Answering, answering, local_clock
from dialer.services.campaigns.campaign_hours import hours_verdict
from dialer.services.customers.register_copies import register_copies

#: how long nobody looks again at leads of a place that no clock opens, such as one whose register is too old
PLACE_AGAIN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadWork:
    """A lead that may be rung as far as a cheap look tells; the compliance check has the last word."""

    lead: int
    campaign: int
    queue: str
    ring_s: int
    answer_probability: float | None
    value: float
    slot_propensity: float | None = None  # where chance drew this hour: the chance it had
    owed: bool = False  # an abandoned call is made up for: only with an agent of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseWork:
    """A promise whose next call is due; its customer is handed to `queue`."""

    promise: int
    queue: str
    ring_s: int
    virtual_join: datetime
    source_call: str  # the call in which it was promised
    asked_in: str = ""  # the inbound queue it belongs to
    owner: str | None = None  # the agent who is to call; None: whoever is free
    due_at: datetime | None = None  # since when it could be rung
    team: str | None = None  # whose agents keep it; None: everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWork:
    """A wish from the web whose number is to be rung with the code; it takes no agent."""

    wish: int
    queue: str  # of the order; nobody is led there
    ring_s: int


Work = LeadWork | PromiseWork | CodeWork


class RegionAsked(NamedTuple):
    """A dialing region as the rules are asked about it."""

    country: str
    zones: tuple[str, ...]
    residence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a look for work is made by, and changes so seldom that a turn need not ask for it."""

    places: Mapping[int, RegionAsked]  # by dialing region
    known: Answering | None
    stale: frozenset[str]  # countries whose registers are too old to tell
    share: EngineShare
    others: frozenset[str]  # PBXs that another engine leads


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Leads in front of others that a rule holds until a moment."""

    leads: tuple[int, ...]
    rule: Rule
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFound:
    """What there is to do, and what to put out of the way of the next look."""

    promises: tuple[PromiseWork, ...]
    leads: tuple[LeadWork, ...]
    held_up: tuple[HeldUp, ...]
    behind: tuple[int, ...]  # campaigns with many leads whose moment came


def next_work(
    database: Database, now: datetime, *, limit: int, pbx: str | None = None
) -> tuple[tuple[PromiseWork, ...], tuple[LeadWork, ...]]:
    """Due promises in order of place, and at most `limit` callable leads of each running campaign.

    Places that are closed are left out by one look at a clock each, numbers on the do-not-call list, on a
    register or in the air by the query. Caps and spacing are the compliance check's. Any PBX may do any
    work: the claim decides who does it, and the engine of `pbx` looks for leads of its own share first.
    Once it is known who answers when, leads that are better rung later today come last (`core.best_time`).
    """
    found = look_for_work(database, look_around(database, now, pbx), now, limit=limit)
    return found.promises, found.leads


def look_around(database: Database, now: datetime, pbx: str | None = None) -> Surroundings:
    """What the next looks for work are made by."""
    with database.read() as tx:
        led = leases.led(tx) if pbx is not None else []
        return Surroundings(
            {
                place.id: RegionAsked(place.country, tuple(place.zones), tuple(place.residence.split()))
                for place in leads.all_places(tx)
            },
            answering(database, tx),
            stale_countries(register_copies(tx), now),
            leases.share_of(pbx, led) if pbx is not None else WHOLE,
            frozenset(led) - {pbx},
        )


def look_for_work(database: Database, around: Surroundings, now: datetime, *, limit: int) -> WorkFound:
    """The same as `next_work`, for an engine that looks all the time, and what stood in the way."""
    with database.look() as tx:
        return find_work(tx, database.policy, around, leads.running(tx), now, limit=limit)


def find_work(
    tx: Transaction,
    policy: CallingPolicy,
    around: Surroundings,
    running: Sequence[Campaign],
    now: datetime,
    *,
    limit: int,
    promised: bool = True,
    leads: tuple[LeadWork, ...] | None = None,
) -> WorkFound:
    """The same inside a transaction, of campaigns that are known to run.

    `promised`: whether any promise can be due; where it is known that none is, nothing is asked.
    `leads`: where they are known already, and are not looked for.
    """
    known = around.known
    found: dict[int, tuple[DueLead, LeadWork]] = {}
    held_up: list[HeldUp] = []
    behind: list[int] = []
    due = due_promises.due(tx, now, limit) if promised else ()
    for campaign in running if leads is None else ():
        purpose = Purpose(campaign.purpose)
        closed = around.stale if purpose is Purpose.MARKETING else frozenset()
        opened = [
            key
            for key, place in around.places.items()
            if place.country not in closed and is_open(policy.rulebook, purpose, place, now)
        ]
        looked_at = limit if known is None else limit * LOOK_AHEAD
        seen = due_leads.callable_leads(tx, campaign, opened, now, looked_at, share=around.share)
        asked: list[tuple[DueLead, LeadWork]] = []
        shut = hours_verdict(campaign, policy, now).refuses
        for lead in seen.free:
            if shut and not (lead.asked_again or lead.owed):
                continue
            place = around.places[lead.dialing_region_id]
            chance, moment = _timing(policy, known, lead, purpose, place, now)
            if moment.offered:
                asked.append((_due(lead, campaign, moment), _work(policy, lead, campaign, chance, moment)))
        by_turn = {due_lead.lead: (due_lead, work) for due_lead, work in asked}
        for turn in by_rank(due_lead for due_lead, _ in asked)[:limit]:
            found[turn.lead] = by_turn[turn.lead]
        held_up += _held_up(policy.rulebook, around, purpose, seen, now)
        behind += [campaign.id] if seen.behind else []
    rows = {row.id: row for row in due}
    turns = in_turn(DuePromise(promise=row.id, virtual_join=row.virtual_join) for row in due)
    ranked = by_rank(due_lead for due_lead, _ in found.values())
    teams = {row.id: policy.inbound_teams.get(row.queue) for row in due}
    return WorkFound(
        promises=tuple(
            PromiseWork(
                promise=turn.promise,
                queue=policy.queue_of(teams[turn.promise]),
                team=teams[turn.promise],
                ring_s=policy.ring_s,
                virtual_join=turn.virtual_join,
                source_call=rows[turn.promise].source_call,
                asked_in=rows[turn.promise].queue,
                owner=rows[turn.promise].owner,
                due_at=rows[turn.promise].next_action_at,
            )
            for turn in turns
        ),
        leads=tuple(found[due_lead.lead][1] for due_lead in ranked) if leads is None else leads,
        held_up=tuple(held_up),
        behind=tuple(behind),
    )


def make_way(database: Database, found: WorkFound, now: datetime) -> None:
    """Put leads that a rule holds off to its moment, and those whose moment came back into their order."""
    with database.write() as tx:
        for each in found.held_up:
            due_leads.rest(tx, each.leads, each.until, each.rule)
        for campaign in found.behind:
            due_leads.wake(tx, campaign, now)


def _held_up(
    rulebook: Rulebook, around: Surroundings, purpose: Purpose, seen: LeadsFound, now: datetime
) -> Iterator[HeldUp]:
    """Those that were found in front of others, by the rule that holds them and until when."""
    by_rule: defaultdict[Rule, list[int]] = defaultdict(list)
    for lead, rule in seen.held:
        by_rule[rule].append(lead)
    for rule, held in by_rule.items():
        yield HeldUp(tuple(held), rule, Refusal(rule=rule).again_at(now) or now + PLACE_AGAIN)
    by_place: defaultdict[int, list[int]] = defaultdict(list)
    for lead, place in seen.closed:
        by_place[place].append(lead)
    for place, held in by_place.items():
        if place not in around.places:
            continue  # a place that came with a file a moment ago
        asked = around.places[place]
        facts = ComplianceFacts(
            purpose=purpose,
            country=asked.country,
            zones=asked.zones,
            residence=asked.residence,
            register_stale=purpose is Purpose.MARKETING and asked.country in around.stale,
            consent=True,  # each customer's own, and asked when it is their turn
        )
        refusal = judge(facts, rulebook, now)
        if refusal is not None:
            yield HeldUp(tuple(held), refusal.rule, refusal.until or now + PLACE_AGAIN)


def _timing(  # noqa: PLR0917 - a lead, where it is, and when
    policy: CallingPolicy,
    known: Answering | None,
    lead: DueLeadRow,
    purpose: Purpose,
    dialing_region: RegionAsked,
    now: datetime,
) -> tuple[float | None, Moment]:
    """A lead's chance of an answer, and what this hour is for it; nothing until enough was learned."""
    clock = local_clock(dialing_region.zones, now) if known is not None else None
    if known is None or clock is None:
        return None, ANY_MOMENT
    chances = known.chances(lead, clock.weekday())
    if lead.asked_again or lead.owed:
        return chances[clock.hour], ANY_MOMENT
    allowed = open_hours(policy.rulebook, purpose, dialing_region, clock)
    drawn = draw_hour(lead.id, lead.attempts_made, clock.date(), allowed, policy.random_hours)
    return chances[clock.hour], moment_of(chances, clock.hour, allowed, drawn=drawn)


def _due(lead: DueLeadRow, campaign: Campaign, moment: Moment) -> DueLead:
    return DueLead(
        lead=lead.id,
        campaign=campaign.id,
        rank=lead.rank,
        value=lead.gain or 0.0,
        asked_again=lead.asked_again,
        drawn=moment.drawn,
        waits=moment.waits,
    )


def _work(
    policy: CallingPolicy, lead: DueLeadRow, campaign: Campaign, chance: float | None, moment: Moment
) -> LeadWork:
    return LeadWork(
        lead=lead.id,
        campaign=campaign.id,
        queue=policy.queue_of(campaign.team_id) if campaign.team_id is not None else campaign.queue,
        ring_s=campaign.ring_s,
        answer_probability=chance,
        value=lead.gain or 0.0,
        slot_propensity=moment.propensity,
        owed=lead.owed,
    )


def open_hours(rulebook: Rulebook, purpose: Purpose, region: RegionAsked, clock: datetime) -> tuple[int, ...]:
    """The hours of a local day, 0 to 23, in whose middle the place is open; asked once a day."""
    return _open_hours(_Keyed(rulebook), purpose, region, clock.date())


def is_open(rulebook: Rulebook, purpose: Purpose, region: RegionAsked, now: datetime) -> bool:
    """Whether every clock of a place is open; windows begin and end on whole minutes."""
    minute = now.replace(second=0, microsecond=0)
    return _open_in_minute(_Keyed(rulebook), purpose, region, minute)


class _Keyed:
    """A rulebook as a cache key: by identity, since it is never changed and too big to hash."""

    __slots__ = ("rulebook",)

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook

    def __hash__(self) -> int:
        return id(self.rulebook)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.rulebook is self.rulebook


@lru_cache(maxsize=4096)
def _open_in_minute(keyed: _Keyed, purpose: Purpose, region: RegionAsked, minute: datetime) -> bool:
    rules = keyed.rulebook
    if refusal_of((rules.queue.clock(),), minute) is not None:
        return False
    if not region.zones or not all(is_zone(zone) for zone in region.zones):
        return purpose is Purpose.REQUESTED
    facts = ComplianceFacts(
        purpose=purpose, country=region.country, zones=region.zones, residence=region.residence
    )
    return refusal_of(clocks_of(facts, rules), minute) is None


@lru_cache(maxsize=1024)
def _open_hours(keyed: _Keyed, purpose: Purpose, region: RegionAsked, day: date) -> tuple[int, ...]:
    zone = zone_of(region.zones[0])
    middles = ((hour, datetime.combine(day, time(hour, 30), tzinfo=zone)) for hour in range(24))
    return tuple(
        hour for hour, middle in middles if _open_in_minute(keyed, purpose, region, middle.astimezone(UTC))
    )
