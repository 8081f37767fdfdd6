"""The share of leavers whom a call keeps, as hold-outs measure it."""

from typing import Final

import numpy as np

from churnmodel.array_types import Bools, Floats
from churnmodel.effect import FEWEST_A_SIDE, Outcomes, by_unit, contrasts
from churnmodel.save_rate import MeasuredRate

FEWEST_LEAVERS: Final = 20
"""Leavers among the uncalled below which their rate is known to no better than a quarter: no divisor."""


def measure_save_rate(outcomes: Outcomes) -> MeasuredRate | None:
    """Measure the save rate; None with too few customers on a side, or too few leavers among the uncalled.

    It is the effect of assignment, beyond what other campaigns do, over the churn of those whom no campaign
    was to call; both weighted by the logged chances. Its standard error is that of the linearised ratio,
    households whole (Cochran 1977, sections 6.3 and 11.3).
    """
    compared = outcomes.usable()
    by_any = outcomes.called if outcomes.by_any is None else outcomes.by_any
    chance = outcomes.propensity if outcomes.chance_by_any is None else outcomes.chance_by_any
    drawn: Bools = (chance > 0) & (chance < 1)
    call, left, uncalled = outcomes.called[compared], outcomes.churned[drawn], by_any[drawn] == 0
    sides = (uncalled.sum(), call.sum(), (1 - call).sum())
    if min(sides) < FEWEST_A_SIDE or left[uncalled].sum() < FEWEST_LEAVERS:
        return None
    kept = _of_all(contrasts(outcomes, 1 - outcomes.churned, compared), compared)
    base = _of_all(_untreated(left, uncalled, chance[drawn]), drawn)
    rate = float(kept.mean() / base.mean())
    everyone = np.ones(len(kept), dtype=np.bool_)
    terms = by_unit((kept - rate * base) / base.mean(), outcomes, everyone)
    error = float(terms.std(ddof=1)) * len(terms) ** 0.5 / len(kept)
    return MeasuredRate(
        rate=rate,
        error=max(error, 1 / len(kept)),  # nobody's outcome is known to less than one customer
        customers=int((compared | drawn).sum()),
        uncalled=int(uncalled.sum()),
        left_uncalled=int(left[uncalled].sum()),
    )


def _of_all(terms: Floats, some: Bools) -> Floats:
    """Spread the terms of some over all customers, whose mean is the same."""
    spread = np.zeros(len(some))
    spread[some] = terms * len(some) / len(terms)
    return spread


def _untreated(left: Floats, uncalled: Bools, chance: Floats) -> Floats:
    """Each customer's term of the churn without a call: weights normalised, linearised around their mean."""
    weight = uncalled / (1 - chance)
    rate = float(np.average(left, weights=weight))
    return np.asarray(rate + weight / weight.mean() * (left - rate), dtype=np.float64)
