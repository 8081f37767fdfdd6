"""Straightening probabilities after the fact: two numbers (Platt 1999), and a guard.

A model trained on log-loss without class weights is calibrated already on data like its own. The map is for
data that moved, is fitted on judged rows only (never inside training), and is kept only if it is sane and
pays. The guard is against turning a model over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from churnmodel.arrays import Floats, sigmoid

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


def fit_slope(truth: Floats, logit: Floats) -> tuple[float, float]:
    """Maximum-likelihood slope and intercept of the outcome on log-odds."""

    def loss(at: Floats) -> tuple[float, Floats]:
        straight = at[0] * logit + at[1]
        error = sigmoid(straight) - truth
        return float(row_losses(truth, straight).mean()), np.array([(error * logit).mean(), error.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def straighten(truth: Floats, logit: Floats) -> Straightening:
    """Fit the map on one half and judge it on the other, both ways; keep it only if it is sane and pays.

    It pays when the mean gain in log-loss is above one standard error of it. Otherwise the identity comes
    back with a rule: `calibration.too-few`, `calibration.slope` or `calibration.no-gain`.
    """
    if min(truth.sum(), len(truth) - truth.sum()) < FEWEST_OUTCOMES:
        return Straightening(rule="calibration.too-few")
    slope, intercept = fit_slope(truth, logit)
    if not SMALLEST_SLOPE <= slope <= LARGEST_SLOPE:
        return Straightening(rule="calibration.slope")
    half = np.arange(len(truth)) % 2 == 0
    gains = np.empty(len(truth))
    for side in (half, ~half):
        a, b = fit_slope(truth[~side], logit[~side])
        gains[side] = row_losses(truth[side], logit[side]) - row_losses(truth[side], a * logit[side] + b)
    if gains.mean() <= gains.std() / np.sqrt(len(gains)):
        return Straightening(rule="calibration.no-gain")
    return Straightening(slope=slope, intercept=intercept)
