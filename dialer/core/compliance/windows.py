"""Hours on a wall clock, and the moments at which they open.

A window is what a statute writes: days of the week and two times of day, read on the clock of the place
where the phone rings. Every question is asked of a UTC moment and answered through the zone's own
rules, so a change to summer time needs no case of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from callbacks.refusals import Rule

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES: Final = 24 * 60
#: days; the longest run of closed days in any table is a holiday week, a month finds every opening
HORIZON_DAYS: Final = 31
NOON: Final = 12 * 60  # minutes of the day; eves end there
CLOSING_DAYS: Final = 2  # how far ahead a closing matters: nobody waits in a queue for longer


class Observed(StrEnum):
    """Which public holidays close the hours."""

    NONE = "none"
    NATIONAL = "national"
    REGIONAL = "regional"  # those of any region too, since a number does not tell the region


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingWindow:
    """Days of the week (0 is Monday) and minutes of the day, `opens` inside and `closes` outside."""

    days: frozenset[int]
    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A country's public holidays, for the years the table has been filled in for."""

    first_year: int
    last_year: int
    national: frozenset[date] = frozenset()
    regional: frozenset[date] = frozenset()
    eves: frozenset[date] = frozenset()  # half days: most people are at home with their families after noon

    def knows(self, day: date) -> bool:
        """Whether the table was filled in for this year."""
        return self.first_year <= day.year <= self.last_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Open windows on the callee's clock. With no window at all, never open."""

    windows: tuple[CallingWindow, ...]
    observed: Observed = Observed.NONE
    eves: bool = False  # closed from noon on the calendar's eves


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalClock:
    """One zone the callee may live in, with what its country keeps as holidays."""

    zone: str
    hours: Hours
    calendar: Calendar | None = None
    closed: frozenset[date] = frozenset()  # whole days on which nobody is there, whatever the windows say

    def refusal(self, moment: datetime) -> Rule | None:
        """The rule that keeps this clock closed at `moment`, or None while it is open."""
        local = moment.astimezone(zone_of(self.zone))
        day, minute = local.date(), local.hour * 60 + local.minute
        if day in self.closed or not any(
            local.weekday() in window.days and window.opens <= minute < window.closes
            for window in self.hours.windows
        ):
            return Rule.HOURS_CLOSED
        if self.hours.observed is Observed.NONE:
            return None
        if self.calendar is None or not self.calendar.knows(day):
            return Rule.HOURS_NO_CALENDAR  # what is not known is closed, not open (invariant 5)
        off = day in self.calendar.national or (
            self.hours.observed is Observed.REGIONAL and day in self.calendar.regional
        )
        eve = self.hours.eves and minute >= NOON and day in self.calendar.eves
        return Rule.HOURS_HOLIDAY if off or eve else None

    def openings(self, after: datetime) -> Iterator[datetime]:
        """The moments within the horizon at which one of the windows begins, on working days or not.

        Where the clock is put back, a window of that hour begins twice.
        """
        zone = zone_of(self.zone)
        today = after.astimezone(zone).date()
        for ahead in range(HORIZON_DAYS + 1):
            day = today + timedelta(days=ahead)
            for window in self.hours.windows:
                if day.weekday() in window.days:
                    local = datetime.combine(day, _time(window.opens), tzinfo=zone)
                    for opens in {local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)}:
                        if opens > after:
                            yield opens


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; raises `zoneinfo.ZoneInfoNotFoundError` (a KeyError) or ValueError."""
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Whether the name is a zone that the tables here know."""
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def refusal_of(clocks: Collection[LocalClock], moment: datetime) -> Rule | None:
    """The rule of the first clock that is closed at `moment`; None means all of them are open."""
    for clock in clocks:
        rule = clock.refusal(moment)
        if rule is not None:
            return rule
    return None


