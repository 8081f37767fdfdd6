"""How boosted models read category codes: few levels as they are, many levels by their cross-fitted rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from churnmodel.array_types import Floats, Ints
from churnmodel.risk.additive import level_of

MOST_NATIVE_LEVELS: Final = 48
"""A category with more levels is read as the rate of its level: splitting such sets greedily learns noise."""

ENCODING_FOLDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTable:
    """What each code of one category becomes; the last entry is for missing."""

    column: int
    values: Floats
    native: bool  # compact codes of a category rather than an ordered number

    def read(self, x: Floats) -> Floats:
        """Look every code up; NaN where the level says nothing."""
        return self.values[level_of(x, len(self.values) - 1)]


def encode_levels(x: Floats, truth: Ints, *, seed: int) -> tuple[Floats, Floats]:
    """Cross-fitted rate of each row's level, and the table of rates of all codes with missing last."""
    codes = np.where(np.isnan(x), -1, x).astype(np.int64).reshape(-1, 1)
    folds = StratifiedKFold(ENCODING_FOLDS, shuffle=True, random_state=seed)
    encoder = TargetEncoder(target_type="binary", smooth="auto", cv=folds)
    encoded = np.asarray(encoder.fit_transform(codes, truth), dtype=np.float64)[:, 0]
    known = dict(zip(encoder.categories_[0].tolist(), encoder.encodings_[0].tolist(), strict=True))
    rate = float(truth.mean())
    size = int(max(codes.max(), 0)) + 2  # one more than the highest code seen: levels never seen
    table = np.array([known.get(code, rate) for code in range(size)] + [known.get(-1, rate)])
    return encoded, table


def read_levels(
    matrix: Floats, truth: Ints, categories: Sequence[int], *, seed: int
) -> tuple[Floats, tuple[LevelTable, ...]]:
    """Give the matrix as boosted models read it in training, and the tables that read later rows alike."""
    result = np.array(matrix, order="F")
    tables = []
    for column in categories:
        x = matrix[:, column]
        seen = np.unique(x[~np.isnan(x)]).astype(np.int64)
        if len(seen) > MOST_NATIVE_LEVELS:
            encoded, values = encode_levels(x, truth, seed=seed)
            result[:, column] = encoded
            tables.append(LevelTable(column=column, values=values, native=False))
            continue
        values = np.full(int(seen.max(initial=0)) + 3, np.nan)
        values[seen] = np.arange(len(seen), dtype=np.float64)
        table = LevelTable(column=column, values=values, native=True)
        result[:, column] = table.read(x)
        tables.append(table)
    return result, tuple(tables)
