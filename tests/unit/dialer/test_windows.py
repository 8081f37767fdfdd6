"""Hours on a wall clock: read as people write them, asked across changes to summer time."""

from datetime import UTC, date, datetime

import pytest

from dialer.core.compliance.windows import (
    Calendar,
    CallingWindow,
    Hours,
    LocalClock,
    Observed,
    QueueHours,
    is_zone,
    next_closing,
    next_opening,
    read_hours,
    refusal_of,
)


def clock(text: str, zone: str = "Europe/London", **more: object) -> LocalClock:
    observed = Observed(str(more.get("observed", "none")))
    calendar = more.get("calendar")
    assert calendar is None or isinstance(calendar, Calendar)
    return LocalClock(zone=zone, hours=Hours(windows=read_hours(text), observed=observed), calendar=calendar)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_hours_are_read_as_people_write_them() -> None:
    assert (
        CallingWindow(days=frozenset({0, 1, 2, 3, 4}), opens=540, closes=1200),
        CallingWindow(days=frozenset({5}), opens=600, closes=960),
    ) == read_hours("Mon-Fri 09:00-20:00, Sat 10:00-16:00")


def test_days_may_run_over_the_end_of_the_week() -> None:
    assert frozenset({5, 6, 0}) == read_hours("Sat-Mon 00:00-24:00")[0].days


