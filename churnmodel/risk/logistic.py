"""Candidate "logistic": quantile-normal numbers and target-encoded categories in a logistic regression.

Every input is a function of one feature, so the fitted model is kept as an additive table.
"""

import warnings
from typing import Final

import numpy as np
from scipy.special import ndtri
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from churnmodel.array_types import Floats, Ints
from churnmodel.risk.additive import Additive, Levels, LineShape, Shape
from churnmodel.risk.calibrate import row_losses
from churnmodel.risk.inputs import encode_levels

INVERSE_PENALTY: Final = 0.3
"""C of the ridge penalty: the best of a coarse grid over eight churn sets, flat around it."""

OTHERS: Final = (0.03, 0.003, 3.0)
"""Values of C that are tried too where there are few outcomes for the width."""

ENOUGH_A_COLUMN: Final = 20
"""Rarer outcomes a column from which the penalty hardly matters; ten are the usual fewest (Peduzzi 1996)."""

FOLDS: Final = 5

QUANTILES: Final = 101
"""Knots of the quantile-normal map: percentiles."""

FURTHEST_QUANTILE: Final = 2e-3
"""Extremes are pulled in to this tail (2.9 standard deviations) so that one row cannot lever the fit."""

ITERATIONS: Final = 400
SMALLEST_SCALE: Final = 1e-6


def fit_logistic(
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    *,
    seed: int,
    weight: Floats | None = None,
) -> Additive:
    """Fit on rows x features; missing values and unseen levels have their own learned place."""
    truth = labels.astype(np.int64)
    inputs: list[Floats] = []
    makers: list[tuple[int, Floats, Floats]] = []  # (feature, knots or empty, value of each knot or code)
    for column in range(matrix.shape[1]):
        x = matrix[:, column]
        if column in categories:
            codes, table = encode_levels(x, truth, seed=seed)
            inputs.append(codes)
            makers.append((column, np.empty(0), table))
            continue
        knots, normal = normal_map(x)
        inputs.append(np.where(np.isnan(x), 0.0, np.interp(x, knots, normal)))
        makers.append((column, knots, normal))
        if np.isnan(x).any():
            inputs.append(np.isnan(x).astype(np.float64))
            makers.append((column, np.array([np.nan]), np.empty(0)))
    design = np.column_stack(inputs)
    centre, scale = design.mean(axis=0), design.std(axis=0)
    scale = np.where(scale < SMALLEST_SCALE, 1.0, scale)
    standard = (design - centre) / scale
    penalty = choose_penalty(standard, truth, weight, seed=seed)
    model = _fit(standard, truth, weight, penalty)
    slope = np.asarray(model.coef_[0] / scale, dtype=np.float64)
    base = float(model.intercept_[0] - (slope * centre).sum())
    return _table(base, slope, makers, matrix.shape[1])


def choose_penalty(design: Floats, truth: Ints, weight: Floats | None, *, seed: int) -> float:
    """Give C: the usual one where outcomes are many for the width, else what serves best out of fold.

    300 columns and 200 leavers fit anything at the usual C, and say it with certainty.
    """
    if min(truth.sum(), len(truth) - truth.sum()) >= ENOUGH_A_COLUMN * design.shape[1]:
        return INVERSE_PENALTY
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(design, truth))

    def loss(penalty: float) -> float:
        total = 0.0
        for rows, judged in folds:
            model = _fit(design[rows], truth[rows], None if weight is None else weight[rows], penalty)
            losses = row_losses(truth[judged], model.decision_function(design[judged]))
            total += float((losses if weight is None else losses * weight[judged]).sum())
        return total

    return min((INVERSE_PENALTY, *OTHERS), key=loss)


def _fit(design: Floats, truth: Ints, weight: Floats | None, penalty: float) -> LogisticRegression:
    model = LogisticRegression(C=penalty, max_iter=ITERATIONS)
    with warnings.catch_warnings():
        # a fit stopped at the last iteration is still the best found; its figures decide whether it is used
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(design, truth, sample_weight=weight)


def _table(base: float, slope: Floats, makers: list[tuple[int, Floats, Floats]], width: int) -> Additive:
    shapes: list[Shape] = []
    for weight, (column, knots, values) in zip(slope, makers, strict=True):
        if len(values) == 0:  # the missing mark of the line before
            line = shapes[-1]
            assert isinstance(line, LineShape)  # noqa: S101 - a missing mark always follows its number
            shapes[-1] = LineShape(column=column, knots=line.knots, values=line.values, missing=float(weight))
        elif len(knots) == 0:
            table = weight * values
            shapes.append(Levels(column=column, values=table[:-1], missing=float(table[-1])))
        else:
            shapes.append(LineShape(column=column, knots=knots, values=weight * values, missing=0.0))
    return Additive(base=base, width=width, shapes=tuple(shapes))


def normal_map(x: Floats) -> tuple[Floats, Floats]:
    """Knots and their standard-normal places; equal quantiles share the middle of their ranks."""
    known = x[~np.isnan(x)]
    if known.size == 0:
        return np.array([0.0]), np.array([0.0])
    share = np.linspace(0, 1, QUANTILES)
    knots, first, count = np.unique(np.quantile(known, share), return_index=True, return_counts=True)
    middle = (share[first] + share[first + count - 1]) / 2
    return knots, np.asarray(
        ndtri(np.clip(middle, FURTHEST_QUANTILE, 1 - FURTHEST_QUANTILE)), dtype=np.float64
    )
