"""What a caller is told about the wait holds as often as it is meant to."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f as fisher

from callbacks.wait_estimate import (
    HIGH,
    LOW,
    MIDDLE,
    DepartureGap,
    Pace,
    Wait,
    WaitWindow,
    estimate_wait,
    f_quantile,
    measure_pace,
    plan_pace,
    quote,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def gaps(seconds: float, count: int, *, ago_s: float = 0.0, agents: int = 4) -> list[DepartureGap]:
    """So many gaps of this length, one after the other, the last one ended `ago_s` ago."""
    return [
        DepartureGap(
            ended_at=NOW - timedelta(seconds=ago_s + seconds * index), seconds=seconds, agents=agents
        )
        for index in range(count)
    ]


def test_pace_is_the_mean_time_between_departures() -> None:
    assert Pace(gap_s=60.0, gaps=10, basis="measured") == measure_pace(gaps(60, 10), NOW, agents=4)


def test_too_few_departures_give_no_pace() -> None:
    assert measure_pace(gaps(60, 4), NOW, agents=4) is None
    assert measure_pace([], NOW, agents=4) is None


def test_old_and_future_departures_do_not_count() -> None:
    noise = [
        DepartureGap(ended_at=NOW - timedelta(hours=2), seconds=1, agents=4),
        DepartureGap(ended_at=NOW + timedelta(minutes=1), seconds=1, agents=4),
    ]

    assert measure_pace(gaps(60, 10) + noise, NOW, agents=4) == measure_pace(gaps(60, 10), NOW, agents=4)


def test_a_queue_that_has_stopped_is_not_fast() -> None:
    since = NOW - timedelta(seconds=300)
    moving = measure_pace(gaps(10, 10), NOW, agents=4)
    stopped = measure_pace(gaps(10, 10, ago_s=300), NOW, agents=4, waiting_since=since)

    assert moving is not None
    assert stopped is not None
    assert stopped.gap_s > 3 * moving.gap_s


def test_a_gap_that_has_just_begun_does_not_make_a_queue_fast() -> None:
    just_now = measure_pace(gaps(60, 10), NOW, agents=4, waiting_since=NOW - timedelta(seconds=1))

    assert measure_pace(gaps(60, 10), NOW, agents=4) == just_now


def test_half_the_agents_take_twice_as_long() -> None:
    assert Pace(gap_s=60.0, gaps=10, basis="measured") == measure_pace(gaps(30, 10, agents=8), NOW, agents=4)


def test_without_agents_at_work_there_is_no_pace() -> None:
    assert measure_pace(gaps(60, 10), NOW, agents=0) is None
    assert measure_pace(gaps(60, 10, agents=0), NOW, agents=4) is None


def test_a_planned_pace_needs_agents() -> None:
    assert plan_pace(0, 240) is None
    assert Pace(gap_s=30.0, gaps=10, basis="planned") == plan_pace(8, 240)


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

    assert WaitWindow(from_min=20, to_min=30) == quote(wait)
    assert WaitWindow(from_min=0, to_min=5) == quote(Wait(low_s=0, middle_s=0, high_s=0, basis="planned"))


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
        moment, seen = NOW, []
        for _ in range(15):
            seconds = chance.exponential(40)
            seen.append(DepartureGap(ended_at=moment, seconds=seconds, agents=4))
            moment -= timedelta(seconds=seconds)
        pace = measure_pace(seen, NOW, agents=4)
        assert pace is not None
        wait = estimate_wait(pace, 6)
        held += wait.low_s <= sum(chance.exponential(40) for _ in range(6)) <= wait.high_s

    assert held / trials == pytest.approx(0.6, abs=0.05)