@pytest.mark.parametrize(
    "wrong",
    ["Mon", "Mon 9-17", "Mon 09:00", "Someday 09:00-17:00", "Mon 17:00-09:00", "Mon 09:60-17:00",
     "Mon 09:00-25:00", "Mon 09:00-09:00"],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        read_hours(wrong)


def test_a_window_is_open_at_its_first_minute_and_closed_at_its_last() -> None:
    hours = clock("Mon-Fri 09:00-20:00")

    assert "hours.closed" == hours.refusal(utc("2026-11-23T08:59:59"))
    assert hours.refusal(utc("2026-11-23T09:00:00")) is None
    assert hours.refusal(utc("2026-11-23T19:59:59")) is None
    assert "hours.closed" == hours.refusal(utc("2026-11-23T20:00:00"))


def test_the_persons_clock_decides_in_summer_too() -> None:
    hours = clock("Mon-Fri 09:00-20:00")

    assert hours.refusal(utc("2026-07-01T08:00:00")) is None
    assert "hours.closed" == hours.refusal(utc("2026-07-01T19:30:00"))


def test_the_night_the_clock_is_put_back_opens_at_nine_of_the_new_clock() -> None:
    after = utc("2026-10-23T20:30:00")  # Friday 21:30 in summer time; on Sunday it ends
    assert utc("2026-10-26T09:00:00") == next_opening([clock("Mon-Fri 09:00-20:00")], after)


@pytest.mark.parametrize(
    ("hours", "opens"),
    [
        ("Mon-Sun 02:01-02:16", "2026-10-25T01:01:00"),  # begins twice that night
        ("Mon-Sun 01:00-02:30", "2026-10-25T01:00:00"),  # is over at half past two, until it is two again
        ("Mon-Sun 02:40-02:50, Sun 02:10-02:20", "2026-10-25T01:10:00"),
    ],
)
def test_the_hour_that_comes_twice_is_open_twice(hours: str, opens: str) -> None:
    after = utc("2026-10-25T00:55:00")  # 02:55 in summer time; at 03:00 it is 02:00 again
    assert utc(opens) == next_opening([clock(hours, "Europe/Oslo")], after)


def test_an_hour_that_does_not_exist_opens_when_the_clock_jumps() -> None:
    in_the_gap = clock("Mon-Sun 02:30-04:00", "Europe/Oslo")  # 29 March 2026: 02:00 becomes 03:00
    opening = next_opening([in_the_gap], utc("2026-03-29T00:30:00"))

    assert opening is not None
    assert in_the_gap.refusal(opening) is None
    assert utc("2026-03-29T01:00:00") == opening


def test_holidays_close_and_the_first_working_day_opens() -> None:
    calendar = Calendar(
        first_year=2026,
        last_year=2027,
        national=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
        regional=frozenset({date(2026, 12, 29)}),
    )
    national = clock("Mon-Fri 09:00-20:00", observed="national", calendar=calendar)
    regional = clock("Mon-Fri 09:00-20:00", observed="regional", calendar=calendar)
    christmas = utc("2026-12-25T12:00:00")

    assert "hours.holiday" == national.refusal(christmas)
    assert utc("2026-12-29T09:00:00") == next_opening([national], christmas)
    assert utc("2026-12-30T09:00:00") == next_opening([regional], christmas)


def test_hours_that_close_on_holidays_are_closed_where_nobody_knows_the_holidays() -> None:
    unknown = clock("Mon-Sun 09:00-20:00", observed="national")

    assert "hours.no-calendar" == unknown.refusal(utc("2026-07-08T12:00:00"))
    assert clock("Mon-Sun 09:00-20:00").refusal(utc("2026-07-08T12:00:00")) is None


def test_an_eve_ends_at_noon_and_the_next_working_day_opens() -> None:
    calendar = Calendar(
        first_year=2026,
        last_year=2026,
        national=frozenset({date(2026, 12, 25)}),
        eves=frozenset({date(2026, 12, 24)}),
    )
    hours = Hours(windows=read_hours("Mon-Fri 09:00-20:00"), observed=Observed.NATIONAL, eves=True)
    eve = LocalClock(zone="Europe/Oslo", hours=hours, calendar=calendar)

    assert eve.refusal(utc("2026-12-24T10:59:00")) is None
    assert "hours.holiday" == eve.refusal(utc("2026-12-24T11:00:00"))
    assert utc("2026-12-28T08:00:00") == next_opening([eve], utc("2026-12-24T11:00:00"))
    assert utc("2026-12-24T11:00:00") == next_closing(eve, utc("2026-12-24T09:00:00"))


def test_a_year_the_holiday_table_does_not_know_is_closed() -> None:
    calendar = Calendar(first_year=2026, last_year=2026)
    hours = clock("Mon-Sun 09:00-20:00", observed="national", calendar=calendar)

    assert hours.refusal(utc("2026-12-31T12:00:00")) is None
    assert "hours.no-calendar" == hours.refusal(utc("2027-01-01T12:00:00"))
    assert next_opening([hours], utc("2027-01-01T12:00:00")) is None


def test_two_clocks_open_together_only_where_their_days_overlap() -> None:
    east, west = (
        clock("Mon-Fri 09:00-20:00", "America/New_York"),
        clock("Mon-Fri 09:00-20:00", "America/Los_Angeles"),
    )
    assert "hours.closed" == refusal_of([east, west], utc("2026-11-23T15:00:00"))  # 10:00 and 07:00
    assert utc("2026-11-23T17:00:00") == next_opening([east, west], utc("2026-11-23T15:00:00"))
    assert refusal_of([east, west], utc("2026-11-24T00:59:00")) is None
    assert "hours.closed" == refusal_of([east, west], utc("2026-11-24T01:00:00"))


def test_clocks_that_are_never_open_together_have_no_opening() -> None:
    here, there = (
        clock("Mon-Fri 09:00-12:00", "Europe/London"),
        clock("Mon-Fri 09:00-12:00", "Pacific/Auckland"),
    )
    assert next_opening([here, there], utc("2026-11-23T15:00:00")) is None


def test_a_holiday_inside_round_the_clock_hours_ends_at_midnight() -> None:
    calendar = Calendar(first_year=2026, last_year=2026, national=frozenset({date(2026, 7, 6)}))
    hours = clock("Mon-Sun 00:00-24:00", "Europe/Oslo", observed="national", calendar=calendar)

    assert utc("2026-07-06T22:00:00") == next_opening([hours], utc("2026-07-06T10:00:00"))


def test_a_queue_is_open_round_the_clock_until_somebody_says_otherwise() -> None:
    assert QueueHours().clock().refusal(utc("2026-11-22T03:00:00")) is None


def test_a_zone_is_known_by_its_iana_name() -> None:
    assert is_zone("Europe/Oslo")
    assert not any(is_zone(name) for name in ("Oslo", "", "../etc/passwd", "Europe", "GMT+99"))


@pytest.mark.parametrize(
    ("hours", "closes"),
    [
        ("Mon-Fri 09:00-20:00", "2026-11-23 20:00"),
        ("Mon-Fri 09:00-12:00, Mon-Fri 12:00-17:00", "2026-11-23 17:00"),
        ("Mon 09:00-24:00, Tue 00:00-02:00", "2026-11-24 02:00"),
        ("Mon 09:00-24:00", "2026-11-24 00:00"),
    ],
)
def test_a_clock_closes_where_no_window_goes_on(hours: str, closes: str) -> None:
    assert next_closing(clock(hours), utc("2026-11-23 11:00")) == utc(closes)


def test_a_centre_that_is_always_open_does_not_close() -> None:
    assert next_closing(clock("Mon-Sun 00:00-24:00"), utc("2026-11-23 11:00")) is None


def test_an_hour_that_a_change_of_the_clock_skips_closes_at_the_change() -> None:
    """In London the night of 28 March 2027 has no 01:30: at 01:00 UTC it is 02:00."""
    assert next_closing(clock("Sun 00:00-01:30"), utc("2027-03-28 00:10")) == utc("2027-03-28 01:00")
