"""Every zone, both clock changes of every year from 2024 to 2032, against a clock that is read by hand.

The oracle walks minute by minute over the wall clock (UTC and the offset in force) and knows nothing of
windows that are sorted, tried or skipped: what it finds open is open, and its first minute is the opening.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.compliance.windows import Hours, LocalClock, next_closing, next_opening, read_hours

FIRST, LAST = 2024, 2032
MINUTE: Final = timedelta(minutes=1)
ZONES: Final = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
APART: Final = timedelta(days=7)  # no zone changes its clock twice in a week
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: windows by day, windows that a change cuts, windows that only the hour of the change has, and all night
HOURS: Final = (
    "Mon-Fri 09:00-20:00",
    "Mon-Sun 08:00-21:00",
    "Sun 02:00-03:00",
    "Sun 01:30-02:30, Mon 00:00-01:00",
    "Sat-Sun 00:00-03:30, Tue 23:00-24:00",
    "Sun 00:15-00:45",
)


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """The first second after each change of this zone's clock."""
    found, clock = [], ZoneInfo(zone)
    day = datetime(FIRST, 1, 1, tzinfo=UTC)
    while day.year <= LAST:
        after = day + APART
        offset = day.astimezone(clock).utcoffset()
        if offset != after.astimezone(clock).utcoffset():
            low, high = day, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
                low, high = (
                    (middle, high) if middle.astimezone(clock).utcoffset() == offset else (low, middle)
                )
            found.append(high)
        day = after
    return tuple(found)


CHANGING: Final = [zone for zone in ZONES if changes_of(zone)]


@cache
def read_by_hand(text: str) -> tuple[tuple[frozenset[int], int, int], ...]:
    """Windows as days, first minute and first minute after: of one comma each, of one dash each."""
    windows = []
    for part in text.lower().split(", "):
        days, _, hours = part.partition(" ")
        first, _, last = days.partition("-")
        opens, _, closes = hours.partition("-")
        run = range(DAYS.index(first), DAYS.index(last or first) + 1)
        windows.append((frozenset(run), minutes(opens), minutes(closes)))
    return tuple(windows)


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def is_open(zone: str, hours: str, moment: datetime) -> bool:
    """Whether the wall clock there stands inside a window."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    wall = moment.replace(tzinfo=None) + offset
    minute = wall.hour * 60 + wall.minute
    return any(wall.weekday() in days and first <= minute < end for days, first, end in read_by_hand(hours))


def walk(zone: str, hours: str, after: datetime, *, until_open: bool, most: timedelta) -> datetime | None:
    """The first moment after this one at which it is open, or closed; None within `most`.

    Offsets are whole minutes in these years, so nothing changes but on one.
    """
    step = after.replace(second=0, microsecond=0) + MINUTE
    while step <= after + most:
        if is_open(zone, hours, step) == until_open:
            return step
        step += MINUTE
    return None


def clock_of(zone: str, hours: str) -> LocalClock:
    return LocalClock(zone=zone, hours=Hours(windows=read_hours(hours)))


@pytest.mark.parametrize("hours", HOURS)
def test_around_every_change_of_every_clock_open_is_what_the_wall_clock_says(hours: str) -> None:
    """Seconds, minutes and hours before and after each of them, in every zone that has one."""
    spans = [timedelta(seconds=seconds) for seconds in (-3601, -1, 0, 1, 1799, 3599, 3600, 5400)]
    wrong = [
        (zone, change + span)
        for zone in CHANGING
        for change in changes_of(zone)
        for span in spans
        if (clock_of(zone, hours).refusal(change + span) is None) != is_open(zone, hours, change + span)
    ]

    assert [] == wrong


def test_the_zones_of_both_hemispheres_and_those_that_change_by_half_an_hour_are_among_them() -> None:
    assert {"Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland"} <= set(CHANGING)
    assert all(len(changes_of(zone)) >= 2 * (LAST - FIRST) for zone in ("Europe/Oslo", "Australia/Sydney"))


def test_a_window_whose_beginning_a_clock_skips_opens_to_the_second_at_the_change() -> None:
    late = []
    for zone in CHANGING:
        for change in changes_of(zone)[:4]:
            wall = change.astimezone(ZoneInfo(zone))
            skipped = wall.hour * 60 + wall.minute - 1
            if wall.utcoffset() <= (change - MINUTE).astimezone(ZoneInfo(zone)).utcoffset() or skipped < 0:
                continue  # put back, or put forward over a midnight
            hours = f"Mon-Sun {skipped // 60:02d}:{skipped % 60:02d}-24:00"
            before = change - timedelta(minutes=10)
            closed = not is_open(zone, hours, before)  # yesterday's window may reach to the change
            if closed and next_opening([clock_of(zone, hours)], before) != change:
                late.append((zone, change))

    assert [] == late


starts = st.sampled_from(CHANGING).flatmap(
    lambda zone: st.tuples(st.just(zone), st.sampled_from(changes_of(zone)), st.integers(-100_000, 20_000))
)


@given(start=starts, hours=st.sampled_from(HOURS))
def test_the_next_opening_is_the_first_open_minute_of_the_wall_clock(
    start: tuple[str, datetime, int], hours: str
) -> None:
    zone, change, seconds = start
    moment = change + timedelta(seconds=seconds)
    if is_open(zone, hours, moment):
        return
    expected = walk(zone, hours, moment, until_open=True, most=timedelta(days=9))

    assert expected == next_opening([clock_of(zone, hours)], moment)


@given(start=starts, hours=st.sampled_from(HOURS))
def test_the_next_closing_is_the_first_closed_minute_of_the_wall_clock(
    start: tuple[str, datetime, int], hours: str
) -> None:
    zone, change, seconds = start
    moment = change + timedelta(seconds=seconds)
    if not is_open(zone, hours, moment):
        return

    assert walk(zone, hours, moment, until_open=False, most=timedelta(days=2)) == next_closing(
        clock_of(zone, hours), moment
    )
