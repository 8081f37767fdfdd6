"""The tail of a sum of yes-or-no variables, and the distributions it is fed with."""

import itertools
import math

import numpy as np
import pytest

from dialer.core.pacing.answer_rate import AnswerRate
from dialer.core.pacing.estimators import HandlingEstimator, RingEstimator
from dialer.core.pacing.forecast import AgeTable, Busy, Estimators, draw_forecast
from dialer.core.pacing.lookahead import EXACT_TERMS, ExactTail, SmoothTail, worst_from
from dialer.core.pacing.settings import PacerSettings, PacingPrior


def counted_tail(chances: list[float], least: int) -> float:
    """P(sum >= least) by counting every outcome."""
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        if sum(outcome) >= least:
            total += math.prod(c if hit else 1 - c for c, hit in zip(chances, outcome, strict=True))
    return total


@pytest.mark.parametrize("least", [0, 1, 2, 4, 5])
def test_the_exact_tail_is_exact(least: int):
    chances = [0.1, 0.9, 0.33, 0.5, 0.07]
    tail = ExactTail(np.array(chances)[:, None], agents=least)
    assert tail.chances()[0] == pytest.approx(counted_tail(chances, least), abs=1e-12)


def test_added_calls_count_even_beyond_the_spare_room():
    tail = ExactTail(np.array([[0.5]]), agents=3)
    for _ in range(11):
        tail.add(np.array([0.2]))
    assert tail.chances()[0] == pytest.approx(counted_tail([0.5] + [0.2] * 11, 3), abs=1e-12)


def test_nobody_in_the_air_and_nobody_busy_carries_no_risk():
    assert ExactTail(np.empty((0, 4)), agents=1).chances() == pytest.approx(np.zeros(4))


def test_expected_live_callers_raise_the_tail_like_a_poisson_variable():
    tail = ExactTail(np.empty((0, 1)), agents=2, arrivals=np.array([1.5]))
    assert tail.chances()[0] == pytest.approx(1 - math.exp(-1.5) * 2.5, abs=1e-6)


@pytest.mark.parametrize("least_over_mean", [0, 3, 6, 10])
def test_the_smooth_tail_agrees_with_the_exact_one_where_it_takes_over(least_over_mean: int):
    rng = np.random.default_rng(5)
    chances = rng.uniform(0.02, 0.98, EXACT_TERMS + 1)
    least = int(chances.sum()) + least_over_mean
    spread = chances * (1 - chances)
    smooth = SmoothTail(
        mean=np.array([chances.sum()]),
        variance=np.array([spread.sum()]),
        third=np.array([(spread * (1 - 2 * chances)).sum()]),
        agents=least,
    )
    exact = ExactTail(chances[:, None], agents=least)
    assert smooth.chances()[0] == pytest.approx(exact.chances()[0], abs=0.002)


def test_the_worst_moment_from_each_answer_on_counts():
    assert worst_from(np.array([0.0, 0.4, 0.1, 0.2])) == pytest.approx((0.4 + 0.4 + 0.2 + 0.2) / 4)


def test_the_answer_rate_is_learned():
    rate = AnswerRate(0.35)
    for number in range(1000):
        rate.learn(answered=number % 5 == 0, expected=None)
    assert rate.value == pytest.approx(0.2, abs=0.02)


def test_a_doubled_answer_rate_is_noticed_within_two_hundred_calls():
    rate, rng = AnswerRate(0.35), np.random.default_rng(3)
    for _ in range(1200):
        rate.learn(answered=bool(rng.random() < 0.2), expected=None)
    for _ in range(200):
        rate.learn(answered=bool(rng.random() < 0.4), expected=None)
    assert rate.value > 0.33


def test_ring_times_are_learned_by_age():
    distribution = RingEstimator(answer_probability=0.35, ring_s=27.0)
    for number in range(2000):
        distribution.learn(5.5 if number % 4 == 0 else 27.0, answered=number % 4 == 0)
    answered, failed = distribution.shapes()
    assert answered[8] > 0.9
    assert failed[26] < 0.1
    assert failed[29] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("age", [0.0, 60.0, 200.0, 500.0])
def test_residual_talk_follows_the_true_distribution_given_the_time_elapsed(age: float):
    rng = np.random.default_rng(11)
    variance = math.log1p(0.8**2)
    draws = rng.lognormal(math.log(180) - variance / 2, math.sqrt(variance), 3000)
    distribution = HandlingEstimator(mean_s=100.0)
    for draw in draws:
        distribution.learn(float(draw))
    hazard = distribution.cumulative_hazard(np.array([age, age + 20.0]), running=np.empty(0))
    longer = draws[draws > age]
    expected = float((longer < age + 20.0).mean())
    assert 1 - math.exp(hazard[0] - hazard[1]) == pytest.approx(expected, abs=0.05)


def test_talks_still_running_are_evidence_too():
    distribution = HandlingEstimator(mean_s=100.0)
    ages = np.array([100.0, 150.0])
    alone = distribution.cumulative_hazard(ages, running=np.empty(0))
    with_long_ones = distribution.cumulative_hazard(ages, running=np.full(40, 400.0))
    assert np.diff(with_long_ones)[0] < 0.7 * np.diff(alone)[0]


def test_longer_talks_are_noticed_within_a_few_dozen():
    distribution, rng = HandlingEstimator(mean_s=150.0), np.random.default_rng(2)
    for _ in range(400):
        distribution.learn(float(rng.lognormal(4.9, 0.7)))
    before = distribution.mean_s
    for _ in range(45):
        distribution.learn(float(rng.lognormal(5.6, 0.7)))
    assert distribution.mean_s > 1.5 * before


def test_the_forecast_holds_chances():
    estimators = Estimators.start(PacerSettings(), PacingPrior())
    forecast = draw_forecast(
        estimators,
        rate=0.3,
        patience_s=2.0,
        talking=Busy(ages_s=np.array([50.0])),
        wrapping=Busy(ages_s=np.array([4.0])),
    )
    for table in (forecast.ringing, forecast.still_talking, forecast.still_wrapping):
        assert table.chances.min() >= 0.0
        assert table.chances.max() <= 1.0
    assert (np.diff(forecast.placed) >= 0).all()
    assert (np.diff(forecast.still_talking.chances, axis=1) <= 1e-12).all()


def test_ages_beyond_the_table_take_its_last_row():
    table = AgeTable.of(np.array([[0.1], [0.2]]), 1.0)
    assert table.rows(np.array([0.5, 99.0])).ravel() == pytest.approx([0.1, 0.2])
    assert table.sums(np.array([0.5, 99.0]))[0] == pytest.approx(0.3)
