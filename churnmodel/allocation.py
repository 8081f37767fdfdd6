"""Which calls to make with the hours there are, and what another list would have brought.

The list is a knapsack: expected gain against agent minutes. Calls are small beside a day's hours, so taking
the best gain per minute is optimal but for less than one call, and the bound says so. What-if estimates use
logged propensities only: inverse weighting (IPS), its self-normalised form (SNIPS), and the doubly robust one
(DR; Dudík et al. 2011).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from churnmodel.array_types import Bools, Floats, Ints

FEWEST_EFFECTIVE: Final = 100.0
"""Effective customers behind an estimate below which it is noise and is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What agents can do: agents x hours x the share of an hour spent on calls."""

    agents: float
    hours: float
    occupancy: float = 0.75  # share of paid time on calls and wrap-up; above .85 people burn out

    @property
    def minutes(self) -> float:
        """Agent minutes on calls."""
        return self.agents * self.hours * 60 * self.occupancy


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAllocation:
    """The list that fits the hours, best first."""

    rows: Ints
    minutes: float
    gain: float
    gain_low: float  # one-sided 95 % bound, from the errors of the single gains
    bound: float  # no list of these customers can gain more
    price_of_a_minute: float  # gain of one more agent minute; 0 if all who are worth a call fit


TRY_MINUTES: Final = 0.5
"""Agent minutes of a call that nobody answers: the ring of some 27 s, in which the agent is kept for it."""


def minutes_a_customer(
    answer: Floats, *, talk_minutes: float, attempts: int, try_minutes: float = TRY_MINUTES
) -> Floats:
    """Expected agent minutes until a customer is reached, or has been tried in vain so many times.

    Args:
        answer: chance that a person answers one attempt; attempts are taken as independent.
        talk_minutes: talk and wrap-up of a call that is answered.
        attempts: the most of them for one customer.
        try_minutes: of an attempt that nobody answers.
    """
    missed = (1 - answer) ** attempts
    tries = np.where(answer > 0, (1 - missed) / np.maximum(answer, 1e-12), float(attempts))
    reached = 1 - missed
    return np.asarray(reached * talk_minutes + (tries - reached) * try_minutes, dtype=np.float64)


def allocate_calls(
    gain: Floats,
    minutes: Floats,
    capacity_minutes: float,
    *,
    allowed: Bools | None = None,
    error: Floats | None = None,
) -> CallAllocation:
    """Choose whom to call.

    Args:
        gain: expected money a call to each brings, all costs taken off; not above 0 is not called.
        minutes: expected agent minutes of each call, above 0.
        capacity_minutes: agent minutes there are.
        allowed: False for customers who must not be called (consent, caps); left out first.
        error: standard error of each gain, if it is known.
    """
    worth = gain > 0
    if allowed is not None:
        worth &= allowed
    rate = np.where(worth, gain / minutes, -np.inf)
    order = np.argsort(-rate, kind="stable")[: int(worth.sum())]
    used = np.cumsum(minutes[order])
    count = int(np.searchsorted(used, capacity_minutes, side="right"))
    chosen = order[:count]
    spent = float(used[count - 1]) if count else 0.0
    total = float(gain[chosen].sum())
    next_rate = float(rate[order[count]]) if count < len(order) else 0.0
    spread = float(np.sqrt((error[chosen] ** 2).sum())) if error is not None else 0.0
    return CallAllocation(
        rows=chosen.astype(np.int64),
        minutes=spent,
        gain=total,
        gain_low=total - Z_LOW * spread,
        bound=total + next_rate * (capacity_minutes - spent),
        price_of_a_minute=next_rate,
    )


Z_LOW: Final = 1.645
"""Normal quantile of a one-sided 95 % bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value per customer and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a changed list would have brought per customer; `refused` is a rule where nothing can be said."""

    ips: Estimate
    snips: Estimate
    dr: Estimate
    effective: float  # customers the logged data holds evidence of
    refused: str = ""


def what_if(
    *,
    reward: Floats,
    called: Floats,
    propensity: Floats,
    new_policy: Floats,
    expected_called: Floats,
    expected_not: Floats,
    instead_of: Floats | None = None,
    household: Ints | None = None,
) -> WhatIf:
    """Estimate the mean reward had `new_policy` chosen instead, from logged calls.

    With `instead_of` it is the difference to that policy: customers whom both treat alike add nothing to it,
    and no noise either.

    Args:
        reward: what each customer brought, as logged.
        called: 1 if assigned to be called.
        propensity: the logged chance of that, for each customer.
        new_policy: the chance of a call under the changed list (0 or 1 for a plain list).
        expected_called: a model's expected reward if called (may be wrong: DR holds by the propensity).
        expected_not: the same if not called.
        instead_of: the chance of a call under the policy to compare with.
        household: a number for each household, from 0: those of one are not independent; without it all are.
    """
    chance = np.where(called > 0, propensity, 1 - propensity)
    new = _weights(called, chance, new_policy)
    new_mean, new_terms = _normalised(new, reward)
    expected = expected_not + new_policy * (expected_called - expected_not)
    weight, differs = new, np.ones(len(reward), dtype=bool)
    snips, snips_terms = new_mean, new_terms
    if instead_of is not None:
        old = _weights(called, chance, instead_of)
        old_mean, old_terms = _normalised(old, reward)
        expected = (new_policy - instead_of) * (expected_called - expected_not)
        weight, differs = new - old, new_policy != instead_of
        snips, snips_terms = new_mean - old_mean, new_terms - old_terms
    seen = np.where(called > 0, expected_called, expected_not)
    effective = float(np.abs(weight).sum() ** 2 / max(float((weight**2).sum()), 1e-12))
    impossible = differs & (((propensity <= 0) & (new_policy > 0)) | ((propensity >= 1) & (new_policy < 1)))
    refused = ""
    if impossible.any():
        refused = "what-if.no-overlap"
    elif differs.any() and effective < FEWEST_EFFECTIVE:
        refused = "what-if.too-few"
    return WhatIf(
        ips=_estimate(weight * reward, household),
        snips=Estimate(value=snips, error=_error(snips_terms, household)),
        dr=_estimate(expected + weight * (reward - seen), household),
        effective=effective,
        refused=refused,
    )


def _weights(called: Floats, chance: Floats, policy: Floats) -> Floats:
    """How many customers of the policy each logged one stands for."""
    wanted = np.where(called > 0, policy, 1 - policy)
    return np.asarray(np.divide(wanted, chance, out=np.zeros_like(wanted), where=chance > 0))


def _normalised(weight: Floats, reward: Floats) -> tuple[float, Floats]:
    """The self-normalised mean, and what each customer adds to its error (delta method)."""
    normal = float(weight.mean()) or 1.0
    mean = float((weight * reward).mean() / normal)
    return mean, np.asarray(weight * (reward - mean) / normal)


def _estimate(terms: Floats, household: Ints | None) -> Estimate:
    return Estimate(value=float(terms.mean()), error=_error(terms, household))


def _error(terms: Floats, household: Ints | None) -> float:
    """Standard error of the terms' mean; households are drawn as wholes."""
    around = terms - terms.mean()
    sums = around if household is None else np.bincount(household, weights=around)
    return float(np.sqrt((sums**2).sum()) / len(terms))
