"""Who is called by chance and who is not: assignment that can be recomputed by anyone, logged with its odds.

A customer's place is the hash of customer (or household), experiment and salt, so it needs no table, never
changes within an experiment, and is the same on every machine. Three independent draws: a global control that
is never called, an exploring share whose call is a coin flip whatever the list says, and the coin. The chance
of being called is given for every customer, listed or not, because every later estimate needs it.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import prod
from typing import Final, NamedTuple

GLOBAL: Final = "global-control"
"""Experiment name of the control that is shared by all campaigns."""

COIN: Final = 0.5
"""Chance of a call for an exploring customer: the most informative."""

DRAW_BYTES: Final = 7
DRAWS: Final = 2 ** (8 * DRAW_BYTES)
DRAW_SPAN: Final = float(DRAWS)
"""56 bits of the hash: more than a float tells apart."""

ABOVE_EVERY_DIGEST: Final = b"\xff" * (hashlib.sha256().digest_size + 1)


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


class Assignment(NamedTuple):
    """How one customer was assigned; `propensity` is the chance, before any draw, that `call` comes true."""

    unit: str
    arm: Arm
    listed: bool
    call: bool
    propensity: float


class Place(NamedTuple):
    """The same without the unit: a million customers share a dozen of them."""

    arm: Arm
    listed: bool
    call: bool
    propensity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the draws are expected to make of a list, in customers."""

    called: float
    control: float  # of the list, never called by any campaign
    explored: float  # called or not by a coin, on the list and off it


def unit_of(customer: str, household: str | None) -> str:
    """Name what is assigned together: the household, or the customer who has none."""
    return f"household {household}" if household else customer


def draw(unit: str, experiment: str, salt: str) -> float:
    """Give the unit's number in [0, 1): uniform, the same for ever, independent between experiments."""
    digest = hashlib.sha256(f"{salt}\x1f{experiment}\x1f{unit}".encode()).digest()
    return int.from_bytes(digest[:DRAW_BYTES], "big") / DRAW_SPAN


def falls_below(experiment: str, salt: str, chance: float) -> Callable[[str], bool]:
    """Give a quick way to say of many units whether their `draw` is below a chance: by comparing hashes."""
    begun = hashlib.sha256(f"{salt}\x1f{experiment}\x1f".encode())
    least = bisect_left(range(DRAWS), chance, key=lambda number: number / DRAW_SPAN)
    bound = least.to_bytes(DRAW_BYTES, "big") if least < DRAWS else ABOVE_EVERY_DIGEST

    def falls(unit: str) -> bool:
        one = begun.copy()
        one.update(unit.encode())
        return one.digest() < bound

    return falls


def arm_of(unit: str, experiment: Experiment, *, explore: float | None = None) -> Arm:
    """Say where the unit (customer or household) stands. The global control is one for all experiments.

    `explore` is the exploring share of units like this one; unset: the experiment's.
    """
    if draw(unit, GLOBAL, experiment.salt) < experiment.control:
        return Arm.CONTROL
    share = experiment.explore if explore is None else explore
    return Arm.EXPLORE if draw(unit, f"{experiment.name}/explore", experiment.salt) < share else Arm.LIST


def explore_beyond(experiment: Experiment, listed: int, others: int) -> float:
    """Give the exploring share of units that the list leaves out.

    Never above the experiment's, and so small that the coin adds no more calls than it takes from the list: a
    list of 30 out of 500,000 customers must not become 22,500 calls.
    """
    return experiment.explore * min(1.0, listed / others) if others else 0.0


def propensity(experiment: Experiment, *, listed: bool, explore: float | None = None) -> float:
    """Give the chance, before any draw, that such a customer is assigned to be called."""
    share = experiment.explore if explore is None else explore
    return (1 - experiment.control) * ((1 - share) * float(listed) + share * COIN)


def expect(experiment: Experiment, listed: int, others: int) -> Expected:
    """Say what a list of so many, with so many left out of it, is expected to become."""
    beyond = explore_beyond(experiment, listed, others)
    called = listed * propensity(experiment, listed=True)
    called += others * propensity(experiment, listed=False, explore=beyond)
    return Expected(
        called=called,
        control=listed * experiment.control,
        explored=(1 - experiment.control) * (listed * experiment.explore + others * beyond),
    )


class UnitCount(NamedTuple):
    """What has to be known of all units before the first is assigned: how many there are, listed and not."""

    homes: Mapping[str, bool]  # by household: whether any of its customers is listed
    listed: int
    others: int


