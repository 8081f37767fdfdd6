"""Dated data as the product lives it: trained on the past, retrained block by block, its level followed.

A base rate that moves (a season, a crisis, a new offer) makes the best ranking wrong in level. Following the
level is one number added to the log-odds, estimated from the latest known outcomes only; how many of them,
and how far back a model should look, is weighed by what has served best of late.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from churnmodel.arrays import Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.calibrate import row_losses
from churnmodel.candidates import Scorer
from churnmodel.measures import roc_auc

WINDOWS: Final = (100, 300, 1_000, 4_000)
"""Latest outcomes the level may be taken from, fast to slow; beside them not to follow at all."""

STEP: Final = 25
"""Rows after which levels and weights are taken anew: a quarter of the fastest window."""

RECENT_SHARE: Final = 0.1
"""Beside the model of all past rows, one of the latest tenth: it forgets what no longer holds."""

FORGETTING: Final = 0.9
"""What losses still weigh a step later: the experts are judged on their latest few hundred rows."""

TRUST: Final = 0.3
"""How strongly a nat of loss moves weight between experts; below 1 since neighbours' outcomes go together."""

PRIOR_ROWS: Final = 20.0
"""The level is held to that of the model as if this many outcomes had agreed with it."""

NEWTON_STEPS: Final = 8

Fit = Callable[[Floats, Floats], Scorer]


def roll(
    matrix: Floats,
    labels: Floats,
    fits: Sequence[Fit],
    origins: Ints,
    *,
    gap: int = 0,
    progress: Progress = no_progress,
) -> Floats:
    """Give the probability of each row from the first origin on, made from earlier rows only; NaN before.

    Before each origin every fit is made twice, on all rows so far and on the latest tenth; each model with
    each way of following the level is an expert, and the answer is their mean, weighted by how well they did
    of late (exponentially weighted average with forgetting; Cesa-Bianchi and Lugosi 2006, chapters 2 and 5).

    Args:
        matrix: rows x features in time order.
        labels: outcomes, known `gap` rows later.
        fits: each fits a scorer to rows and outcomes.
        origins: row numbers of retraining, rising; the last one is the end.
        gap: latest rows whose outcome is not known yet when a row is scored.
        progress: told "in time" with the share of blocks done.
    """
    result = np.full(len(labels), np.nan)
    regret = np.zeros(2 * len(fits) * (len(WINDOWS) + 1))
    for start, end in pairwise(int(origin) for origin in origins):
        known = start - gap
        recent = max(0, known - max(FEWEST_RECENT, round(RECENT_SHARE * len(labels))))
        back = max(0, start - max(WINDOWS) - gap)
        experts = []
        for fit in fits:
            for first in (0, recent):
                rows = slice(first, known)
                usable = 0 < labels[rows].sum() < known - first
                model = fit(matrix[rows], labels[rows]) if usable else fit(matrix[:known], labels[:known])
                # its view of the rows before is in sample; their level is what retraining agreed to
                experts.append(levels(labels[back:end], model.logit(matrix[back:end]), start - back, gap=gap))
        regret = _mix(labels, np.concatenate(experts), start, regret, result, gap=gap)
        progress("in time", end / len(labels))
    return result


FEWEST_RECENT: Final = 2_000
"""A tenth of a small file would be too little to train on."""


def _mix(labels: Floats, logits: Floats, start: int, regret: Floats, result: Floats, *, gap: int) -> Floats:
    """Fill in one block from its experts' log-odds; give the regrets to start the next block with."""
    count = logits.shape[1]
    losses = row_losses(labels[start : start + count], logits)
    for at in range(0, count, STEP):
        end = min(count, at + STEP)
        known = at - gap
        if known >= STEP:
            regret = FORGETTING * regret + losses[:, known - STEP : known].sum(axis=1)
        weight = np.exp(-TRUST * (regret - regret.min()))
        result[start + at : start + end] = (weight / weight.sum()) @ sigmoid(logits[:, at:end])
    return regret


def levels(labels: Floats, logit: Floats, start: int, *, gap: int = 0) -> Floats:
    """Give the log-odds of rows from `start` on, once as they are and once shifted by each window's level."""
    rows = len(labels)
    options = np.repeat(logit[None, start:], len(WINDOWS) + 1, axis=0)
    for at in range(start, rows, STEP):
        known = max(0, at - gap)
        for place, window in enumerate(WINDOWS):
            low = max(0, known - window)
            if known > low:
                shift = level_shift(labels[low:known], logit[low:known])
                options[place, at - start : at - start + STEP] += shift
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
