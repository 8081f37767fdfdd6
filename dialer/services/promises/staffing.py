"""How many agents the callers and promised calls of a coming day take, beside how many are usually there.

Callers and calls at chosen times are told by `core.staffing.forecast` from the queue's own last eight weeks,
and the agents they take by Erlang A (`core.staffing.agents_needed`), with the patience that callers showed. A
caller who is promised a call in turn is counted once, when they rang in: the work is the same an hour later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from callbacks.slots import QUARTER, QUARTER_MINUTES
from callbacks.wait_estimate import HIGH, STEP_MIN
from dialer.core.compliance.windows import LocalClock
from dialer.core.staffing.agents_needed import Demand, ServiceGoal, agents_needed
from dialer.core.staffing.forecast import QUARTERS_A_DAY, Day, DayForecast, forecast_day
from dialer.db.queries import staffing
from dialer.db.session import Database
from dialer.services.promises.slots import usual_agents

LEARNED_FROM: Final = timedelta(days=56)  # eight of each weekday; a season is longer, a habit is not
PATIENCE_FROM: Final = timedelta(days=28)
FEWEST_GAVE_UP: Final = 20  # known to a quarter of it; with fewer the usual figure stands in
#: of callers to service lines, where nothing is known: Brown and others 2005 measured about ten minutes
USUAL_PATIENCE_S: Final = 600.0
#: the shortest window that is told; whoever waits longer than it hears of a call back
GOAL: Final = ServiceGoal(within_s=STEP_MIN * 60.0, share=HIGH)
QUARTERS_AN_HOUR: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterStaffing:
    """A quarter of an hour: who is expected, the agents they take, and how many are usually there.

    `usual` is None where no such weekday is known yet; there is no plan of shifts to say it better.
    """

    start: datetime
    callers: float
    promised: float  # calls at chosen times: as forecast, or as booked where that is more
    booked: int
    needed: int
    usual: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingPlan:
    """A coming day of one queue on the centre's clock; only the quarters in which it is open."""

    day: date
    zone: str
    quarters: tuple[QuarterStaffing, ...]
    callers: DayForecast
    promised: DayForecast
    patience_s: float
    patience_known: bool
    call_s: float
    goal: ServiceGoal

    @property
    def short(self) -> tuple[QuarterStaffing, ...]:
        """The quarters for which fewer agents are usually there than it takes."""
        return tuple(each for each in self.quarters if each.usual is not None and each.usual < each.needed)


def plan_staffing(
    database: Database, queue: str, region: str, day: date, now: datetime, *, goal: ServiceGoal = GOAL
) -> StaffingPlan:
    """Plan one day of a queue; `region` is the country whose public holidays its callers keep."""
    policy = database.policy
    hours, zone = policy.hours_of(queue).clock(), ZoneInfo(policy.rulebook.queue.zone)
    calendar = policy.rulebook.calendars.get(region)
    holidays = calendar.national if calendar is not None else frozenset()
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today, time(), tzinfo=zone)
    since = midnight - LEARNED_FROM
    starts = _quarters_of(day, zone)
    with database.read() as tx:
        stays = staffing.stays(tx, queue, since, midnight)
        chosen = staffing.chosen_times(tx, queue, since, midnight)
        booked = _by_quarter(staffing.chosen_times(tx, queue, starts[0], starts[-1] + QUARTER), zone).get(day)
        usual = usual_agents(tx, zone, now, policy.agents_of(queue))
    rang_in = _by_quarter((stay.joined_at for stay in stays), zone)
    days = _days_seen(rang_in, today, hours, zone)
    callers = forecast_day(_history(rang_in, days), day, holidays)
    promised = forecast_day(_history(_by_quarter(chosen, zone), days), day, holidays)
    patience_s, known = _patience([stay for stay in stays if stay.joined_at > now - PATIENCE_FROM])
    quarters = []
    for start in starts:
        place = _place(start.astimezone(zone))
        if hours.refusal(start) is not None:
            continue
        known_booked = int(booked[place]) if booked is not None else 0
        work = callers.quarters[place] + max(promised.quarters[place], known_booked)
        demand = Demand(per_hour=work * QUARTERS_AN_HOUR, call_s=policy.offers.call_s, patience_s=patience_s)
        quarters.append(
            QuarterStaffing(
                start=start,
                callers=callers.quarters[place],
                promised=max(promised.quarters[place], known_booked),
                booked=known_booked,
                needed=agents_needed(demand, goal),
                usual=usual.at(start.astimezone(zone)),
            )
        )
    return StaffingPlan(
        day=day,
        zone=policy.rulebook.queue.zone,
        quarters=tuple(quarters),
        callers=callers,
        promised=promised,
        patience_s=patience_s,
        patience_known=known,
        call_s=policy.offers.call_s,
        goal=goal,
    )


def _patience(stays: Sequence[staffing.Stay]) -> tuple[float, bool]:
    """How long a caller bears to wait, on average, and whether that is known.

    Most are served before they give up, so the mean of those who did would be too short: of exponential
    patience all seconds waited, by anybody, over the number of those who gave up is the likeliest.
    """
    gave_up = sum(stay.gave_up for stay in stays)
    if gave_up < FEWEST_GAVE_UP:
        return USUAL_PATIENCE_S, False
    waited_s = sum(
        (stay.left_at - stay.joined_at).total_seconds() for stay in stays if stay.left_at is not None
    )
    return max(1.0, waited_s / gave_up), True


def _by_quarter(moments: Iterable[datetime], zone: ZoneInfo) -> dict[date, Day]:
    found: dict[date, Day] = {}
    for moment in moments:
        local = moment.astimezone(zone)
        counts = found.setdefault(local.date(), np.zeros(QUARTERS_A_DAY))
        counts[_place(local)] += 1
    return found


def _days_seen(
    rang_in: Mapping[date, Day], today: date, hours: LocalClock, zone: ZoneInfo
) -> tuple[date, ...]:
    """The whole days of the history: an open day on which nobody at all rang in was not listened to."""
    if not rang_in:
        return ()
    first = min(rang_in)
    days = (first + timedelta(days=step) for step in range((today - first).days))
    return tuple(
        day
        for day in days
        if day in rang_in or all(hours.refusal(start) is not None for start in _quarters_of(day, zone))
    )


def _history(counts: Mapping[date, Day], days: Iterable[date]) -> dict[date, Day]:
    return {day: counts.get(day, np.zeros(QUARTERS_A_DAY)) for day in days}


def _quarters_of(day: date, zone: ZoneInfo) -> list[datetime]:
    """The quarters of a day; one that the clocks skip, or repeat, is there as often as it happens."""
    begins = datetime.combine(day, time(), tzinfo=zone).astimezone(ZoneInfo("UTC"))
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(ZoneInfo("UTC"))
    return [begins + step * QUARTER for step in range(int((ends - begins) / QUARTER))]


def _place(local: datetime) -> int:
    return QUARTERS_AN_HOUR * local.hour + local.minute // QUARTER_MINUTES
