"""How often live callers ring in: what outbound pacing expects of the next moments.

The week has a pattern, and a day has a level of its own around it. The pattern is the rate of the same half
hour of the same weekday in the weeks before; the level is read from the last quarter of an hour. The two are
blended as a gamma prior and a Poisson count are: the pattern weighs as much as the callers it was learned
from, and never more than `DAY_SHAPE` callers. A rush that the blend cannot explain is believed at once.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile
from typing import Final

from telephony.calls.events import CallerJoined

SLOT: Final = timedelta(minutes=30)  # the interval contact centres staff by
WINDOW: Final = timedelta(minutes=15)  # recent enough to be of the same kind, long enough to count in
RUSH: Final = timedelta(minutes=2)  # a rush shows in this time
RUSH_DEVIATIONS: Final = 3.0  # this far above what was expected, chance brings a false alarm a day
LEAST_SEEN_S: Final = 60.0  # a first caller in the first second is no rush
DAY_SHAPE: Final = 11.0  # a day's level varies by 30 % around the week's pattern: 1 / 0.3 squared
LONGEST_MEMORY: Final = timedelta(minutes=30)  # of quiet half hours; the last minutes must outweigh them soon
LEAST_RATE: Final = 1.0 / 3600.0  # fewer than one an hour are met when they come: no agent is kept for them
HALF_A_CALLER: Final = 0.5  # a half hour in which nobody rang is not one in which nobody can


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Callers who rang in, and for how many seconds somebody listened."""

    callers: int = 0
    seen_s: float = 0.0

    def __add__(self, other: "Heard") -> "Heard":
        return Heard(callers=self.callers + other.callers, seen_s=self.seen_s + other.seen_s)


Pattern = Mapping[int, Heard]  # by half hour of the week on the centre's clock, from Monday 00:00


def slot_of(at: datetime) -> datetime:
    """The beginning of the half hour that this moment falls into."""
    return at.replace(minute=at.minute - at.minute % 30, second=0, microsecond=0)


def half_hour_of_week(at: datetime, zone: tzinfo) -> int:
    """0 to 335, on this clock."""
    there = at.astimezone(zone)
    return 48 * there.weekday() + 2 * there.hour + there.minute // 30


def week_pattern(slots: Iterable[tuple[datetime, Heard]], zone: tzinfo) -> Pattern:
    """What was heard in each half hour of the week, all weeks together."""
    pattern: dict[int, Heard] = {}
    for began_at, heard in slots:
        place = half_hour_of_week(began_at, zone)
        pattern[place] = pattern.get(place, Heard()) + heard
    return pattern


class Arrivals:
    """The rate of live callers, as it is to be expected now."""

    def __init__(self, began: datetime, *, zone: tzinfo = UTC) -> None:
        self.pattern: Pattern = {}
        self._began = began
        self._zone = zone
        self._joined: deque[tuple[datetime, str]] = deque()  # within the window, each caller once
        self._known: set[str] = set()
        self._counts: dict[datetime, int] = {}  # by half hour, since they were last taken
        self._counted_to = began

    def see(self, fact: CallerJoined) -> None:
        """A caller entered the queue; coming back from the callback dialogue is no second arrival."""
        if fact.caller not in self._known:
            self._known.add(fact.caller)
            self._joined.append((fact.at, fact.caller))
            slot = slot_of(fact.at)
            self._counts[slot] = self._counts.get(slot, 0) + 1

    def per_second(self, now: datetime) -> float:
        """Callers a second, expected of the next moments; 0 where it is less than one an hour."""
        while self._joined and self._joined[0][0] <= now - WINDOW:
            self._known.remove(self._joined.popleft()[1])
        seen_s = max(LEAST_SEEN_S, min(WINDOW, now - self._began).total_seconds())
        callers = float(len(self._joined))
        usual = self.pattern.get(half_hour_of_week(now, self._zone))
        if usual is not None and usual.seen_s > 0.0:
            known = usual.callers + HALF_A_CALLER
            memory_s = min(1.0, DAY_SHAPE / known) * usual.seen_s
            memory_s = min(memory_s, LONGEST_MEMORY.total_seconds())
            callers, seen_s = callers + memory_s * known / usual.seen_s, seen_s + memory_s
        expected = callers / seen_s
        expected = max(expected, self._rush(now, expected))
        return expected if expected >= LEAST_RATE else 0.0

    def _rush(self, now: datetime, expected: float) -> float:
        """The rate of the last minutes where chance does not explain it; else 0."""
        just_now = sum(1 for _ in takewhile(lambda joined: joined[0] > now - RUSH, reversed(self._joined)))
        usual = expected * RUSH.total_seconds()
        if just_now <= usual + RUSH_DEVIATIONS * math.sqrt(usual) + 1.0:
            return 0.0
        return just_now / RUSH.total_seconds()

    def take_counts(self, now: datetime) -> dict[datetime, Heard]:
        """What was heard since this was asked last, by half hour; to be added to what the database has."""
        taken: dict[datetime, Heard] = {}
        slot = slot_of(self._counted_to)
        while slot < now:
            seen = min(slot + SLOT, now) - max(slot, self._counted_to)
            taken[slot] = Heard(callers=self._counts.pop(slot, 0), seen_s=max(0.0, seen.total_seconds()))
            slot += SLOT
        self._counted_to = max(self._counted_to, now)
        return taken
