"""A dense design for linear models: bounded numbers, marks for missing, one column a level."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from churnmodel.array_types import Floats
from churnmodel.risk.logistic import normal_map

FEWEST_ROWS_A_LEVEL: Final = 20
"""Levels with fewer rows share the column of their absence: an effect needs more rows than a risk."""

MOST_LEVELS: Final = 40
SMALLEST_SPREAD: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearDesign:
    """Learned maps from a feature matrix to standardised columns."""

    numbers: tuple[tuple[int, Floats, Floats, bool], ...]  # feature, knots, normal places, has a missing mark
    levels: tuple[tuple[int, Floats], ...]  # feature, codes that have a column
    centre: Floats
    spread: Floats

    def apply(self, matrix: Floats) -> Floats:
        """Give rows x columns, each with mean 0 and spread 1 on the rows it was learned from."""
        return (_raw(matrix, self.numbers, self.levels) - self.centre) / self.spread


def learn_design(matrix: Floats, categories: tuple[int, ...]) -> LinearDesign:
    """Learn the maps without looking at any outcome."""
    numbers: list[tuple[int, Floats, Floats, bool]] = []
    levels: list[tuple[int, Floats]] = []
    for column in range(matrix.shape[1]):
        x = matrix[:, column]
        if column in categories:
            codes, counts = np.unique(x[~np.isnan(x)], return_counts=True)
            order = np.argsort(-counts, kind="stable")
            kept = [codes[index] for index in order if counts[index] >= FEWEST_ROWS_A_LEVEL][:MOST_LEVELS]
            levels.append((column, np.array(kept, dtype=np.float64)))
        else:
            knots, normal = normal_map(x)
            numbers.append((column, knots, normal, bool(np.isnan(x).any())))
    raw = _raw(matrix, tuple(numbers), tuple(levels))
    spread = raw.std(axis=0)
    return LinearDesign(
        numbers=tuple(numbers),
        levels=tuple(levels),
        centre=raw.mean(axis=0),
        spread=np.where(spread < SMALLEST_SPREAD, 1.0, spread),
    )


def _raw(
    matrix: Floats,
    numbers: tuple[tuple[int, Floats, Floats, bool], ...],
    levels: tuple[tuple[int, Floats], ...],
) -> Floats:
    columns: list[Floats] = []
    for column, knots, normal, marked in numbers:
        x = matrix[:, column]
        columns.append(np.where(np.isnan(x), 0.0, np.interp(x, knots, normal)))
        if marked:
            columns.append(np.isnan(x).astype(np.float64))
    for column, codes in levels:
        x = matrix[:, column]
        columns += [(x == code).astype(np.float64) for code in codes]
    return np.column_stack(columns) if columns else np.zeros((len(matrix), 1))
