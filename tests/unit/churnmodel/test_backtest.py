"""Dated data: nothing from the future, and a level that is followed."""

import numpy as np
import pytest

from churnmodel.data.splits import random_splits, rolling_splits
from churnmodel.metrics import ece, log_loss
from churnmodel.risk.backtest import backtest, level_shift, within_period_auc
from churnmodel.risk.logistic import fit_logistic

pytestmark = pytest.mark.slow


def fit(matrix, labels):
    return fit_logistic(matrix, labels, (), seed=1)


def moving_world(n=9000, seed=1):
    """Ranking stays, the base rate jumps from 10 to 30 % at two thirds."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    level = np.where(np.arange(n) < 2 * n // 3, -2.4, -0.9)
    return x, (rng.random(n) < 1 / (1 + np.exp(-(level + x[:, 0])))).astype(float)


def test_jump_of_the_base_rate_is_followed():
    """Retrained but not followed, probabilities would be far too low after the jump."""
    x, y = moving_world()
    start = 5000

    rolled = backtest(x, y, [fit], np.linspace(start, 9000, 5).astype(int))
    once = 1 / (1 + np.exp(-fit(x[:start], y[:start]).logit(x[start:])))

    assert ece(y[start:], rolled[start:]) < 0.03 < ece(y[start:], once)
    assert log_loss(y[start:], rolled[start:]) < log_loss(y[start:], once)
    assert np.isnan(rolled[:start]).all()


def test_following_costs_next_to_nothing_where_nothing_moves():
    """A model that sees little stands beside one that sees all: the mean soon is the better one's."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(9000, 3))
    y = (rng.random(9000) < 1 / (1 + np.exp(1.5 - 0.5 * x[:, 0]))).astype(float)
    start = 5000

    def blind(matrix, labels):
        return fit(np.column_stack([np.zeros(len(matrix)), matrix[:, 1:]]), labels)

    rolled = backtest(x, y, [fit, blind], np.linspace(start, 9000, 5).astype(int))
    once = 1 / (1 + np.exp(-fit(x[:start], y[:start]).logit(x[start:])))

    assert log_loss(y[start:], rolled[start:]) < log_loss(y[start:], once) + 0.0013


def test_steady_fit_is_made_anew_only_as_rows_grow():
    x, y = moving_world()
    made = []

    def slow(matrix, labels):
        made.append(len(labels))
        return fit(matrix, labels)

    backtest(x, y, [fit], np.array([5000, 5200, 5600, 7000, 9000]), steady=[slow])

    assert [5000, 5600, 7000] == made


def test_future_outcomes_change_nothing_before_them():
    """Whatever happens after row 7000, rows up to it were scored without it."""
    x, y = moving_world()
    changed = y.copy()
    changed[7000:] = 1 - changed[7000:]
    origins = np.linspace(5000, 9000, 5).astype(int)

    for gap in (0, 200):
        one, two = backtest(x, y, [fit], origins, gap=gap), backtest(x, changed, [fit], origins, gap=gap)
        assert (one[5000 : 7000 + gap] == two[5000 : 7000 + gap]).all()
        assert not (one[7400:] == two[7400:]).all()


def test_level_shift_meets_the_seen_rate_and_is_held_back_when_rows_are_few():
    rng = np.random.default_rng(1)
    logit = rng.normal(-2, 1, 4000)
    seen = (rng.random(4000) < 1 / (1 + np.exp(-(logit + 1)))).astype(float)

    assert abs(level_shift(seen, logit) - 1) < 0.15
    assert abs(level_shift(seen[:5], logit[:5])) < abs(level_shift(np.ones(5), logit[:5])) < 3


def test_within_period_auc_does_not_reward_knowing_the_date():
    """A score that tells only the period ranks nobody inside it."""
    period = np.repeat([0.0, 1.0], 2000)
    truth = (np.random.default_rng(1).random(4000) < 0.1 + 0.6 * period).astype(float)

    assert 0.5 == within_period_auc(truth, period, 2)


def test_rolling_splits_train_on_the_past_only_and_households_stay_whole():
    for split in rolling_splits(1000):
        assert split.train.max() < split.judge.min()
    homes = np.repeat(np.arange(200), 5)
    labels = (np.random.default_rng(1).random(1000) < 0.3).astype(float)
    for split in random_splits(labels, seed=1, households=homes)[0]:
        assert not set(homes[split.train]) & set(homes[split.judge])
