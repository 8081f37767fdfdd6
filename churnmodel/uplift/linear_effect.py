"""What an uplift learner comes to: a constant and weighted terms over a design, kept as plain arrays.

Every learner ends in differences and means of lines and sums of trees, some of them turned into chances.
Kept as that sum they can be written to a model file that holds nothing but numbers, and predict as before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from churnmodel.array_types import Floats, sigmoid
from churnmodel.risk.trees import Tree, pack_trees, unpack_trees

NO_SETS: Final = np.zeros((0, 8), dtype=np.uint32)
"""A design has no category codes, so its trees have no category sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """Weights of the design's columns, and an intercept."""

    weights: Floats
    intercept: float

    def __call__(self, rows: Floats) -> Floats:
        """Give each row's weighted sum."""
        return np.asarray(rows @ self.weights + self.intercept, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A base and the trees that are added to it."""

    base: float
    trees: tuple[Tree, ...]

    def __call__(self, rows: Floats) -> Floats:
        """Give each row's sum."""
        indices = np.zeros(rows.shape[1], dtype=np.uint32)
        total = np.full(len(rows), self.base)
        for tree in self.trees:
            total += TreePredictor(tree.nodes, tree.sets, tree.sets).predict(rows, NO_SETS, indices, 1)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTerm:
    """One part of a sum."""

    weight: float
    part: Straight | Forest
    chance: bool = False  # the part gives log-odds
    treated: float | None = None  # what the column of treatment is set to, where the part has one

    def __call__(self, rows: Floats) -> Floats:
        """Give what the term adds to each row."""
        if self.treated is not None:
            rows = np.column_stack([rows, np.full(len(rows), self.treated)])
        value = self.part(rows)
        return self.weight * (sigmoid(value) if self.chance else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearEffect:
    """A fitted function of design rows."""

    constant: float = 0.0
    terms: tuple[EffectTerm, ...] = ()

    def __call__(self, rows: Floats) -> Floats:
        """Give each row's value."""
        total = np.full(len(rows), self.constant)
        for term in self.terms:
            total += term(rows)
        return total

    def __add__(self, other: "LinearEffect") -> "LinearEffect":
        """Both together."""
        return LinearEffect(constant=self.constant + other.constant, terms=self.terms + other.terms)

    def __mul__(self, weight: float) -> "LinearEffect":
        """The same, so many times."""
        terms = tuple(
            EffectTerm(weight=weight * term.weight, part=term.part, chance=term.chance, treated=term.treated)
            for term in self.terms
        )
        return LinearEffect(constant=weight * self.constant, terms=terms)

    def __sub__(self, other: "LinearEffect") -> "LinearEffect":
        """What this has above the other."""
        return self + other * -1.0

    def state(self) -> dict[str, Any]:
        """Give plain values and arrays for a model file; a part that several terms share is kept once."""
        parts: list[Straight | Forest] = []
        for term in self.terms:
            if not any(term.part is part for part in parts):
                parts.append(term.part)
        index = {id(part): number for number, part in enumerate(parts)}
        return {
            "constant": self.constant,
            "terms": [
                {
                    "weight": term.weight,
                    "part": index[id(term.part)],
                    "chance": term.chance,
                    "treated": term.treated,
                }
                for term in self.terms
            ],
            "parts": [_part_state(part) for part in parts],
        }

    @staticmethod
    def from_state(state: Mapping[str, Any]) -> "LinearEffect":
        """Read back what `state` gave."""
        parts = [_part(one) for one in state["parts"]]
        return LinearEffect(
            constant=float(state["constant"]),
            terms=tuple(
                EffectTerm(
                    weight=float(one["weight"]),
                    part=parts[one["part"]],
                    chance=bool(one["chance"]),
                    treated=one["treated"],
                )
                for one in state["terms"]
            ),
        )


def mean_of(sums: Sequence[LinearEffect]) -> LinearEffect:
    """Average several sums."""
    total = LinearEffect()
    for one in sums:
        total += one
    return total * (1 / len(sums))


def _part_state(part: Straight | Forest) -> dict[str, Any]:
    if isinstance(part, Straight):
        return {"family": "straight", "weights": part.weights, "intercept": part.intercept}
    return {"family": "forest", "base": part.base, **pack_trees(part.trees)}


def _part(state: Mapping[str, Any]) -> Straight | Forest:
    if state["family"] == "straight":
        return Straight(
            weights=np.asarray(state["weights"], dtype=np.float64), intercept=float(state["intercept"])
        )
    return Forest(base=float(state["base"]), trees=unpack_trees(state))
