"""Calls at a chosen time: which hours are offered, and how many calls each quarter of an hour takes.

People choose an hour ("Thursday between four and five"); the call is booked on the emptiest of its quarters,
so that an hour's calls are not all due at its beginning. A quarter takes as many calls as a share of the
agents who are usually there can make: the rest of them are for those who ring in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

QUARTER: Final = timedelta(minutes=15)
QUARTER_MINUTES: Final = 15
QUARTERS: Final = 4  # of an hour, which is the window that is told
#: an agent's time has to be planned for, and whoever wants a call sooner keeps their place in the queue
LEAST_AHEAD: Final = timedelta(minutes=30)
DAYS_AHEAD: Final = 7  # of staffing as it usually is; further away nobody can say


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRules:
    """How much of the agents' time is promised away."""

    share: float = 0.25  # of the agents usually there
    call_s: float = 240.0  # of an agent's time, with the wrap-up
    unknown: int = 1  # calls a quarter takes where nobody knows yet how many agents are there


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """An hour that can be chosen: the call is made between `start` and `end`, booked on `quarter`."""

    start: datetime
    end: datetime
    quarter: datetime
    room: int


def calls_a_quarter(agents: int | None, rules: SlotRules) -> int:
    """How many calls a quarter takes while so many agents are usually there; None: nobody knows."""
    if agents is None:
        return rules.unknown
    return int(agents * rules.share * QUARTER.total_seconds() / rules.call_s)


def free_slots(
    starts: Iterable[datetime],
    *,
    room_in: Mapping[datetime, int],
    taken: Mapping[datetime, int],
    now: datetime,
) -> tuple[Slot, ...]:
    """The hours that begin at one of `starts` and have room.

    `room_in` says how many calls each quarter takes at all; one that is not in it is closed, as where the
    centre closes or it is night at the customer's. `taken` are the calls that are booked.
    """
    found = []
    for start in starts:
        if start < now + LEAST_AHEAD:
            continue
        left = {
            quarter: room_in[quarter] - taken.get(quarter, 0)
            for quarter in quarters_of(start)
            if quarter in room_in
        }
        if len(left) < QUARTERS or max(left.values()) <= 0:
            continue  # it closes within the hour, or every quarter is full
        emptiest = min(left, key=lambda quarter: (-left[quarter], quarter))
        room = sum(max(0, each) for each in left.values())
        found.append(Slot(start=start, end=start + QUARTERS * QUARTER, quarter=emptiest, room=room))
    return tuple(found)


def quarters_of(start: datetime) -> tuple[datetime, ...]:
    """The quarters of the hour that begins at `start`."""
    return tuple(start + step * QUARTER for step in range(QUARTERS))


def can_be_chosen(start: datetime, zone: tzinfo, now: datetime) -> bool:
    """Whether `start` begins one of the hours to choose from: full ones on this clock, within a week.

    Nobody else's: its quarters would be none of those that calls are booked on, and never full.
    """
    local = start.astimezone(zone)
    on_the_hour = local.minute == local.second == local.microsecond == 0
    return on_the_hour and start <= now + timedelta(days=DAYS_AHEAD)


def quarter_at(moment: datetime) -> datetime:
    """The quarter of an hour that a moment lies in."""
    minutes = moment.minute % QUARTER_MINUTES
    return moment - timedelta(minutes=minutes, seconds=moment.second, microseconds=moment.microsecond)
