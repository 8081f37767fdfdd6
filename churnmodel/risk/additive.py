"""Exactly additive models as tables: log-odds = base + one looked-up part per feature (+ parts of pairs).

Whatever made a model (logistic regression, boosting), what is kept and scored is this: small arrays, no
estimator. The parts add up to the score by construction, so reasons are exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from churnmodel.array_types import Floats, Ints

HALF: Final = 0.5
"""A pair's part is shared equally between its two features; the sum stays exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShape:
    """Part of one number: straight lines between knots, flat outside, its own value for missing."""

    column: int
    knots: Floats
    values: Floats
    missing: float

    def part(self, matrix: Floats) -> Floats:
        """Look up every row's part in log-odds."""
        x = matrix[:, self.column]
        found = np.interp(x, self.knots, self.values)
        return np.where(np.isnan(x), self.missing, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Part of one number: constant between cuts (`values` is one longer), its own value for missing."""

    column: int
    cuts: Floats
    values: Floats
    missing: float

    def part(self, matrix: Floats) -> Floats:
        """Look up every row's part in log-odds."""
        return np.append(self.values, self.missing)[index_of(matrix[:, self.column], self.cuts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Part of one category: a value per level code, the last for any other level, its own for missing."""

    column: int
    values: Floats
    missing: float

    def part(self, matrix: Floats) -> Floats:
        """Look up every row's part in log-odds."""
        return np.append(self.values, self.missing)[level_of(matrix[:, self.column], len(self.values))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Part of two features together: a table by the place of each; the last row and column are for missing.

    `cuts` of a category are empty and its level code is its place.
    """

    columns: tuple[int, int]
    cuts: tuple[Floats | None, Floats | None]
    values: Floats

    def part(self, matrix: Floats) -> Floats:
        """Look up every row's part in log-odds."""
        indices = [
            index_of(matrix[:, column], cuts)
            if cuts is not None
            else level_of(matrix[:, column], self.values.shape[side] - 1)
            for side, (column, cuts) in enumerate(zip(self.columns, self.cuts, strict=True))
        ]
        return np.asarray(self.values[indices[0], indices[1]], dtype=np.float64)


Shape = LineShape | Steps | Levels


def index_of(x: Floats, cuts: Floats) -> Ints:
    """Bin of each value: 0 below the first cut, len(cuts) from the last on, len(cuts)+1 for missing."""
    index = np.searchsorted(cuts, x, side="right")
    index[np.isnan(x)] = len(cuts) + 1
    return index


def level_of(x: Floats, levels: int) -> Ints:
    """Level code of each value, `levels` for missing; a code beyond the table is its last level."""
    missing = np.isnan(x)
    code = np.minimum(np.where(missing, 0, x), levels - 1).astype(np.int64)
    code[missing] = levels
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Additive:
    """Log-odds as a sum of looked-up parts; `width` is the number of features."""

    base: float
    width: int
    shapes: tuple[Shape, ...]
    pairs: tuple[Pair, ...] = ()

    def contributions(self, matrix: Floats) -> Floats:
        """Give each feature's part for each row (rows x width, log-odds, without the base)."""
        result = np.zeros((len(matrix), self.width), order="F")
        for shape in self.shapes:
            result[:, shape.column] += shape.part(matrix)
        for pair in self.pairs:
            half = HALF * pair.part(matrix)
            for column in pair.columns:
                result[:, column] += half
        return result

    def logit(self, matrix: Floats) -> Floats:
        """Sum the parts: log-odds of the outcome."""
        total = np.full(len(matrix), self.base)
        for part in (*self.shapes, *self.pairs):
            total += part.part(matrix)
        return total

    def state(self) -> dict[str, Any]:
        """Give plain values and arrays for a model file."""
        return {
            "family": "additive",
            "base": self.base,
            "width": self.width,
            "shapes": [_plain(shape) for shape in self.shapes],
            "pairs": [_plain(pair) for pair in self.pairs],
        }

    @staticmethod
    def from_state(state: Mapping[str, Any]) -> "Additive":
        """Read back what `state` gave."""
        return Additive(
            base=float(state["base"]),
            width=int(state["width"]),
            shapes=tuple(_shape(plain) for plain in state["shapes"]),
            pairs=tuple(
                Pair(
                    columns=(int(plain["columns"][0]), int(plain["columns"][1])),
                    cuts=(plain["cuts"][0], plain["cuts"][1]),
                    values=plain["values"],
                )
                for plain in state["pairs"]
            ),
        )


#: the names that model files know the shapes by, whatever the classes are called
_SHAPES: Final = {"Line": LineShape, "Steps": Steps, "Levels": Levels}
_NAMES: Final = {**{shape: name for name, shape in _SHAPES.items()}, Pair: "Pair"}


def _plain(part: Shape | Pair) -> dict[str, Any]:
    values: dict[str, Any] = {key: getattr(part, key) for key in type(part).__slots__}
    if isinstance(part, Pair):
        values["columns"], values["cuts"] = list(part.columns), list(part.cuts)
    return {"part": _NAMES[type(part)], **values}


def _shape(plain: Mapping[str, Any]) -> Shape:
    values = {key: value for key, value in plain.items() if key != "part"}
    shape: Shape = _SHAPES[plain["part"]](**values)
    return shape