def count_units(listed: Iterable[bool], households: Iterable[str | None]) -> UnitCount:
    """Count the units of these customers: households, and customers who have none."""
    homes: dict[str, bool] = {}
    alone = [0, 0]
    for on_list, home in zip(listed, households, strict=True):
        if home:
            homes[home] = homes.get(home, False) or bool(on_list)
        else:
            alone[bool(on_list)] += 1
    wanted = sum(homes.values())
    return UnitCount(homes, alone[True] + wanted, alone[False] + len(homes) - wanted)


def assign(
    customers: Sequence[str],
    listed: Sequence[bool],
    experiment: Experiment,
    *,
    households: Sequence[str | None] | None = None,
) -> list[Assignment]:
    """Assign every customer, listed or not; one entry each, in order. See `places_of`.

    Args:
        customers: ids, the best for a call first.
        listed: whether the list takes each of them.
        experiment: the shares and the salt.
        households: by customer; None where one lives alone.
    """
    homes: Sequence[str | None] = households or [None] * len(customers)
    found = places_of(customers, listed, homes, experiment, count_units(listed, homes))
    return [
        Assignment(unit_of(customer, home), *place)
        for customer, home, place in zip(customers, homes, found, strict=True)
    ]


def places_of(
    customers: Iterable[str],
    listed: Iterable[bool],
    households: Iterable[str | None],
    experiment: Experiment,
    units: UnitCount,
) -> Iterator[Place]:
    """Assign customers one after the other, those that `units` counted; equal places are one object.

    Households share their arm and their coin: what is said to one of them is heard by all. Of a household
    that is not listed, only its first customer in this order may be called by the coin.
    """
    fates = {False: _Fates(experiment, units, listed=False), True: _Fates(experiment, units, listed=True)}
    drawn: dict[str, _Fate] = {}
    for customer, on_list, home in zip(customers, listed, households, strict=True):
        if not home:
            yield fates[on_list].of(customer).own[on_list]
            continue
        known = drawn.get(home)
        home_listed = units.homes[home]
        fate = known or drawn.setdefault(home, fates[home_listed].of(unit_of(customer, home)))
        yield fate.own[on_list] if on_list or (known is None and not home_listed) else fate.passed_over


class _Fate:
    """What a unit's draws make of its customers, on the list and off it."""

    def __init__(self, arm: Arm, odds: float, *, coin: bool) -> None:
        self.own = {
            on_list: Place(arm, on_list, coin if arm is Arm.EXPLORE else on_list and arm is Arm.LIST, odds)
            for on_list in (False, True)
        }
        self.passed_over = Place(arm, False, False, 0.0)


class _Fates:
    """The draws of units that are listed, or of those that are not."""

    def __init__(self, experiment: Experiment, units: UnitCount, *, listed: bool) -> None:
        share = experiment.explore if listed else explore_beyond(experiment, units.listed, units.others)
        odds = propensity(experiment, listed=listed, explore=share)
        name, salt = experiment.name, experiment.salt
        self._is_control = falls_below(GLOBAL, salt, experiment.control)
        self._explores = falls_below(f"{name}/explore", salt, share)
        self._coin = falls_below(f"{name}/coin", salt, COIN)
        self._control = _Fate(Arm.CONTROL, odds, coin=False)
        self._list = _Fate(Arm.LIST, odds, coin=False)
        self._explore = {coin: _Fate(Arm.EXPLORE, odds, coin=coin) for coin in (False, True)}

    def of(self, unit: str) -> _Fate:
        """Draw for one unit."""
        if self._is_control(unit):
            return self._control
        return self._explore[self._coin(unit)] if self._explores(unit) else self._list


class Entered(NamedTuple):
    """One experiment that a unit was in: salt and control share of its draws, and the unit's propensity."""

    salt: str
    control: float
    propensity: float


def chance_uncalled(entered: Sequence[Entered]) -> float:
    """Give the chance, before any draw, that a unit is called by none of these experiments.

    Experiments of one salt share the draw of the control, so that who is in it escapes all of them; what is
    left to each experiment's own draws is independent.
    """
    chance = 1.0
    for salt in {each.salt for each in entered}:
        alike = [each for each in entered if each.salt == salt]
        edges = sorted({0.0, 1.0, *(each.control for each in alike)})
        chance *= sum(
            (high - low)
            * prod(1.0 if high <= one.control else 1 - one.propensity / (1 - one.control) for one in alike)
            for low, high in pairwise(edges)
        )
    return max(0.0, chance)
