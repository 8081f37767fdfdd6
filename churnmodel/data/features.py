"""From a frame to a matrix: every feature one column of floats, categories as level codes, missing as NaN.

Learned from training rows without looking at the outcome, so it may be shared by all folds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats
from churnmodel.data.column_types import Kind, present_text, read_numbers
from churnmodel.data.contract import Column, Contract
from churnmodel.data.date_differences import column_of

FEWEST_ROWS_A_LEVEL: Final = 5
"""A rarer level is read as "another level": its rate could not be told from chance."""

MOST_LEVELS: Final = 2_000
"""Levels kept of one category, the most frequent first; bounds the model file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one column becomes one number."""

    name: str
    kind: Kind
    levels: tuple[str, ...] = ()
    of: tuple[str, ...] = ()  # two date columns whose difference this is

    def column(self, frame: pl.DataFrame) -> pl.Series | None:
        """Find the column in a frame, or take it from the two dates it is between; None if it is absent."""
        return column_of(frame, self.name, self.of)

    @property
    def is_category(self) -> bool:
        """Whether the number is a level code: 0…k-1 known, k another level."""
        return self.kind is Kind.CATEGORY

    def read(self, column: pl.Series) -> Floats:
        """Read one column; NaN is missing."""
        if not self.is_category:
            return read_numbers(column, self.kind).to_numpy().astype(np.float64)
        levels = pl.Enum(list(self.levels))
        # most values are levels as they stand; only the rest are worth trimming and comparing
        plain = column if column.dtype == pl.String else present_text(column)
        codes = plain.cast(levels, strict=False).to_physical().cast(pl.Float64).to_numpy(writable=True)
        odd = np.flatnonzero(np.isnan(codes))
        if odd.size:
            text = present_text(column.gather(odd))
            again = text.cast(levels, strict=False).to_physical().cast(pl.Float64).to_numpy(writable=True)
            strange = np.isnan(again) & text.is_not_null().to_numpy()
            again[strange] = len(self.levels)
            codes[odd] = again
        return np.asarray(codes, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The ordered readers of a model's columns."""

    readers: tuple[Reader, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in matrix order."""
        return tuple(reader.name for reader in self.readers)

    @property
    def categories(self) -> tuple[int, ...]:
        """Positions of the columns that hold level codes."""
        return tuple(index for index, reader in enumerate(self.readers) if reader.is_category)

    def matrix(self, frame: pl.DataFrame) -> Floats:
        """Read a frame into rows x features, column by column in memory; an absent column is all missing."""
        result = np.empty((frame.height, len(self.readers)), dtype=np.float64, order="F")
        for index, reader in enumerate(self.readers):
            column = reader.column(frame)
            result[:, index] = np.nan if column is None else reader.read(column)
        return result

    def absent(self, frame: pl.DataFrame) -> tuple[str, ...]:
        """Name the columns the frame does not have."""
        needed = (name for reader in self.readers for name in reader.of or (reader.name,))
        return tuple(name for name in dict.fromkeys(needed) if name not in frame.columns)

    def as_list(self) -> list[dict[str, Any]]:
        """Give plain values for a manifest."""
        return [
            {"name": r.name, "kind": r.kind.value, "levels": list(r.levels), "of": list(r.of)}
            for r in self.readers
        ]

    @staticmethod
    def from_list(plain: Sequence[Mapping[str, Any]]) -> "Features":
        """Read back what `as_list` gave."""
        return Features(
            readers=tuple(
                Reader(
                    name=one["name"],
                    kind=Kind(one["kind"]),
                    levels=tuple(one["levels"]),
                    of=tuple(one.get("of", ())),
                )
                for one in plain
            )
        )


def learn_features(frame: pl.DataFrame, contract: Contract) -> Features:
    """Learn the readers of all feature columns from these rows."""
    return Features(readers=tuple(_reader(frame, column) for column in contract.features))


def _reader(frame: pl.DataFrame, described: Column) -> Reader:
    if described.kind is not Kind.CATEGORY:
        return Reader(name=described.name, kind=described.kind, of=described.of)
    column = frame.get_column(described.name)
    counts = (
        present_text(column)
        .drop_nulls()
        .value_counts()
        .filter(pl.col("count") >= FEWEST_ROWS_A_LEVEL)
        .sort(["count", column.name], descending=[True, False])
        .head(MOST_LEVELS)
    )
    return Reader(
        name=described.name, kind=Kind.CATEGORY, levels=tuple(counts.get_column(column.name).to_list())
    )
