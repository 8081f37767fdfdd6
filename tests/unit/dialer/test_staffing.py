"""How many come, and how many agents they take: against what is known by hand and by simulation."""

import heapq
import random
from datetime import date, timedelta

import numpy as np
import pytest

from dialer.core.staffing.agents_needed import Demand, ServiceGoal, agents_needed, share_beyond
from dialer.core.staffing.forecast import (
    FEWEST_DAYS,
    JUDGED_DAYS,
    QUARTERS_A_DAY,
    ForecastMethod,
    forecast_day,
    kind_of,
    score_methods,
    seasonal_naive,
    smoothed,
)

MONDAY = date(2026, 1, 5)
NONE: frozenset[date] = frozenset()
WEEK = (100.0, 120.0, 110.0, 105.0, 90.0, 20.0, 0.0)


def day_of(total: float, seed: int | None = None) -> np.ndarray:
    """Eight hours of callers, most of them at noon; by chance where a seed is given."""
    counts = np.zeros(QUARTERS_A_DAY)
    counts[36:68] = np.sin(np.linspace(0.1, np.pi - 0.1, 32))
    counts *= total / counts.sum()
    return np.random.default_rng(seed).poisson(counts).astype(float) if seed is not None else counts


def history(weeks: int, *, growth: float = 0.0, by_chance: bool = True) -> dict[date, np.ndarray]:
    days = [MONDAY + timedelta(days=step) for step in range(7 * weeks)]
    return {
        day: day_of(WEEK[day.weekday()] * (1 + growth) ** step, step if by_chance else None)
        for step, day in enumerate(days)
    }


def simulated(demand: Demand, agents: int, wait_s: float, *, callers: int = 60_000) -> float:
    """The share of callers whose offered wait was longer."""
    chance, now, late = random.Random(1), 0.0, 0  # noqa: S311 - a queue from its seed
    free = [0.0] * agents
    for _ in range(callers):
        now += chance.expovariate(demand.per_hour / 3600.0)
        offered = max(0.0, free[0] - now)
        late += offered > wait_s
        if chance.expovariate(1.0 / demand.patience_s) >= offered:
            heapq.heapreplace(free, now + offered + chance.expovariate(1.0 / demand.call_s))
    return late / callers


@pytest.mark.parametrize("agents", [3, 4, 6])
@pytest.mark.parametrize("wait_s", [0.0, 60.0, 300.0])
def test_the_share_that_waits_longer_is_that_of_a_simulated_queue(agents: int, wait_s: float) -> None:
    demand = Demand(per_hour=60.0, call_s=240.0, patience_s=600.0)

    assert share_beyond(demand, agents, wait_s) == pytest.approx(simulated(demand, agents, wait_s), abs=0.015)


def test_with_endless_patience_it_is_erlangs_own_formula() -> None:
    # 10 Erlang on 12 agents: 44.9 % wait at all (Erlang C), and exp(-(12 - 10) t / 240 s) of them for longer
    demand = Demand(per_hour=150.0, call_s=240.0, patience_s=1e9)

    assert share_beyond(demand, 12, 0.0) == pytest.approx(0.4494, abs=0.001)
    assert share_beyond(demand, 12, 120.0) == pytest.approx(0.4494 * np.exp(-1.0), abs=0.001)


@pytest.mark.parametrize("per_hour", [0.5, 12.0, 60.0, 1200.0])
def test_the_agents_needed_meet_the_goal_and_one_fewer_does_not(per_hour: float) -> None:
    demand = Demand(per_hour=per_hour, call_s=240.0, patience_s=600.0)
    goal = ServiceGoal(within_s=120.0, share=0.8)

    agents = agents_needed(demand, goal)

    assert share_beyond(demand, agents, 120.0) <= 0.2
    assert agents == 1 or share_beyond(demand, agents - 1, 120.0) > 0.2


def test_where_nobody_comes_nobody_is_needed() -> None:
    nobody = Demand(per_hour=0.0, call_s=240.0, patience_s=600.0)

    assert (0, 0.0) == (agents_needed(nobody, ServiceGoal(within_s=0, share=0.8)), share_beyond(nobody, 0, 0))


def test_a_day_is_told_from_its_own_weekday() -> None:
    known = history(6, by_chance=False)

    tuesday = forecast_day(known, MONDAY + timedelta(days=43), NONE)
    sunday = forecast_day(known, MONDAY + timedelta(days=48), NONE)

    assert sum(tuesday.quarters) == pytest.approx(120.0, rel=0.02)
    assert sum(sunday.quarters) == pytest.approx(0.0, abs=0.01)
    assert max(tuesday.quarters) == tuesday.quarters[52]  # noon, as ever


def test_chance_is_smoothed_so_smoothing_wins_and_the_score_says_so() -> None:
    scores = score_methods(history(8), NONE)

    assert [ForecastMethod.SMOOTHING, ForecastMethod.SEASONAL_NAIVE] == [each.method for each in scores]
    assert scores[0].error < 0.9 * scores[1].error
    assert JUDGED_DAYS == scores[0].days
    assert abs(scores[0].bias) < 0.1


def test_where_last_week_is_the_better_guide_it_is_in_use() -> None:
    known = history(7, by_chance=False)
    for day in list(known)[28:]:
        known[day] = known[day] * 3.0  # for three weeks three times as many, to the last caller

    told = forecast_day(known, MONDAY + timedelta(days=49), NONE)

    assert ForecastMethod.SEASONAL_NAIVE is told.method
    assert sum(told.quarters) == pytest.approx(300.0)


def test_a_holiday_is_a_kind_of_its_own_and_before_the_first_it_is_like_a_sunday() -> None:
    known = history(6, by_chance=False)
    coming = MONDAY + timedelta(days=42)
    first = MONDAY + timedelta(days=21)
    without = frozenset({coming})
    assert seasonal_naive(known, coming, without).sum() == pytest.approx(0.0)  # type: ignore[union-attr]

    known[first] = day_of(30.0)
    told = smoothed(known, coming, frozenset({first, coming}))

    assert told is not None
    assert told.sum() == pytest.approx(30.0, rel=0.05)
    assert kind_of(first, frozenset({first})) == 7
    ordinary = smoothed(known, coming + timedelta(days=7), frozenset({first, coming}))
    assert ordinary is not None
    assert ordinary.sum() == pytest.approx(100.0, rel=0.1)


def test_a_trend_is_followed_and_does_not_go_on_for_ever() -> None:
    known = history(8, growth=0.01, by_chance=False)
    last = sum(known[MONDAY + timedelta(days=49)])
    next_week = smoothed(known, MONDAY + timedelta(days=56), NONE)
    next_year = smoothed(known, MONDAY + timedelta(days=56 + 364), NONE)

    assert next_week is not None
    assert next_year is not None
    assert sum(next_week) > 0.93 * last
    assert sum(next_year) < 1.3 * last


def test_too_few_days_are_told_and_not_judged_and_none_tell_nothing() -> None:
    few = dict(list(history(3).items())[:FEWEST_DAYS])

    assert () == forecast_day(few, MONDAY + timedelta(days=30), NONE).scores
    assert forecast_day(few, MONDAY + timedelta(days=30), NONE).method is ForecastMethod.SMOOTHING
    assert forecast_day({}, MONDAY, NONE).method is None
