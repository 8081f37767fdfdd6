"""Openings and closings that lie days ahead, at a midnight and not where a window begins or ends."""

from dataclasses import replace
from datetime import UTC, date, datetime

from dialer.core.compliance.windows import (
    Calendar,
    Hours,
    LocalClock,
    Observed,
    next_closing,
    next_opening,
    read_hours,
)

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ALWAYS = read_hours("Mon-Sun 00:00-24:00")


def clock(*holidays: int) -> LocalClock:
    """Open day and night but on these days of November."""
    days = frozenset(date(2026, 11, day) for day in holidays)
    calendar = Calendar(first_year=2026, last_year=2026, national=days)
    return LocalClock(zone="UTC", hours=Hours(windows=ALWAYS, observed=Observed.NATIONAL), calendar=calendar)


def test_after_three_holidays_it_opens_at_the_midnight_that_ends_them() -> None:
    assert datetime(2026, 11, 26, tzinfo=UTC) == next_opening([clock(23, 24, 25)], MONDAY)


def test_a_holiday_in_two_days_closes_at_the_midnight_that_begins_it() -> None:
    assert datetime(2026, 11, 25, tzinfo=UTC) == next_closing(clock(25), MONDAY)
    assert None is next_closing(clock(), MONDAY)


def test_a_window_that_ends_on_the_day_after_tomorrow_closes_there() -> None:
    hours = Hours(windows=read_hours("Mon-Tue 00:00-24:00, Wed 00:00-10:00"))

    assert datetime(2026, 11, 25, 10, tzinfo=UTC) == next_closing(replace(clock(), hours=hours), MONDAY)


def test_a_window_whose_beginning_a_clock_change_skips_opens_at_the_change() -> None:
    london = LocalClock(zone="Europe/London", hours=Hours(windows=read_hours("Sun 01:15-02:30")))
    skipped = datetime(2026, 3, 29, 1, tzinfo=UTC)  # one o'clock becomes two

    assert skipped == next_opening([london], datetime(2026, 3, 25, 12, tzinfo=UTC))
