"""Does the model treat audited groups alike: who is listed, who is missed, and whether its numbers hold."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats
from churnmodel.data.column_types import present_text

FEWEST: Final = 50
"""Smaller groups are shown without a verdict: their figures are chance."""

LIST_SHARE: Final = 0.2
"""Length of the list that groups are compared on: the fifth with the highest risk."""

DEVIATIONS: Final = 3.0
"""A gap between predicted and seen beyond so many standard errors is noted."""

UNSURE: Final = 1.96
"""Beyond so many it is noted as perhaps: one group in twenty is there by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """One group of an audited column."""

    group: str
    customers: int
    listed: float  # share on a list of the given length
    missed: float  # share of its leavers that the list misses
    predicted: float
    seen: float
    error: float = 0.0  # standard error of what would be seen if the prediction held
    note: str = ""


def audit_groups(
    column: pl.Series, truth: Floats, risk: Floats, *, list_share: float = LIST_SHARE
) -> tuple[GroupFigures, ...]:
    """Compare the groups of one audited column on judged rows, largest first."""
    listed = np.zeros(len(risk))
    listed[np.argsort(-risk, kind="stable")[: round(list_share * len(risk))]] = 1.0
    names = np.array(present_text(column).fill_null("not known").to_list())
    found = []
    for name in np.unique(names):
        mine = names == name
        count, leavers = int(mine.sum()), float(truth[mine].sum())
        predicted, seen = float(risk[mine].mean()), float(truth[mine].mean())
        error = float(np.sqrt((risk[mine] * (1 - risk[mine])).sum())) / count
        note = ""
        if count < FEWEST:
            note = "too few to judge"
        elif abs(seen - predicted) > UNSURE * error:
            note = "predicted too low" if seen > predicted else "predicted too high"
            note = note if abs(seen - predicted) > DEVIATIONS * error else f"perhaps {note}"
        found.append(
            GroupFigures(
                group=str(name),
                customers=count,
                listed=float(listed[mine].mean()),
                missed=float(((1 - listed) * truth)[mine].sum() / leavers) if leavers else 0.0,
                predicted=predicted,
                seen=seen,
                error=error,
                note=note,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.customers))
