"""Lists that fit the hours, and what another list would have brought."""

import numpy as np
import pytest

from churnmodel.allocation import Capacity, allocate_calls, minutes_a_customer
from churnmodel.logged_list import what_if


def test_an_allocation_takes_the_best_gain_per_minute_within_the_hours():
    """A short call with a small gain beats a long one with a bigger gain; nothing that costs is called."""
    made = allocate_calls(np.array([10.0, 6.0, -1.0, 5.0]), np.array([10.0, 2.0, 1.0, 5.0]), 8.0)

    assert [1, 0] != list(made.rows)
    assert 1 in made.rows
    assert 2 not in made.rows
    assert made.minutes <= 8.0


@pytest.mark.parametrize("seed", range(5))
def test_an_allocation_is_within_one_call_of_the_best_possible(seed):
    """Against exhaustive search on twelve customers; the bound is never below the best."""
    rng = np.random.default_rng(seed)
    gain, minutes = rng.normal(5, 5, 12), rng.uniform(1, 6, 12)
    best = max(
        float(gain[[k for k in range(12) if mask >> k & 1]].sum())
        for mask in range(4096)
        if minutes[[k for k in range(12) if mask >> k & 1]].sum() <= 15
    )

    made = allocate_calls(gain, minutes, 15.0)

    assert made.bound >= best - 1e-9
    assert made.gain >= best - gain.max()


def test_nobody_forbidden_is_planned_and_a_minute_has_its_price():
    gain, minutes = np.full(10, 3.0), np.ones(10)
    made = allocate_calls(gain, minutes, 4.0, allowed=np.arange(10) >= 2)

    assert {0, 1}.isdisjoint(list(made.rows))
    assert 3.0 == made.price_of_a_minute
    assert 0.0 == allocate_calls(gain, minutes, 100.0).price_of_a_minute


def test_bound_of_the_gain_uses_the_errors():
    made = allocate_calls(np.full(4, 10.0), np.ones(4), 10.0, error=np.full(4, 5.0))

    assert 40 - 1.645 * 10 == pytest.approx(made.gain_low)


def test_capacity_and_minutes():
    assert 8 * 6 * 60 * 0.75 == Capacity(agents=8, hours=6).minutes


def test_customer_costs_a_talk_if_reached_and_a_ring_for_each_try_in_vain():
    minutes = [
        minutes_a_customer(answer, talk_minutes=6, attempts=3, try_minutes=0.5) for answer in (1.0, 0.5, 0.0)
    ]

    # at one in two: reached by 7/8, and 7/4 tries on average, 7/8 of them in vain
    assert [6.0, pytest.approx(6 * 7 / 8 + 0.5 * 7 / 8), 1.5] == minutes


def test_three_estimates_find_the_value_of_another_list():
    """Logged by a coin that leans on a feature; the wished list calls the other half."""
    rng = np.random.default_rng(1)
    n = 60_000
    x = rng.random(n)
    p = 0.2 + 0.6 * x
    called = (rng.random(n) < p).astype(float)
    reward = called * (2 - 4 * x) + rng.normal(0, 1, n)
    wished = (x < 0.5).astype(float)
    truth = float((wished * (2 - 4 * x)).mean())

    found = what_if(
        reward=reward, called=called, propensity=p, new_policy=wished,
        expected_called=np.full(n, 0.3), expected_not=np.zeros(n),
    )  # fmt: skip

    for estimate in (found.ips, found.snips, found.dr):
        assert truth == pytest.approx(estimate.value, abs=4 * estimate.error + 1e-3)
    assert "" == found.refused


def test_good_model_makes_the_doubly_robust_estimate_tighter():
    rng = np.random.default_rng(2)
    n = 20_000
    x = rng.random(n)
    called = (rng.random(n) < 0.5).astype(float)
    reward = 10 * x + called + rng.normal(0, 0.1, n)
    found = what_if(
        reward=reward, called=called, propensity=np.full(n, 0.5), new_policy=np.ones(n),
        expected_called=10 * x + 1, expected_not=10 * x,
    )  # fmt: skip

    assert found.dr.error < 0.5 * found.ips.error


def test_difference_between_two_lists_is_tighter_than_either_and_right():
    """Both lists call the upper half; only the quarter in which they differ adds noise."""
    rng = np.random.default_rng(3)
    n = 40_000
    x = rng.random(n)
    called = (rng.random(n) < 0.5).astype(float)
    reward = called * (2 * x - 1) + rng.normal(0, 1, n)
    old, new = (x > 0.5).astype(float), (x > 0.75).astype(float)
    logged = {
        "reward": reward, "called": called, "propensity": np.full(n, 0.5),
        "expected_called": np.zeros(n), "expected_not": np.zeros(n),
    }  # fmt: skip
    truth = -float((2 * x - 1)[(x > 0.5) & (x <= 0.75)].sum() / n)

    difference = what_if(**logged, new_policy=new, instead_of=old)

    for estimate in (difference.ips, difference.snips, difference.dr):
        assert truth == pytest.approx(estimate.value, abs=4 * estimate.error)
    assert difference.dr.error < 0.75 * what_if(**logged, new_policy=new).dr.error
    assert 0.0 == what_if(**logged, new_policy=old, instead_of=old).dr.value


def test_households_count_once_in_the_error():
    """Four copies of each customer in one household know no more than one of them."""
    rng = np.random.default_rng(4)
    n = 1_000
    called, reward = (rng.random(n) < 0.5).astype(float), rng.normal(0, 1, n)

    def found(times, household=None):
        return what_if(
            reward=np.repeat(reward, times), called=np.repeat(called, times),
            propensity=np.full(n * times, 0.5), new_policy=np.ones(n * times),
            expected_called=np.zeros(n * times), expected_not=np.zeros(n * times), household=household,
        ).dr.error  # fmt: skip

    assert found(1) == pytest.approx(found(4, np.repeat(np.arange(n), 4)))
    assert found(4) == pytest.approx(found(1) / 2)


def test_list_that_was_never_tried_is_refused():
    """Nobody of the wished list could have been called: there is no evidence, and the rule says so."""
    n = 500
    found = what_if(
        reward=np.zeros(n), called=np.zeros(n), propensity=np.zeros(n), new_policy=np.ones(n),
        expected_called=np.zeros(n), expected_not=np.zeros(n),
    )  # fmt: skip

    assert "what-if.no-overlap" == found.refused
