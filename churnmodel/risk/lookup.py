"""Additive models compiled for speed: one search a feature, then table look-ups.

A model of several members has several tables on one feature, with different cuts. Here their cuts are
joined, so that each value is searched once, and all tables are read by that place. Results equal those of
the members to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from churnmodel.array_types import Floats
from churnmodel.risk.additive import HALF, Additive, Levels, LineShape, Pair, Steps, index_of, level_of

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Finds the place of a feature's values: among joined cuts, or the level code itself."""

    cuts: Floats | None  # None: a category with `levels` codes, one more for missing
    levels: int
    low: float = 0.0
    whole: Indices | None = None  # place of each whole number from `low` on, for columns of counts

    @property
    def size(self) -> int:
        """Number of places, the last for missing."""
        return (self.levels if self.cuts is None else len(self.cuts) + 1) + 1

    def find(self, x: Floats) -> Indices:
        """Give the place of each value."""
        if self.cuts is None:
            return level_of(x, self.levels)
        if self.whole is None:
            return index_of(x, self.cuts)
        missing = np.isnan(x)
        steps = np.clip(np.where(missing, self.low, x) - self.low, 0, len(self.whole) - 1)
        number = steps.astype(np.intp)
        if not (number == steps).all():  # a part of a number: only the search is exact
            return index_of(x, self.cuts)
        index = self.whole[number]
        index[missing] = len(self.cuts) + 1
        return index


MOST_WHOLE: Final = 4_096
"""Whole numbers a column may span for a table of their places to be worth its memory."""


def _search(cuts: Floats) -> Finder:
    """A finder among cuts, with a table of whole numbers where they span few."""
    low, high = float(np.floor(cuts[0])) - 1, float(np.ceil(cuts[-1])) + 1
    if not high - low < MOST_WHOLE:
        return Finder(cuts=cuts, levels=0)
    whole = np.searchsorted(cuts, np.arange(low, high + 1), side="right")
    return Finder(cuts=cuts, levels=0, low=low, whole=whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTable:
    """One pair's values, read by the joined places of its two features."""

    columns: tuple[int, int]
    rows: Indices  # place of the first feature -> offset of its row in `values`
    across: Indices  # place of the second feature -> column
    values: Floats  # flat

    def part(self, first: Indices, second: Indices) -> Floats:
        """Read each row's part."""
        return np.take(self.values, self.rows[first] + self.across[second])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A whole model: straightened log-odds = base + tables + lines + pairs."""

    base: float
    width: int
    finders: tuple[Finder | None, ...]
    tables: tuple[Floats | None, ...]  # by feature, read by place
    lines: tuple[LineShape, ...]
    pairs: tuple[PairTable, ...]

    def contributions(self, matrix: Floats) -> Floats:
        """Give each feature's part for each row (rows x width, one feature contiguous)."""
        result = np.zeros((len(matrix), self.width), order="F")
        indices: dict[int, Indices] = {}
        for column, finder in enumerate(self.finders):
            table = self.tables[column]
            if finder is None:
                continue
            indices[column] = finder.find(matrix[:, column])
            if table is not None:
                np.take(table, indices[column], out=result[:, column], mode="clip")
        for line in self.lines:
            result[:, line.column] += line.part(matrix)
        for pair in self.pairs:
            half = pair.part(indices[pair.columns[0]], indices[pair.columns[1]])
            for column in pair.columns:
                result[:, column] += half
        return result


def compile_members(
    members: Sequence[tuple[float, Additive]], *, base: float, centre: Floats, slope: float
) -> Lookup:
    """Join additive members into one look-up whose parts are centred and straightened.

    Args:
        members: weight and model of each.
        base: log-odds of the average customer.
        centre: mean part of each feature, before straightening.
        slope: of the straightening.
    """
    width = members[0][1].width
    finders = tuple(_finder(members, column) for column in range(width))
    tables: list[Floats | None] = [
        None if finder is None else np.full(finder.size, -slope * centre[column])
        for column, finder in enumerate(finders)
    ]
    lines: list[LineShape] = []
    pairs: list[PairTable] = []
    for weight, model in members:
        scale = weight * slope
        for shape in model.shapes:
            if isinstance(shape, LineShape):
                lines.append(
                    LineShape(
                        column=shape.column,
                        knots=shape.knots,
                        values=scale * shape.values,
                        missing=scale * shape.missing,
                    )
                )
                continue
            table, finder = tables[shape.column], finders[shape.column]
            assert table is not None  # noqa: S101 - `_finder` makes one for every step and level shape
            assert finder is not None  # noqa: S101 - same
            old = np.append(shape.values, shape.missing)
            table += (
                scale * old[_translation(finder, shape.cuts if isinstance(shape, Steps) else None, len(old))]
            )
        pairs += [_pair(pair, finders, scale) for pair in model.pairs]
    return Lookup(
        base=base,
        width=width,
        finders=finders,
        tables=tuple(tables),
        lines=_centred(lines, tables, slope * centre),
        pairs=tuple(pairs),
    )


def _centred(
    lines: list[LineShape], tables: Sequence[Floats | None], centre: Floats
) -> tuple[LineShape, ...]:
    """Take the mean off the first line of each feature that has no table to take it off from."""
    done: set[int] = set()
    result = []
    for line in lines:
        off = 0.0
        if tables[line.column] is None and line.column not in done:
            off = float(centre[line.column])
            done.add(line.column)
        result.append(
            LineShape(
                column=line.column, knots=line.knots, values=line.values - off, missing=line.missing - off
            )
        )
    return tuple(result)


def _finder(members: Sequence[tuple[float, Additive]], column: int) -> Finder | None:
    cuts: list[Floats] = []
    levels = 0
    for _, model in members:
        for shape in model.shapes:
            if shape.column == column and isinstance(shape, Steps):
                cuts.append(shape.cuts)
            if shape.column == column and isinstance(shape, Levels):
                levels = max(levels, len(shape.values))
        for pair in model.pairs:
            for side in (0, 1):
                side_cuts = pair.cuts[side]
                if pair.columns[side] != column:
                    continue
                if side_cuts is None:
                    levels = max(levels, pair.values.shape[side] - 1)
                else:
                    cuts.append(side_cuts)
    if levels:
        return Finder(cuts=None, levels=levels)
    joined = np.unique(np.concatenate(cuts)) if cuts else np.empty(0)
    return _search(joined) if joined.size else (Finder(cuts=joined, levels=0) if cuts else None)


def _translation(finder: Finder, cuts: Floats | None, size: int) -> Indices:
    """Place among the joined cuts -> place in one table of `size` entries with its own cuts."""
    if finder.cuts is None or cuts is None:
        # a table with fewer levels reads higher codes as its last level; missing stays last
        return np.append(np.minimum(np.arange(finder.size - 1), size - 2), size - 1)
    # any value in a joined bin lies in one bin of the table: its lower edge does
    inside = np.searchsorted(cuts, finder.cuts, side="right")
    return np.concatenate([[0], inside, [size - 1]]).astype(np.intp)


def _pair(pair: Pair, finders: Sequence[Finder | None], scale: float) -> PairTable:
    maps = []
    for side in (0, 1):
        finder = finders[pair.columns[side]]
        assert finder is not None  # noqa: S101 - `_finder` makes one for every pair
        maps.append(_translation(finder, pair.cuts[side], pair.values.shape[side]))
    return PairTable(
        columns=pair.columns,
        rows=maps[0] * pair.values.shape[1],
        across=maps[1],
        values=np.ascontiguousarray(HALF * scale * pair.values).ravel(),
    )
