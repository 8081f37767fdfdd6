"""What a caller is told about the wait holds as often as it is meant to."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f as fisher

from callbacks.estimate import (
    HIGH,
    LOW,
    MIDDLE,
    Pace,
    Wait,
    Window,
    estimate_wait,
    f_quantile,
    measure_pace,
    plan_pace,
    quote,
    rescale,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def every(seconds: float, count: int, *, ago_s: float = 0.0) -> list[datetime]:
    return [NOW - timedelta(seconds=ago_s + seconds * index) for index in range(count)]


def test_pace_is_the_mean_time_between_departures() -> None:
    assert Pace(gap_s=60.0, gaps=10, basis="measured") == measure_pace(every(60, 11), NOW)


def test_too_few_departures_give_no_pace() -> None:
    assert measure_pace(every(60, 5), NOW) is None
    assert measure_pace([], NOW) is None


def test_old_and_future_departures_do_not_count() -> None:
    noise = [NOW - timedelta(hours=2), NOW + timedelta(minutes=1)]

    assert measure_pace(every(60, 11) + noise, NOW) == measure_pace(every(60, 11), NOW)


def test_a_queue_that_has_stopped_is_not_fast() -> None:
    moving, stopped = measure_pace(every(10, 11), NOW), measure_pace(every(10, 11, ago_s=300), NOW)

    assert moving is not None
    assert stopped is not None
    assert stopped.gap_s > 3 * moving.gap_s


def test_a_planned_pace_needs_agents() -> None:
    assert plan_pace(0, 240) is None
    assert Pace(gap_s=30.0, gaps=10, basis="planned") == plan_pace(8, 240)


def test_half_the_agents_take_twice_as_long() -> None:
    pace = Pace(gap_s=30.0, gaps=10, basis="measured")

    assert Pace(gap_s=60.0, gaps=10, basis="measured") == rescale(pace, agents_then=8, agents_now=4)
    assert rescale(pace, agents_then=8, agents_now=0) is None


def test_a_rank_below_one_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="rank 1"):
        estimate_wait(Pace(gap_s=30.0, gaps=10, basis="measured"), 0)


@pytest.mark.parametrize("rank", [1, 2, 5, 20])
@pytest.mark.parametrize("gaps", [5, 10, 50])
def test_quantiles_stay_close_to_the_exact_distribution(rank: int, gaps: int) -> None:
    for share in (LOW, MIDDLE, HIGH):
        exact = fisher.ppf(share, 2 * rank, 2 * gaps)
        assert f_quantile(share, 2 * rank, 2 * gaps) == pytest.approx(exact, rel=0.015)


def test_a_window_is_said_in_steps_of_five_minutes() -> None:
    wait = Wait(low_s=21 * 60, middle_s=25 * 60, high_s=26 * 60, basis="measured")

    assert Window(from_min=20, to_min=30) == quote(wait)
    assert Window(from_min=0, to_min=5) == quote(Wait(low_s=0, middle_s=0, high_s=0, basis="planned"))


@given(st.integers(1, 60), st.floats(1, 600), st.integers(5, 50))
def test_a_window_always_holds_the_wait_it_was_made_from(rank: int, gap_s: float, gaps: int) -> None:
    wait = estimate_wait(Pace(gap_s=gap_s, gaps=gaps, basis="measured"), rank)
    window = quote(wait)

    assert wait.low_s <= wait.middle_s <= wait.high_s
    assert window.from_min * 60 <= wait.low_s
    assert wait.high_s <= window.to_min * 60
    assert window.from_min < window.to_min


def test_six_in_ten_waits_fall_between_the_quantiles() -> None:
    """A queue that moves at random: the interval must hold 60 % of waits, whatever D really was."""
    chance, held, trials = np.random.default_rng(5), 0, 2000
    for _ in range(trials):
        moment, departures = NOW, []
        for _ in range(16):
            departures.append(moment)
            moment -= timedelta(seconds=chance.exponential(40))
        pace = measure_pace(departures, NOW)
        assert pace is not None
        wait = estimate_wait(pace, 6)
        held += wait.low_s <= sum(chance.exponential(40) for _ in range(6)) <= wait.high_s

    assert held / trials == pytest.approx(0.6, abs=0.05)
