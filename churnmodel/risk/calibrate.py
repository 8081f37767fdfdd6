"""Straightening probabilities after the fact: two numbers (Platt 1999), and a guard.

A model trained on log-loss without class weights is calibrated already on data like its own. The map is for
data that moved, is fitted on judged rows only (never inside training), and is kept only if it is sane and
pays. The guard is against turning a model over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from churnmodel.array_types import Floats, sigmoid

SMALLEST_SLOPE: Final = 0.5
LARGEST_SLOPE: Final = 2.0
"""A slope outside says the model ranks differently on this slice: retrain, do not bend.

An unshuffled calibration with slopes near 0 and of both signs turned a bank model over (ROC-AUC .228).
"""

FEWEST_OUTCOMES: Final = 50
"""Fewer of either outcome cannot fix two numbers to better than the error they are to remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Straightening:
    """Log-odds become intercept + slope x log-odds; `rule` says why it is the identity when it is."""

    slope: float = 1.0
    intercept: float = 0.0
    rule: str = ""

    def apply(self, logit: Floats) -> Floats:
        """Straighten log-odds."""
        return np.asarray(self.intercept + self.slope * logit, dtype=np.float64)


def row_losses(truth: Floats, logit: Floats) -> Floats:
    """Log-loss of each row in nats, stable for any log-odds."""
    return np.asarray(np.logaddexp(0.0, logit) - truth * logit, dtype=np.float64)


def mean_and_error(terms: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Give the mean of the terms, weighted by row if there are weights, and its standard error."""
    if weight is None:
        return float(terms.mean()), float(terms.std() / np.sqrt(len(terms)))
    mean = float(np.average(terms, weights=weight))
    around = weight / weight.mean() * (terms - mean)
    return mean, float(around.std() / np.sqrt(len(terms)))


def fit_slope(truth: Floats, logit: Floats, weight: Floats | float = 1.0) -> tuple[float, float]:
    """Maximum-likelihood slope and intercept of the outcome on log-odds."""

    def loss(at: Floats) -> tuple[float, Floats]:
        straight = at[0] * logit + at[1]
        error = weight * (sigmoid(straight) - truth)
        mean = float((weight * row_losses(truth, straight)).mean())
        return mean, np.array([(error * logit).mean(), error.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def straighten(truth: Floats, logit: Floats, weight: Floats | None = None) -> Straightening:
    """Fit the map on one half and judge it on the other, both ways; keep it only if it is sane and pays.

    It pays when the mean gain in log-loss is above one standard error of it. Otherwise the identity comes
    back with a rule: `calibration.too-few`, `calibration.slope` or `calibration.no-gain`.
    """
    if min(truth.sum(), len(truth) - truth.sum()) < FEWEST_OUTCOMES:
        return Straightening(rule="calibration.too-few")
    by_row = np.ones(len(truth)) if weight is None else weight / weight.mean()
    slope, intercept = fit_slope(truth, logit, by_row)
    if not SMALLEST_SLOPE <= slope <= LARGEST_SLOPE:
        return Straightening(rule="calibration.slope")
    half = np.arange(len(truth)) % 2 == 0
    gains = np.empty(len(truth))
    for side in (half, ~half):
        a, b = fit_slope(truth[~side], logit[~side], by_row[~side])
        gains[side] = row_losses(truth[side], logit[side]) - row_losses(truth[side], a * logit[side] + b)
    gain, error = mean_and_error(gains, weight)
    if gain <= error:
        return Straightening(rule="calibration.no-gain")
    return Straightening(slope=slope, intercept=intercept)
