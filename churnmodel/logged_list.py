"""What another list would have brought, from logged calls.

By logged propensities only: inverse weighting (IPS), its self-normalised form (SNIPS), and the doubly robust
one (DR; Dudík et al. 2011).
"""

from typing import Final

import numpy as np

from churnmodel.array_types import Floats, Ints
from churnmodel.what_if import Estimate, WhatIf

FEWEST_EFFECTIVE: Final = 100.0
"""Effective customers behind an estimate below which it is noise and is refused."""


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
