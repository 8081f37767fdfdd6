"""Who is called by chance and who is not: assignment that can be recomputed by anyone, logged with its odds.

A customer's place is the hash of customer (or household), experiment and salt, so it needs no table, never
changes within an experiment, and is the same on every machine. Three independent draws: a global control that
is never called, an exploring share whose call is a coin flip whatever the list says, and the coin. The chance
of being called is logged for every customer, listed or not, because every later estimate needs it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from churnmodel.arrays import Floats

GLOBAL: Final = "global-control"
"""Experiment name of the control that is shared by all campaigns."""

COIN: Final = 0.5
"""Chance of a call for an exploring customer: the most informative."""

DRAW_BYTES: Final = 7
DRAW_SPAN: Final = float(2 ** (8 * DRAW_BYTES))
"""56 bits of the hash: more than a float tells apart."""


class Arm(StrEnum):
    """Where a customer stands in an experiment."""

    CONTROL = "control"  # never called
    EXPLORE = "explore"  # called by a coin
    LIST = "list"  # called if listed


class AssignmentRefused(ValueError):
    """The experiment cannot be assigned like this; `rule` says why."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{why} [{rule}]")
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One campaign's hold-out: shares from 0 to 1, and the salt that makes its draws its own."""

    name: str
    salt: str
    control: float = 0.10
    explore: float = 0.10

    def __post_init__(self) -> None:
        if not self.name or not self.salt:
            raise AssignmentRefused("holdout.unnamed", "an experiment needs a name and a salt")
        if not (0 <= self.control < 1 and 0 <= self.explore <= 1):
            raise AssignmentRefused("holdout.share", "shares must be from 0 to 1, the control below 1")


def draw(unit: str, experiment: str, salt: str) -> float:
    """Give the unit's number in [0, 1): uniform, the same for ever, independent between experiments."""
    digest = hashlib.sha256(f"{salt}\x1f{experiment}\x1f{unit}".encode()).digest()
    return int.from_bytes(digest[:DRAW_BYTES], "big") / DRAW_SPAN


def arm_of(unit: str, experiment: Experiment) -> Arm:
    """Say where the unit (customer or household) stands. The global control is one for all experiments."""
    if draw(unit, GLOBAL, experiment.salt) < experiment.control:
        return Arm.CONTROL
    if draw(unit, f"{experiment.name}/explore", experiment.salt) < experiment.explore:
        return Arm.EXPLORE
    return Arm.LIST


def propensity(experiment: Experiment, *, listed: bool) -> float:
    """Give the chance, before any draw, that such a customer is assigned to be called."""
    by_list = (1 - experiment.explore) * float(listed)
    return (1 - experiment.control) * (by_list + experiment.explore * COIN)


def assign(
    customers: Sequence[str],
    listed: Sequence[bool],
    experiment: Experiment,
    *,
    households: Sequence[str | None] | None = None,
) -> pl.DataFrame:
    """Assign every customer, listed or not.

    Households stay together: their hash is the household's, and a household counts as listed if one of it is.

    Returns:
        One row a customer, in order: `id`, `unit`, `listed`, `arm`, `call` (assigned to be called),
        `propensity` (the chance of `call`).
    """
    if households is None:
        units = list(customers)
    else:
        units = [home or customer for customer, home in zip(customers, households, strict=True)]
    wanted: dict[str, bool] = {}
    for unit, on_list in zip(units, listed, strict=True):
        wanted[unit] = wanted.get(unit, False) or bool(on_list)
    decided: dict[str, tuple[str, bool]] = {}
    for unit, on_list in wanted.items():
        arm = arm_of(unit, experiment)
        coin = draw(unit, f"{experiment.name}/coin", experiment.salt) < COIN
        decided[unit] = (arm.value, arm is not Arm.CONTROL and (coin if arm is Arm.EXPLORE else on_list))
    odds = {on_list: propensity(experiment, listed=on_list) for on_list in (False, True)}
    return pl.DataFrame(
        {
            "id": list(customers),
            "unit": units,
            "listed": [wanted[unit] for unit in units],
            "arm": [decided[unit][0] for unit in units],
            "call": [decided[unit][1] for unit in units],
            "propensity": [odds[wanted[unit]] for unit in units],
        },
        schema_overrides={"propensity": pl.Float64},
    )


def controls_needed(*, base_rate: float, difference: float, control_share: float, reach: float = 1.0) -> int:
    """Give the control customers needed to see `difference` with 80 % power at 5 %, two-sided.

    Args:
        base_rate: churn without a call, 0 to 1.
        difference: change among the customers reached, as a share.
        control_share: share of the list in control.
        reach: share of the called who are reached; the effect on all is diluted by it.
    """
    seen = difference * reach
    treated_rate = max(base_rate - seen, 0.0)
    variance = base_rate * (1 - base_rate) + treated_rate * (1 - treated_rate) * control_share / (
        1 - control_share
    )
    return int(np.ceil((Z_POWER / seen) ** 2 * variance))


Z_POWER: Final = 1.959964 + 0.841621
"""Normal quantiles of 97.5 % (two-sided 5 %) and 80 % (power)."""


def balance(assigned: pl.DataFrame, scores: Floats) -> float:
    """Give the standardised difference of scores, called less not, weighted by propensity; near 0 is fair."""
    call = assigned.get_column("call").cast(pl.Float64).to_numpy()
    p = assigned.get_column("propensity").to_numpy()
    used = (p > 0) & (p < 1)
    weight_called = (call / np.where(used, p, 1.0))[used]
    weight_rest = ((1 - call) / np.where(used, 1 - p, 1.0))[used]
    values = scores[used]
    called = float((weight_called * values).sum() / weight_called.sum())
    rest = float((weight_rest * values).sum() / weight_rest.sum())
    return (called - rest) / max(float(values.std()), 1e-12)