def next_opening(clocks: Sequence[LocalClock], after: datetime) -> datetime | None:
    """The first moment after `after` at which every clock is open, or None within the horizon.

    All become open together only at a moment where one of them opens, at a local midnight that ends a holiday
    inside an all-night window, or where a clock is changed into a window; all of these are tried.
    """
    tried = sorted({moment for clock in clocks for moment in _moments(clock, after)})
    return next((moment for moment in tried if refusal_of(clocks, moment) is None), None)


def next_closing(clock: LocalClock, after: datetime) -> datetime | None:
    """The first moment after `after` at which the clock is closed, or None within two days."""
    zone = zone_of(clock.zone)
    today = after.astimezone(zone).date()
    tried: set[datetime] = set()
    for ahead in range(-1, CLOSING_DAYS + 1):  # as in `_moments`
        day = today + timedelta(days=ahead)
        for minute in (0, NOON, *(window.closes for window in clock.hours.windows)):
            ends_on = day + timedelta(days=minute // DAY_MINUTES)
            local = datetime.combine(ends_on, _time(minute % DAY_MINUTES), tzinfo=zone)
            tried |= {local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)}
        changed = _clock_change(clock.zone, day)
        if changed is not None:
            tried.add(changed)
    return next(
        (moment for moment in sorted(tried) if moment > after and clock.refusal(moment) is not None), None
    )


def _moments(clock: LocalClock, after: datetime) -> Iterator[datetime]:
    yield from clock.openings(after)
    zone = zone_of(clock.zone)
    today = after.astimezone(zone).date()
    for ahead in range(-1, HORIZON_DAYS + 1):  # east of Greenwich, today's change may lie in UTC's yesterday
        day = today + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        for moment in (midnight, _clock_change(clock.zone, day)):
            if moment is not None and moment > after:
                yield moment


@lru_cache(maxsize=4096)
def _clock_change(zone: str, day: date) -> datetime | None:
    """The first second after a change of the clock within a day of UTC, if there is one."""
    before = datetime.combine(day, time(), tzinfo=UTC)
    after = before + timedelta(days=1)
    offset = before.astimezone(zone_of(zone)).utcoffset()
    if offset == after.astimezone(zone_of(zone)).utcoffset():
        return None
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(zone_of(zone)).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def read_hours(text: str) -> tuple[CallingWindow, ...]:
    """Windows as people write them: `Mon-Fri 09:00-20:00, Sat 10:00-16:00`.

    Raises ValueError with the part that cannot be read.
    """
    return tuple(_read_window(part.strip()) for part in text.split(",") if part.strip())


def _read_window(part: str) -> CallingWindow:
    try:
        days, hours = part.split()
        opens, closes = hours.split("-")
        window = CallingWindow(days=_read_days(days), opens=_minutes(opens), closes=_minutes(closes))
    except ValueError:
        raise ValueError(f"not hours: {part!r}; write them as Mon-Fri 09:00-20:00") from None
    if window.opens >= window.closes:
        raise ValueError(f"hours end before they begin: {part!r}")
    return window


def _read_days(text: str) -> frozenset[int]:
    first, _, last = text.lower().partition("-")
    start, end = DAYS.index(first[:3]), DAYS.index((last or first)[:3])
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    total = hours * 60 + minutes
    if not (0 <= minutes < 60 and 0 <= total <= DAY_MINUTES):  # noqa: PLR2004 - sixty minutes an hour
        raise ValueError(text)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueHours:
    """When a queue's agents are there, on the centre's own clock."""

    zone: str = "UTC"
    windows: tuple[CallingWindow, ...] = field(default=read_hours("Mon-Sun 00:00-24:00"))
    holidays: frozenset[date] = frozenset()  # of the centre's own

    def clock(self) -> LocalClock:
        """The same as a clock to ask."""
        return LocalClock(zone=self.zone, hours=Hours(windows=self.windows), closed=self.holidays)


Calendars = Mapping[str, Calendar]
