"""Quick single-column tests that tell a leak from a feature: outcome in disguise, date in disguise."""

from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, Ints
from churnmodel.data.column_types import Kind, present_text, read_numbers
from churnmodel.metrics import roc_auc

NEAR_PERFECT_AUC: Final = 0.98
"""No single honest feature was above .95 on fifteen data sets; leaks sit at .99 and up."""

DATE_PROXY_R2: Final = 0.75
"""Share of the row order a column may explain by itself before it counts as a calendar."""

FEWEST_POSITIVES: Final = 30
"""With fewer outcomes a single column can look near-perfect by luck."""

PROBE_ROWS: Final = 50_000
"""Rows a probe looks at: an AUC is then known to better than .01 at 2 % positives."""

PROBE_BINS: Final = 64
ROWS_A_BIN: Final = 20
"""Rows each bin of a number has at least on average: ten in either half, enough to have a rate."""

SMALLEST_LEVEL: Final = 5
"""Rows a level needs before its own rate means anything to a probe."""


def single_auc(column: pl.Series, kind: Kind, labels: Floats) -> float:
    """ROC-AUC of the best guess from this column alone, judged on the half it was not made from.

    0.5 where there are too few outcomes to tell.
    """
    rows = _sample(len(column))
    truth = labels[rows]
    if min(truth.sum(), len(truth) - truth.sum()) < FEWEST_POSITIVES:
        return 0.5
    level = _levels(column.gather(rows), kind)
    half = np.arange(len(rows)) % 2
    guess = np.zeros(len(rows))
    for side in (0, 1):
        learned = _level_means(level, truth, half != side)
        guess[half == side] = learned[level[half == side]]
    return max(roc_auc(truth[half == side], guess[half == side]) for side in (0, 1))


def told_of_time(column: pl.Series, kind: Kind) -> float:
    """Share of the variance of the row position that this column's levels explain (cross-fitted, from 0)."""
    rows = _sample(len(column))
    index = rows / max(1, len(column) - 1)
    level = _levels(column.gather(rows), kind)
    half = np.random.default_rng(0).permutation(len(rows)) % 2
    guess = np.zeros(len(rows))
    for side in (0, 1):
        learned = _level_means(level, index, half != side)
        guess[half == side] = learned[level[half == side]]
    return float(max(0.0, 1 - ((index - guess) ** 2).mean() / max(index.var(), 1e-12)))


def _sample(rows: int) -> Ints:
    return np.unique(np.linspace(0, rows - 1, min(rows, PROBE_ROWS)).astype(np.int64))


def _levels(column: pl.Series, kind: Kind) -> Ints:
    """Code each row: quantile bin of a number, level of a category, 0 for missing."""
    if kind is Kind.CATEGORY:
        codes = present_text(column).cast(pl.Categorical).to_physical().cast(pl.Int64)
        return (codes.fill_null(-1) + 1).to_numpy().astype(np.int64)
    values = read_numbers(column, kind).to_numpy().astype(np.float64)
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.zeros(len(values), dtype=np.int64)
    bins = max(2, min(PROBE_BINS, known.size // ROWS_A_BIN))
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.where(np.isfinite(values), np.searchsorted(cuts, values, side="right") + 1, 0).astype(np.int64)


def _level_means(level: Ints, value: Floats, used: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    size = int(level.max()) + 1
    count = np.bincount(level[used], minlength=size)
    total = np.bincount(level[used], weights=value[used], minlength=size)
    mean = float(value[used].mean())
    return np.asarray(np.where(count >= SMALLEST_LEVEL, total / np.maximum(count, 1), mean), dtype=np.float64)
