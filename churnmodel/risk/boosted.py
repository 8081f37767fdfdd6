"""Candidate "ebm": interpret's explainable boosting machine, kept as an additive table.

Exactly additive by construction (main effects and a few pairs), so its reasons are exact, and its tables
score without the library that made them.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier

from churnmodel.array_types import Floats
from churnmodel.risk.additive import Additive, Levels, Pair, Shape, Steps, index_of
from churnmodel.risk.inputs import LevelTable, read_levels

PAIRS: Final = 10
"""Interactions kept; more gained nothing on eight churn sets and make reasons harder to read."""

WIDEST_FOR_PAIRS: Final = 64
"""Above this many features pairs are not looked for: their number, and chance, grow with the square."""

OUTER_BAGS: Final = 4
"""Bags averaged: 4 are within noise of the default 14 at a quarter of the time."""

MOST_ROUNDS: Final = 25_000
"""Boosting stops by itself long before (41,000 rows: 7,000); this only bounds the time of a hopeless fit."""

ROUNDS_A_ROW: Final = 2
SMALL_ROUNDS: Final = 1_000
"""Few rows that columns tell apart perfectly never stop it: 178 took 37 s, and were said with certainty."""


def fit_ebm(
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    *,
    seed: int,
    weight: Floats | None = None,
) -> Additive:
    """Fit on rows x features; a feature without any value is left out."""
    truth = labels.astype(np.int64)
    inputs, tables = read_levels(matrix, truth, categories, seed=seed)
    used = [column for column in range(matrix.shape[1]) if not np.isnan(inputs[:, column]).all()]
    by_column = {table.column: table for table in tables}
    native = {column for column, table in by_column.items() if table.native}
    model = ExplainableBoostingClassifier(
        feature_types=["nominal" if column in native else "continuous" for column in used],
        interactions=PAIRS if 1 < len(used) <= WIDEST_FOR_PAIRS else 0,
        outer_bags=OUTER_BAGS,
        max_rounds=min(MOST_ROUNDS, max(SMALL_ROUNDS, ROUNDS_A_ROW * len(truth))),
        n_jobs=1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # it warns that its own plots hide missing values; they are not used here
        warnings.simplefilter("ignore")
        model.fit(inputs[:, used], truth, sample_weight=weight)
    return _tables(model, used, by_column, matrix.shape[1])


def _tables(model: Any, used: Sequence[int], levels: dict[int, LevelTable], width: int) -> Additive:
    shapes: list[Shape] = []
    pairs: list[Pair] = []
    for features, scores in zip(model.term_features_, model.term_scores_, strict=True):
        values = np.asarray(scores, dtype=np.float64)
        if len(features) == 1:
            column = used[features[0]]
            shapes.append(_shape(model.bins_[features[0]][0], values, column, levels.get(column)))
            continue
        cuts: list[Floats | None] = []
        for axis, feature in enumerate(features):
            bins = model.bins_[feature][min(1, len(model.bins_[feature]) - 1)]
            table = levels.get(used[feature])
            values = np.take(values, _indices(bins, table, values.shape[axis]), axis=axis)
            cuts.append(None if table is not None else np.asarray(bins, dtype=np.float64))
        first, second = features
        pairs.append(Pair(columns=(used[first], used[second]), cuts=(cuts[0], cuts[1]), values=values))
    return Additive(
        base=float(np.ravel(model.intercept_)[0]), width=width, shapes=tuple(shapes), pairs=tuple(pairs)
    )


def _shape(bins: Any, scores: Floats, column: int, table: LevelTable | None) -> Shape:
    values = scores[_indices(bins, table, len(scores))]
    if table is None:
        return Steps(
            column=column,
            cuts=np.asarray(bins, dtype=np.float64),
            values=values[:-1],
            missing=float(values[-1]),
        )
    return Levels(column=column, values=values[:-1], missing=float(values[-1]))


def _indices(bins: Any, table: LevelTable | None, size: int) -> list[int]:
    """Positions in interpret's scores (missing first, unseen last) in the order of ours (missing last)."""
    if table is None:
        return [*range(1, size - 1), 0]
    unseen = size - 1
    if table.native:
        found = [unseen if np.isnan(v) else bins.get(str(int(v)), unseen) for v in table.values[:-1]]
        return [*found, 0]
    rates = index_of(table.values, np.asarray(bins, dtype=np.float64))
    return [int(index) + 1 for index in rates]
