"""Which rows train and which judge: shuffled and stratified, or strictly later; households stay whole."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from churnmodel.array_types import Floats, Ints

FOLDS: Final = 5
"""Five folds: each model sees 80 % of the rows, and the cost stays bearable."""

FIRST_ORIGIN: Final = 0.4
"""Share of dated rows that only ever train; the rest is judged in blocks, each by what came before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Row numbers to train on and to judge on; they never overlap."""

    train: Ints
    judge: Ints


def random_splits(
    labels: Floats, *, seed: int, folds: int = FOLDS, repeats: int = 1, households: Ints | None = None
) -> tuple[tuple[Split, ...], ...]:
    """Give `repeats` full partitions into stratified, shuffled folds; no household is in two folds."""
    partitions = []
    for repeat in range(repeats):
        folder = (
            StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
            if households is None
            else StratifiedGroupKFold(folds, shuffle=True, random_state=seed + repeat)
        )
        found = folder.split(np.zeros((len(labels), 1)), labels.astype(np.int64), households)
        partitions.append(tuple(Split(train=train, judge=judge) for train, judge in found))
    return tuple(partitions)


def rolling_splits(rows: int, *, blocks: int = FOLDS, first: float = FIRST_ORIGIN) -> tuple[Split, ...]:
    """Cut rows in time order into blocks after `first`; each block is judged by all rows before it."""
    edges = np.linspace(first * rows, rows, blocks + 1).astype(np.int64)
    return tuple(Split(train=np.arange(start), judge=np.arange(start, end)) for start, end in pairwise(edges))
