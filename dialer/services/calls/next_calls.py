"""What there is to do next: due promises, then callable leads of running campaigns."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache

from dialer.core.calling.best_time import ANY_MOMENT, LOOK_AHEAD, Moment, draw_hour, moment_of
from dialer.core.calling.policy import CallingPolicy
from dialer.core.calling.work_priority import DueLead, DuePromise, by_rank, in_turn
from dialer.core.compliance.check import ComplianceFacts, clocks_of
from dialer.core.compliance.registers import stale_countries
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.core.compliance.windows import is_zone, refusal_of, zone_of
from dialer.db.models import Campaign, Lead
from dialer.db.queries import leads, leases, promises
from dialer.db.queries.leases import WHOLE
from dialer.db.session import Database
from dialer.services.analytics.contact_times import Answering, answering, local_clock
from dialer.services.customers.register_copies import register_copies


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
    team: str | None = None  # whose agents keep it; None: everybody


Work = LeadWork | PromiseWork


def next_work(
    database: Database, now: datetime, *, limit: int, pbx: str | None = None
) -> tuple[tuple[PromiseWork, ...], tuple[LeadWork, ...]]:
    """Due promises in order of place, and at most `limit` callable leads of each running campaign.

    Cheap enough for every turn of the engine: places that are closed are left out by one look at a clock
    each, numbers on the do-not-call list, on a register or in the air by the query. Caps and spacing are
    the compliance check's. Any PBX may do any work: the claim decides who does it, and the engine of `pbx`
    looks for leads of its own share first. Once it is known who answers when, leads that are better rung
    later today come last (`core.best_time`).
    """
    with database.read() as tx:
        due = promises.due(tx, now, limit)
        dialing_regions = {
            dialing_region.id: (dialing_region.country, tuple(dialing_region.zones))
            for dialing_region in leads.all_places(tx)
        }
        known = answering(database, tx)
        found: dict[int, tuple[DueLead, LeadWork]] = {}
        stale = stale_countries(register_copies(tx), now)
        share = leases.share_of(tx, pbx) if pbx is not None else WHOLE
        for campaign in leads.running(tx):
            purpose = Purpose(campaign.purpose)
            closed = stale if purpose is Purpose.MARKETING else frozenset()
            opened = [
                key
                for key, (country, zones) in dialing_regions.items()
                if country not in closed and is_open(database.policy.rulebook, purpose, country, zones, now)
            ]
            looked_at = limit if known is None else limit * LOOK_AHEAD
            asked: list[tuple[DueLead, LeadWork]] = []
            for lead in leads.callable_leads(tx, campaign, opened, now, looked_at, share=share):
                chance, moment = _timing(
                    database.policy, known, lead, purpose, dialing_regions[lead.dialing_region_id], now
                )
                if moment.offered:
                    asked.append((_due(lead, moment), _work(database.policy, lead, campaign, chance, moment)))
            by_turn = {due_lead.lead: (due_lead, work) for due_lead, work in asked}
            for turn in by_rank(due_lead for due_lead, _ in asked)[:limit]:
                found[turn.lead] = by_turn[turn.lead]
    made_in = {row.id: row.source_call for row in due}
    turns = in_turn(DuePromise(promise=row.id, virtual_join=row.virtual_join) for row in due)
    ranked = by_rank(due_lead for due_lead, _ in found.values())
    policy = database.policy
    teams = {row.id: policy.inbound_teams.get(row.queue) for row in due}
    return (
        tuple(
            PromiseWork(
                promise=turn.promise,
                queue=policy.queue_of(teams[turn.promise]),
                team=teams[turn.promise],
                ring_s=policy.ring_s,
                virtual_join=turn.virtual_join,
                source_call=made_in[turn.promise],
            )
            for turn in turns
        ),
        tuple(found[due_lead.lead][1] for due_lead in ranked),
    )


def _timing(  # noqa: PLR0917 - a lead, where it is, and when
    policy: CallingPolicy,
    known: Answering | None,
    lead: Lead,
    purpose: Purpose,
    dialing_region: tuple[str, tuple[str, ...]],
    now: datetime,
) -> tuple[float | None, Moment]:
    """A lead's chance of an answer, and what this hour is for it; nothing until enough was learned."""
    clock = local_clock(dialing_region[1], now)
    if known is None or clock is None:
        return None, ANY_MOMENT
    chances = known.chances(lead, clock.weekday())
    if lead.asked_again or lead.owed:
        return chances[clock.hour], ANY_MOMENT
    allowed = open_hours(policy.rulebook, purpose, *dialing_region, clock)
    drawn = draw_hour(lead.id, lead.attempts_made, clock.date(), allowed, policy.random_hours)
    return chances[clock.hour], moment_of(chances, clock.hour, allowed, drawn=drawn)


def _due(lead: Lead, moment: Moment) -> DueLead:
    return DueLead(
        lead=lead.id,
        campaign=lead.campaign_id,
        rank=lead.rank,
        value=lead.gain or 0.0,
        asked_again=lead.asked_again,
        drawn=moment.drawn,
        waits=moment.waits,
    )


def _work(
    policy: CallingPolicy, lead: Lead, campaign: Campaign, chance: float | None, moment: Moment
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


def open_hours(
    rulebook: Rulebook, purpose: Purpose, country: str, zones: tuple[str, ...], clock: datetime
) -> tuple[int, ...]:
    """The hours of a local day, 0 to 23, in whose middle the place is open; asked once a day."""
    return _open_hours(_Keyed(rulebook), purpose, country, zones, clock.date())


def is_open(
    rulebook: Rulebook, purpose: Purpose, country: str, zones: tuple[str, ...], now: datetime
) -> bool:
    """Whether every clock of a place is open; windows begin and end on whole minutes."""
    minute = now.replace(second=0, microsecond=0)
    return _open_in_minute(_Keyed(rulebook), purpose, country, zones, minute)


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
def _open_in_minute(
    keyed: _Keyed, purpose: Purpose, country: str, zones: tuple[str, ...], minute: datetime
) -> bool:
    rules = keyed.rulebook
    if refusal_of((rules.queue.clock(),), minute) is not None:
        return False
    if not zones or not all(is_zone(zone) for zone in zones):
        return purpose is Purpose.REQUESTED
    facts = ComplianceFacts(purpose=purpose, country=country, zones=zones)
    return refusal_of(clocks_of(facts, rules), minute) is None


@lru_cache(maxsize=1024)
def _open_hours(
    keyed: _Keyed, purpose: Purpose, country: str, zones: tuple[str, ...], day: date
) -> tuple[int, ...]:
    middles = ((hour, datetime.combine(day, time(hour, 30), tzinfo=zone_of(zones[0]))) for hour in range(24))
    return tuple(
        hour
        for hour, middle in middles
        if _open_in_minute(keyed, purpose, country, zones, middle.astimezone(UTC))
    )
