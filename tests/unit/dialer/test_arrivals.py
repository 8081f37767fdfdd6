"""The rate of live callers is of the last quarter of an hour, each caller once."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.arrivals import Arrivals
from telephony.calls.events import CallerJoined

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def join(arrivals: Arrivals, caller: str, seconds: float) -> None:
    at = NOON + timedelta(seconds=seconds)
    arrivals.see(CallerJoined(at=at, queue="support", caller=caller, number=None, position=1))


def test_the_rate_is_over_the_time_that_has_passed():
    arrivals = Arrivals(NOON)
    for place in range(10):
        join(arrivals, f"c{place}", place * 30)

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
