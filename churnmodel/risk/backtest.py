"""Dated data as the product lives it: trained on the past, retrained block by block, its level followed.

A base rate that moves (a season, a crisis, a new offer) makes the best ranking wrong in level. Following the
level is one number added to the log-odds, estimated from the latest known outcomes only; how many of them,
and how far back a model should look, is weighed by what has served best of late.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from churnmodel.array_types import Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.metrics import log_loss, roc_auc
from churnmodel.risk.calibrate import row_losses
from churnmodel.risk.candidates import Scorer

WINDOWS: Final = (100, 300, 1_000, 4_000)
"""Latest outcomes the level may be taken from, fast to slow; beside them not to follow at all."""

STEP: Final = 25
"""Rows after which levels and weights are taken anew: a quarter of the fastest window."""

RECENT_SHARE: Final = 0.1
"""Beside the model of all past rows, one of the latest tenth: it forgets what no longer holds."""

MEMORIES: Final = ((0.3, 0.9), (0.3, 0.98), (1.0, 1.0))
"""Ways to weigh the experts: how strongly a nat of loss moves weight, and what losses still weigh a step on.

The first forgets within a few hundred rows and trusts little, since neighbours' outcomes go together; the
last never forgets, and finds the one best expert where nothing moves. Which way serves is weighed by its own
losses.
"""

GROWTH: Final = 0.1
"""A steady fit is made anew once there are so many more rows: it costs most and changes least."""

PRIOR_ROWS: Final = 20.0
"""The level is held to that of the model as if this many outcomes had agreed with it."""

NEWTON_STEPS: Final = 8

Fit = Callable[[Floats, Floats], Scorer]


def backtest(
    matrix: Floats,
    labels: Floats,
    fits: Sequence[Fit],
    origins: Ints,
    *,
    steady: Sequence[Fit] = (),
    gap: int = 0,
    progress: Progress = no_progress,
) -> Floats:
    """Give the probability of each row from the first origin on, made from earlier rows only; NaN before.

    Before each origin every fit is made twice, on all rows so far and on the latest tenth; each model with
    each way of following the level is an expert. The answer is the experts' mean, weighted by how well they
    did of late, and again weighted over how long "of late" is (exponentially weighted averages; Cesa-Bianchi
    and Lugosi 2006, chapters 2 and 5).

    Args:
        matrix: rows x features in time order.
        labels: outcomes, known `gap` rows later.
        fits: each fits a scorer to rows and outcomes.
        origins: row numbers of retraining, rising; the last one is the end.
        steady: slow fits, made on all rows so far, and anew only once these have grown by a tenth.
        gap: latest rows whose outcome is not known yet when a row is scored.
        progress: told "in time" with the share of blocks done.
    """
    result = np.full(len(labels), np.nan)
    regrets = _Regrets((2 * len(fits) + len(steady)) * (len(WINDOWS) + 1))
    kept: list[Scorer] = []
    grown = 0
    for start, end in pairwise(int(origin) for origin in origins):
        known = start - gap
        recent = max(0, known - max(FEWEST_RECENT, round(RECENT_SHARE * len(labels))))
        back = max(0, start - max(WINDOWS) - gap)
        models = []
        for fit in fits:
            for first in (0, recent):
                rows = slice(first, known)
                usable = 0 < labels[rows].sum() < known - first
                models.append(
                    fit(matrix[rows], labels[rows]) if usable else fit(matrix[:known], labels[:known])
                )
        if known >= (1 + GROWTH) * grown:
            kept, grown = [fit(matrix[:known], labels[:known]) for fit in steady], known
        # a model's view of the rows before is in sample; their level is what retraining agreed to
        experts = [
            levels(labels[back:end], model.logit(matrix[back:end]), start - back, gap=gap)
            for model in (*models, *kept)
        ]
        regrets.mix(labels, np.concatenate(experts), start, result, gap=gap)
        progress("in time", end / len(labels))
    return result


FEWEST_RECENT: Final = 2_000
"""A tenth of a small file would be too little to train on."""


class _Regrets:
    """Losses that decide the weights: of the experts by way of remembering, and of these ways."""

    def __init__(self, experts: int) -> None:
        self.experts = np.zeros((len(MEMORIES), experts))
        self.memories = np.zeros(len(MEMORIES))

    def mix(self, labels: Floats, logits: Floats, start: int, result: Floats, *, gap: int) -> None:
        """Fill in one block from its experts' log-odds, and keep the regrets for the next block."""
        count = logits.shape[1]
        truth = labels[start : start + count]
        losses = row_losses(truth, logits)
        mixed = np.empty((len(MEMORIES), count))
        for at in range(0, count, STEP):
            end = min(count, at + STEP)
            known = at - gap
            if known >= STEP:
                rows = slice(known - STEP, known)
                for index, (_, remembered) in enumerate(MEMORIES):
                    self.experts[index] = remembered * self.experts[index] + losses[:, rows].sum(axis=1)
                    self.memories[index] += STEP * log_loss(truth[rows], mixed[index, rows])
            for index, (trust, _) in enumerate(MEMORIES):
                mixed[index, at:end] = _weights(self.experts[index], trust) @ sigmoid(logits[:, at:end])
            result[start + at : start + end] = _weights(self.memories, 1.0) @ mixed[:, at:end]


def _weights(regret: Floats, trust: float) -> Floats:
    weight = np.exp(-trust * (regret - regret.min()))
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def levels(labels: Floats, logit: Floats, start: int, *, gap: int = 0) -> Floats:
    """Give the log-odds of rows from `start` on, once as they are and once shifted by each window's level."""
    rows = len(labels)
    options = np.repeat(logit[None, start:], len(WINDOWS) + 1, axis=0)
    for at in range(start, rows, STEP):
        known = max(0, at - gap)
        for index, window in enumerate(WINDOWS):
            low = max(0, known - window)
            if known > low:
                shift = level_shift(labels[low:known], logit[low:known])
                options[index, at - start : at - start + STEP] += shift
    return options


def level_shift(labels: Floats, logit: Floats) -> float:
    """Give the shift of log-odds that makes the mean prediction the seen rate, held back by the prior."""
    shift = 0.0
    rate = sigmoid(logit).mean()
    prior = PRIOR_ROWS * max(rate * (1 - rate), 1e-6)
    for _ in range(NEWTON_STEPS):
        p = sigmoid(logit + shift)
        slope = float((p * (1 - p)).sum()) + prior
        shift += float((labels - p).sum() - prior * shift) / slope
    return shift


def within_period_auc(labels: Floats, score: Floats, periods: int) -> float:
    """Mean ROC-AUC inside equal periods, weighted by rows: skill at ranking, not at telling the date."""
    edges = np.linspace(0, len(labels), periods + 1).astype(np.int64)
    values, weights = [], []
    for start, end in pairwise(edges):
        auc = roc_auc(labels[start:end], score[start:end])
        if not np.isnan(auc):
            values.append(auc)
            weights.append(float(end - start))
    return float(np.average(values, weights=weights)) if values else float("nan")
