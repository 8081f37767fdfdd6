"""Risk is the chance of leaving uncalled: who was not called stands for those who were, by logged chances.

A customer who was called and stayed is no proof of a low risk; learning from it would make a model unlearn
whom it is there to find. Assignment is by chance, so of alike customers those left uncalled tell what would
have become of the called ones: inverse probability weights (Horvitz and Thompson 1952; Hernán and Robins
2020, chapter 12).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from churnmodel.array_types import Bools, Floats

SMALLEST_CHANCE: Final = 0.05
"""Chances of being left uncalled are taken as at least this: nobody stands for more than twenty."""

FEWEST_EFFECTIVE: Final = 100.0
"""Effective leavers, and stayers, that must be left: ten for each of the ten columns that tell most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IpwWeights:
    """How much each customer is learned from, and what calls have cost the evidence."""

    weight: Floats | None = field(repr=False)  # by row, 0: not learned from; None: everyone alike
    called: int  # customers assigned to be called before their outcome was known
    certain: int  # of them, whom nobody can stand for: they were to be called whatever chance said
    uncalled: int
    effective: float  # customers that the weighted uncalled are worth (Kish 1965)
    leavers: float  # the same of those who left
    stayers: float

    @property
    def kept(self) -> bool:
        """Whether the called were learned from after all, because too few others are left."""
        return self.called > 0 and self.weight is None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a model's facts."""
        plain = {name: fact for name, fact in asdict(self).items() if name != "weight"}
        return {**plain, "kept": self.kept}


def weigh_uncalled(called: Bools, uncalled_chance: Floats, left: Floats) -> IpwWeights:
    """Weigh everyone who was not called by one over the chance of that, and leave out who was.

    Args:
        called: who was assigned to be called before the outcome.
        uncalled_chance: the chance, before any draw, that this customer would not have been; 1 for whom no
            list considered.
        left: the outcome, 1 left; NaN where it is not known.
    """
    known = ~np.isnan(left)
    weight = np.where(called, 0.0, 1 / np.clip(uncalled_chance, SMALLEST_CHANCE, 1.0))
    leavers, stayers = (_effective(weight[known & (left == side)]) for side in (1.0, 0.0))
    enough = min(leavers, stayers) >= FEWEST_EFFECTIVE
    return IpwWeights(
        weight=weight if enough and called[known].any() else None,
        called=int(called[known].sum()),
        certain=int((called & (uncalled_chance <= 0) & known).sum()),
        uncalled=int((~called & known).sum()),
        effective=_effective(weight[known]),
        leavers=leavers,
        stayers=stayers,
    )


def in_words(facts: Mapping[str, Any]) -> str:
    """What was done about the called, from `IpwWeights.as_dict`, for a card or a command."""
    if not facts.get("called"):
        return "Nobody it learned from had been assigned to a call before the outcome."
    called = f"{facts['called']:,} customers had been assigned to be called before their outcome was known"
    if facts["kept"]:
        return (
            f"{called}. They were learned from as they are, so risk is understated where calls helped: "
            f"without them {facts['leavers']:.0f} effective leavers and {facts['stayers']:.0f} stayers would "
            f"be left, {FEWEST_EFFECTIVE:.0f} of each are needed."
        )
    certain = (
        f" For {facts['certain']:,} of them nobody stands, as they were to be called whatever chance said."
        if facts["certain"]
        else ""
    )
    return (
        f"{called} and were not learned from. The {facts['uncalled']:,} others stand for them, weighted by "
        f"one over the logged chance of being left uncalled (at most {1 / SMALLEST_CHANCE:.0f}); they are "
        f"worth {facts['effective']:,.0f} customers.{certain}"
    )


def _effective(weight: Floats) -> float:
    total = float(weight.sum())
    return total**2 / float((weight**2).sum()) if total else 0.0
