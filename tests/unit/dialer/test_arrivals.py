"""The rate of live callers is of the last quarter of an hour, each caller once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.core.calling.arrivals import Arrivals, Heard, half_hour_of_week, week_pattern
from telephony.calls.events import CallerJoined

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def join(arrivals: Arrivals, caller: str, seconds: float) -> None:
    at = NOON + timedelta(seconds=seconds)
    arrivals.see(CallerJoined(at=at, queue="support", caller=caller, number=None, position=1))


def test_the_rate_is_over_the_time_that_has_passed():
    arrivals = Arrivals(NOON)
    for index in range(10):
        join(arrivals, f"c{index}", index * 30)

    assert arrivals.per_second(NOON + timedelta(minutes=5)) == pytest.approx(10 / 300)


def test_a_caller_who_comes_back_to_the_queue_counts_once():
    arrivals = Arrivals(NOON)
    join(arrivals, "c1", 0)
    join(arrivals, "c1", 40)

    assert arrivals.per_second(NOON + timedelta(minutes=2)) == pytest.approx(1 / 120)


def test_callers_of_an_hour_ago_are_forgotten():
    arrivals = Arrivals(NOON)
    join(arrivals, "c1", 0)

    assert arrivals.per_second(NOON + timedelta(hours=1)) == 0


def test_one_caller_in_the_first_second_is_no_rush():
    arrivals = Arrivals(NOON)
    join(arrivals, "c1", 0)

    assert arrivals.per_second(NOON + timedelta(seconds=1)) == pytest.approx(1 / 60)


# What the week is like


def usual(callers: int, hours: float = 4.0) -> dict[int, Heard]:
    """Every half hour of the week alike."""
    return dict.fromkeys(range(336), Heard(callers=callers, seen_s=3600.0 * hours))


def test_before_anybody_rings_in_the_half_hours_of_the_weeks_before_are_expected():
    arrivals = Arrivals(NOON)
    arrivals.pattern = usual(240)

    assert arrivals.per_second(NOON + timedelta(seconds=30)) == pytest.approx(60 / 3600, rel=0.15)


def test_the_last_minutes_move_what_is_expected_but_not_all_the_way():
    quiet, busy = Arrivals(NOON), Arrivals(NOON)
    for arrivals in (quiet, busy):
        arrivals.pattern = usual(240)
    for index in range(25):
        join(busy, f"c{index}", index * 36)
    now = NOON + timedelta(minutes=15)

    assert 20 / 3600 < quiet.per_second(now) < 50 / 3600
    assert 65 / 3600 < busy.per_second(now) < 100 / 3600


def test_a_rush_is_believed_within_two_minutes():
    arrivals = Arrivals(NOON)
    arrivals.pattern = usual(80)
    for index in range(10):
        join(arrivals, f"c{index}", 600 + index * 11)

    assert arrivals.per_second(NOON + timedelta(seconds=715)) > 200 / 3600


def test_chance_is_no_rush():
    arrivals = Arrivals(NOON)
    arrivals.pattern = usual(240)
    for index in range(4):
        join(arrivals, f"c{index}", 600 + index * 11)

    assert arrivals.per_second(NOON + timedelta(seconds=715)) < 90 / 3600


def test_a_few_callers_in_a_half_hour_that_is_always_quiet_are_believed():
    arrivals = Arrivals(NOON)
    arrivals.pattern = usual(0)
    for index in range(10):
        join(arrivals, f"c{index}", index * 90)

    assert arrivals.per_second(NOON + timedelta(minutes=15)) > 10 / 3600


def test_the_week_runs_on_the_centres_clock():
    summer, winter = (datetime(2026, month, 5, 8, 10, tzinfo=UTC) for month in (6, 2))
    london = ZoneInfo("Europe/London")

    assert half_hour_of_week(summer, london) == 48 * 4 + 18
    assert half_hour_of_week(winter, london) == 48 * 3 + 16


def test_callers_are_counted_once_in_the_half_hour_they_came_in():
    arrivals = Arrivals(NOON + timedelta(minutes=20))
    join(arrivals, "c1", 1500)
    join(arrivals, "c2", 1900)
    first = arrivals.take_counts(NOON + timedelta(minutes=35))
    join(arrivals, "c3", 2400)
    second = arrivals.take_counts(NOON + timedelta(minutes=41))

    assert first == {
        NOON: Heard(callers=1, seen_s=600.0),
        NOON + timedelta(minutes=30): Heard(callers=1, seen_s=300.0),
    }
    assert second == {NOON + timedelta(minutes=30): Heard(callers=1, seen_s=360.0)}


def test_the_same_half_hour_of_several_weeks_is_one():
    slots = [
        (NOON - timedelta(weeks=week), Heard(callers=week, seen_s=1800.0 if week < 3 else 900.0))
        for week in (1, 2, 3)
    ]

    assert week_pattern(slots, UTC) == {half_hour_of_week(NOON, UTC): Heard(callers=6, seen_s=4500.0)}


def test_half_hours_in_which_hardly_anybody_rings_keep_no_agent_back():
    arrivals = Arrivals(NOON)
    arrivals.pattern = usual(2)

    assert arrivals.per_second(NOON + timedelta(minutes=1)) == 0
