"""The candidate models, what they say out of fold, and the rule that chooses one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize

from churnmodel.array_types import Bools, Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.data.splits import Split
from churnmodel.metrics import RiskFigures, ece, mean_figures, risk_figures
from churnmodel.risk.additive import Additive
from churnmodel.risk.boosted import fit_ebm
from churnmodel.risk.calibrate import mean_and_error, row_losses
from churnmodel.risk.logistic import fit_logistic
from churnmodel.risk.trees import Trees, fit_trees

Scorer = Additive | Trees
Fit = Callable[..., Scorer]

FITS: Final[Mapping[str, Fit]] = {"ebm": fit_ebm, "logistic": fit_logistic, "trees": fit_trees}
"""Every way to fit a risk model. The first one named in a run is the champion to beat."""

BLEND: Final = "blend"
"""The weighted sum of the candidates' log-odds: still exactly additive, judged with cross-fitted weights."""

FULL: Final = ("ebm", "logistic", "trees")
QUICK: Final = ("logistic",)

STANDARD_ERRORS: Final = 1.0
"""A challenger has to be better by more than this many standard errors of the paired difference."""

SMALLEST_WEIGHT: Final = 0.05
"""A member with less weight costs its scoring time and changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What every candidate said of rows it had not seen, partition by partition."""

    labels: Floats  # of all rows
    partitions: tuple[tuple[Split, ...], ...]
    logits: Mapping[str, Floats]  # candidate -> partitions x rows; NaN where a row is never judged
    weight: Floats | None = None  # of all rows, in what is chosen; None: all alike

    def figures(self, name: str) -> RiskFigures:
        """Mean over folds; the calibration error is that of each whole partition, where it shows."""
        folds, errors = [], []
        for index, splits in enumerate(self.partitions):
            probability = sigmoid(self.logits[name][index])
            folds += [risk_figures(self.labels[s.judge], probability[s.judge]) for s in splits]
            rows = np.concatenate([s.judge for s in splits])
            errors.append(ece(self.labels[rows], probability[rows]))
        mean = mean_figures([one for one in folds if not np.isnan(one.roc_auc)] or folds)
        return RiskFigures(**{**mean.as_dict(), "ece": float(np.mean(errors))})

    @property
    def seen(self) -> Bools:
        """Which rows were judged."""
        return np.asarray(~np.isnan(next(iter(self.logits.values()))[0]))

    def losses(self, name: str) -> Floats:
        """Log-loss by judged row, averaged over partitions."""
        by_row = row_losses(self.labels, self.logits[name]).mean(axis=0)
        return np.asarray(by_row[self.seen], dtype=np.float64)


def judge(
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    partitions: tuple[tuple[Split, ...], ...],
    *,
    candidates: Sequence[str],
    seed: int,
    weight: Floats | None = None,
    progress: Progress = no_progress,
) -> Judged:
    """Fit every candidate on every fold and keep what it says of the rows left out."""
    logits = {name: np.full((len(partitions), len(labels)), np.nan) for name in candidates}
    steps = sum(len(splits) for splits in partitions) * len(candidates)
    done = 0
    for index, splits in enumerate(partitions):
        for split in splits:
            for name in candidates:
                rows = split.train
                model = FITS[name](
                    matrix[rows], labels[rows], categories, seed=seed + index, weight=part(weight, rows)
                )
                logits[name][index, split.judge] = model.logit(matrix[split.judge])
                done += 1
                progress("judge", done / steps)
    if len(candidates) > 1:
        logits[BLEND] = np.stack(
            [
                _blend_out_of_fold(
                    labels, np.stack([logits[name][index] for name in candidates]), splits, weight
                )
                for index, splits in enumerate(partitions)
            ]
        )
    return Judged(labels=labels, partitions=partitions, logits=logits, weight=weight)


def choose(judged: Judged) -> str:
    """Keep the champion (the first candidate) unless the best other one beats it beyond a standard error."""
    names = list(judged.logits)
    champion = names[0]
    losses = {name: judged.losses(name) for name in names}
    weight = part(judged.weight, judged.seen)
    best = min(names, key=lambda name: mean_and_error(losses[name], weight)[0])
    gain, error = mean_and_error(losses[champion] - losses[best], weight)
    return best if gain > STANDARD_ERRORS * error else champion


def part(weight: Floats | None, rows: Ints | Bools) -> Floats | None:
    """Give these rows' weights, if there are weights."""
    return None if weight is None else weight[rows]


def blend_weights(labels: Floats, logits: Floats, weight: Floats | None = None) -> tuple[Floats, float]:
    """Non-negative weights (candidates) and intercept of the best sum of log-odds, by maximum likelihood."""
    by_row = np.ones(len(labels)) if weight is None else weight / weight.mean()

    def loss(at: Floats) -> tuple[float, Floats]:
        total = at[:-1] @ logits + at[-1]
        error = by_row * (sigmoid(total) - labels)
        mean = float((by_row * row_losses(labels, total)).mean())
        return mean, np.append(logits @ error / len(labels), error.mean())

    bounds = [(0.0, None)] * len(logits) + [(None, None)]
    start = np.append(np.full(len(logits), 1 / len(logits)), 0.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weights = np.where(found.x[:-1] < SMALLEST_WEIGHT, 0.0, found.x[:-1])
    return np.asarray(weights, dtype=np.float64), float(found.x[-1])


def _blend_out_of_fold(
    labels: Floats, logits: Floats, splits: Sequence[Split], weight: Floats | None
) -> Floats:
    """Blend each fold with weights from the folds that may inform it: all others, or earlier ones in time."""
    result = np.full(logits.shape[1], np.nan)
    for index, split in enumerate(splits):
        dated = _is_dated(splits)
        others = [s.judge for p, s in enumerate(splits) if (p < index if dated else p != index)]
        weights, intercept = np.full(len(logits), 1 / len(logits)), 0.0
        if others:
            rows = np.concatenate(others)
            weights, intercept = blend_weights(labels[rows], logits[:, rows], part(weight, rows))
        result[split.judge] = weights @ logits[:, split.judge] + intercept
    return result


def _is_dated(splits: Sequence[Split]) -> bool:
    """Rolling splits train on what comes before only, so they train on different amounts."""
    return all(_ends_before(s.train, s.judge) for s in splits)


def _ends_before(train: Ints, judged: Ints) -> bool:
    return bool(train.max() < judged.min())
