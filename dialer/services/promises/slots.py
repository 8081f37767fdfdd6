"""Which hours somebody may choose to be called in: both sides open, agents usually there, room left."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callbacks.slots import (
    DAYS_AHEAD,
    QUARTER,
    Slot,
    SlotRules,
    calls_a_quarter,
    can_be_chosen,
    free_slots,
    quarter_at,
    quarters_of,
)
from dialer.core.compliance.check import refuse_night
from dialer.db.queries import slots
from dialer.db.session import Database, Transaction
from dialer.services.customers.dialing_regions import number_facts

LEARNED_FROM: Final = timedelta(days=28)  # four of each weekday; older staffing is another staffing
HOURS_A_DAY: Final = 24
DAYS_A_WEEK: Final = 7
USUAL: Final = 0.5  # the day in the middle: half of the days had fewer agents


def open_slots(database: Database, queue: str, e164: str | None, now: datetime) -> tuple[Slot, ...]:
    """The hours of a queue that can be chosen in the coming days; without a number, by day at the centre."""
    with database.read() as tx:
        return slots_for(tx, database, queue, e164, _hours(database, now), now)


def slots_for(  # noqa: PLR0917 - a queue, a number and the hours that are asked for
    tx: Transaction,
    database: Database,
    queue: str,
    e164: str | None,
    starts: Iterable[datetime],
    now: datetime,
) -> tuple[Slot, ...]:
    """Those of the hours that begin at `starts` which this number can be promised, inside a transaction."""
    policy = database.policy
    zone = ZoneInfo(policy.rulebook.queue.zone)
    hours = policy.hours_of(queue).clock()
    # of nobody it is known where they live: then the centre's own day counts
    zones = number_facts(e164).zones if e164 is not None else ()
    agents = usual_agents(tx, zone, now, policy.agents_of(queue))
    rules = SlotRules(call_s=policy.offers.call_s)
    wanted = tuple(starts)
    room_in = {}
    for quarter in sorted({each for start in wanted for each in quarters_of(start)}):
        closed = hours.refusal(quarter) or hours.refusal(quarter + QUARTER - timedelta(seconds=1))
        # an hour ago at the least: whoever chooses a time is not rung at night, however fresh the wish
        night = refuse_night(zones, now - timedelta(days=1), policy.rulebook, quarter)
        if not closed and not night:
            room_in[quarter] = calls_a_quarter(agents.at(quarter.astimezone(zone)), rules)
    team = policy.inbound_teams.get(queue)
    taken: dict[datetime, int] = {}
    for asked_in, at in slots.booked(tx, now):
        if policy.inbound_teams.get(asked_in) == team:  # they are kept by the same agents
            taken[quarter_at(at)] = taken.get(quarter_at(at), 0) + 1
    return free_slots(wanted, room_in=room_in, taken=taken, now=now)


def slot_at(  # noqa: PLR0917 - the same, of one hour
    tx: Transaction, database: Database, queue: str, e164: str | None, start: datetime, now: datetime
) -> Slot | None:
    """The hour that begins at `start`, where this number, or anybody, can be promised it."""
    if not can_be_chosen(start, ZoneInfo(database.policy.rulebook.queue.zone), now):
        return None
    return next(iter(slots_for(tx, database, queue, e164, (start,), now)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualAgents:
    """How many agents usually talk with somebody, by weekday and hour; `days`: weekdays that are known."""

    by_hour: Mapping[tuple[int, int], int]
    days: frozenset[int]

    def at(self, local: datetime) -> int | None:
        """How many are usually there at a moment on the centre's clock; None where nobody can say yet."""
        if local.weekday() not in self.days:
            return None
        return self.by_hour.get((local.weekday(), local.hour), 0)


def usual_agents(
    tx: Transaction, zone: ZoneInfo, now: datetime, among: Collection[str] | None = None
) -> UsualAgents:
    """What the last four weeks' whole days say of all agents, or of those `among` them.

    In less than a week's history a weekday without a talk says nothing; later, that nobody is there.
    """
    today = now.astimezone(zone).date()
    seen: dict[tuple[date, int], set[str]] = {}
    for agent, at in slots.talks(tx, now - LEARNED_FROM):
        local = at.astimezone(zone)
        if local.date() < today and (among is None or agent in among):
            seen.setdefault((local.date(), local.hour), set()).add(agent)
    days = {day for day, _ in seen}
    usual = {}
    for weekday in {day.weekday() for day in days}:
        same = [day for day in days if day.weekday() == weekday]
        for hour in range(HOURS_A_DAY):
            counts = sorted(len(seen.get((day, hour), ())) for day in same)
            middle = counts[int((len(counts) - 1) * USUAL)]
            if middle:
                usual[weekday, hour] = middle
    whole_week = bool(days) and today - min(days) >= timedelta(days=DAYS_A_WEEK)
    known = frozenset(range(DAYS_A_WEEK)) if whole_week else frozenset(day.weekday() for day in days)
    return UsualAgents(by_hour=usual, days=known)


def _hours(database: Database, now: datetime) -> Iterable[datetime]:
    """Every full hour of the coming days on the centre's clock."""
    zone = ZoneInfo(database.policy.rulebook.queue.zone)
    local = now.astimezone(zone)
    first = now - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (first + timedelta(hours=step) for step in range(1, DAYS_AHEAD * HOURS_A_DAY + 1))
