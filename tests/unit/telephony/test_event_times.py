"""Events are timed by the PBX where it stamps them, however late they are read, wherever its clock stands."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.ami.event_times import LONGEST_DELAY, REMEMBERED, EventTimes

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def stamp(at: datetime, *, apart_s: float = 0.0) -> str:
    """What a PBX whose clock is so far behind ours prints at this moment."""
    return f"{at.timestamp() - apart_s:.6f}"


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def near(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(milliseconds=1)


@pytest.mark.parametrize("apart_s", [0.0, 7200.0, -5400.5], ids=["same clock", "behind", "ahead"])
def test_an_event_that_is_read_late_is_timed_by_its_stamp_wherever_the_pbx_has_its_clock(
    apart_s: float,
) -> None:
    times = EventTimes()
    times.moment(stamp(NOON, apart_s=apart_s), NOON)

    assert near(times.moment(stamp(later(10), apart_s=apart_s), later(13.5)), later(10))
    assert near(times.moment(stamp(later(14), apart_s=apart_s), later(14)), later(14))


def test_the_quickest_event_of_late_is_what_the_others_are_measured_by() -> None:
    times = EventTimes()
    for second, late_s in enumerate((2.0, 0.0, 1.0)):
        times.moment(stamp(later(second)), later(second + late_s))

    assert near(times.moment(stamp(later(10)), later(13)), later(10))


def test_while_everything_is_read_late_the_quick_events_of_before_are_remembered() -> None:
    times, busy_s = EventTimes(), REMEMBERED.total_seconds() + 1.0
    times.moment(stamp(NOON), NOON)
    times.moment(stamp(later(busy_s - 2.0)), later(busy_s))

    assert near(times.moment(stamp(later(busy_s)), later(busy_s + 3.0)), later(busy_s))


def test_an_event_without_a_stamp_was_when_it_was_heard() -> None:
    times = EventTimes()
    times.moment(stamp(NOON), NOON)

    for nothing in ("", "yesterday", "nan", "1e9", "-1.000000", "1796055214"):
        assert times.moment(nothing, later(5)) == later(5)


def test_a_clock_that_was_set_back_by_more_than_any_delay_begins_the_comparison_anew() -> None:
    times = EventTimes()
    times.moment(stamp(NOON), NOON)
    back_s = LONGEST_DELAY.total_seconds() + 5.0

    assert times.moment(stamp(later(10), apart_s=back_s), later(10)) == later(10)
    assert near(times.moment(stamp(later(11), apart_s=back_s), later(13)), later(11))


def test_a_clock_that_was_set_back_by_little_is_known_once_the_events_before_it_are_forgotten() -> None:
    times = EventTimes()
    times.moment(stamp(NOON), NOON)
    forgotten_s = 2 * REMEMBERED.total_seconds() + 2.0
    for second in range(1, int(forgotten_s) + 1):
        times.moment(stamp(later(second), apart_s=4.0), later(second))

    assert near(times.moment(stamp(later(forgotten_s), apart_s=4.0), later(forgotten_s)), later(forgotten_s))


@given(
    st.floats(-1e6, 1e6),
    st.lists(st.tuples(st.floats(0.0, 400.0), st.floats(0.0, 60.0)), min_size=1, max_size=30),
)
def test_no_event_is_later_than_heard_nor_earlier_than_any_delay(
    apart_s: float, told: list[tuple[float, float]]
) -> None:
    times, at = EventTimes(), NOON
    for pause_s, delay_s in told:
        at += timedelta(seconds=pause_s)
        heard = at + timedelta(seconds=delay_s)
        moment = times.moment(stamp(at, apart_s=apart_s), heard)
        assert heard - LONGEST_DELAY - timedelta(milliseconds=1) <= moment <= heard
