"""How good a risk model is: ranking, probability and calibration figures, each one number.

All take the truth as 0/1 and the probability of 1. Sources: Fawcett 2006 (ROC), Naeini et al. 2015 (ECE),
Cox 1958 (calibration slope).
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from scipy.stats import rankdata

from churnmodel.array_types import Floats

ECE_BINS: Final = 15
"""Equal-width bins of the calibration error, the usual number since Guo et al. 2017."""

SMALLEST_PROBABILITY: Final = 1e-9
"""Probabilities are kept this far from 0 and 1 so that a log-loss is finite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFigures:
    """What one set of predictions was worth."""

    roc_auc: float
    pr_auc: float
    lift_10: float
    log_loss: float
    brier: float
    ece: float

    def as_dict(self) -> dict[str, float]:
        """Give the figures as plain numbers by name."""
        return {name: float(value) for name, value in asdict(self).items()}


def roc_auc(truth: Floats, score: Floats) -> float:
    """Chance that a random positive scores above a random negative; ties count half. NaN with one class."""
    positives = float(truth.sum())
    negatives = len(truth) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[truth > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def pr_auc(truth: Floats, score: Floats) -> float:
    """Average precision: precision at each distinct score, weighted by the recall it adds."""
    if truth.sum() == 0:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    last_of_tie = np.append(np.diff(score[order]) != 0, True)  # the last row ends a tie
    hits, ends = hits[last_of_tie], np.flatnonzero(last_of_tie) + 1
    precision = hits / ends
    recall_gain = np.diff(np.append(0.0, hits)) / truth.sum()
    return float((precision * recall_gain).sum())


def lift(truth: Floats, score: Floats, share: float = 0.1) -> float:
    """How many times the average rate the top `share` of the list holds."""
    base = truth.mean()
    if base == 0:
        return float("nan")
    top = max(1, round(share * len(truth)))
    return float(truth[np.argsort(-score, kind="stable")[:top]].mean() / base)


def log_loss(truth: Floats, probability: Floats) -> float:
    """Mean negative log-likelihood in nats."""
    p = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return float(-(truth * np.log(p) + (1 - truth) * np.log1p(-p)).mean())


def brier(truth: Floats, probability: Floats) -> float:
    """Mean squared error of the probability."""
    return float(((truth - probability) ** 2).mean())


def ece(truth: Floats, probability: Floats, bins: int = ECE_BINS) -> float:
    """Expected calibration error: mean gap between predicted and seen rate over equal-width bins."""
    index = np.minimum((probability * bins).astype(int), bins - 1)
    gap = np.bincount(index, weights=probability - truth, minlength=bins)
    return float(np.abs(gap).sum() / len(truth))


def ece_by_chance(probability: Floats, *, seed: int, draws: int = 20) -> float:
    """Calibration error that perfect probabilities would show on so many rows: the floor of any model's."""
    rng = np.random.default_rng(seed)
    known = probability[~np.isnan(probability)]
    return float(
        np.mean([ece((rng.random(len(known)) < known).astype(np.float64), known) for _ in range(draws)])
    )


def risk_figures(truth: Floats, probability: Floats) -> RiskFigures:
    """Measure everything at once."""
    return RiskFigures(
        roc_auc=roc_auc(truth, probability),
        pr_auc=pr_auc(truth, probability),
        lift_10=lift(truth, probability),
        log_loss=log_loss(truth, probability),
        brier=brier(truth, probability),
        ece=ece(truth, probability),
    )


def mean_figures(figures: list[RiskFigures]) -> RiskFigures:
    """Average the same figures over several sets of predictions."""
    rows = [one.as_dict() for one in figures]
    return RiskFigures(**{name: float(np.mean([row[name] for row in rows])) for name in rows[0]})
