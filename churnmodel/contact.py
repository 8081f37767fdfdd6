"""Will a person answer: P(answer | customer, number, hour, weekday, attempts so far), from the first day.

A ladder of beta-binomial estimates, each shrunk to the rung below: everyone, the hour, the hour of that
weekday; then how the odds fall with attempts so far; then what this customer and this number did beyond what
their hours would give. With no data the ladder is its priors; with data it is nearly the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.arrays import Floats, Ints

HOURS: Final = 24
DAYS: Final = 7
MOST_ATTEMPTS: Final = 6
"""Attempts so far are counted up to here; further ones are alike."""

FIRST_RATE: Final = 0.3
"""Answer rate before any attempt is known: mid-range of published residential campaigns (20 to 40 %)."""

SLOT_PRIOR: Final = 60.0
"""Attempts at which an hour, or an hour of a weekday, is trusted half."""

ATTEMPT_PRIOR: Final = 100.0
CUSTOMER_PRIOR: Final = 4.0
"""Attempts at which a customer's or a number's own record is trusted half: people differ more than hours."""

HOUR_LEANING: Final = 3.0
"""Attempts at which a customer's own part of the day is trusted half."""

DAY_PARTS: Final = (0,) * 9 + (1,) * 4 + (2,) * 4 + (3,) * 7
"""Part of the day by hour: before 9, 9 to 13, 13 to 17, from 17."""

PARTS: Final = 4
FIRST_FALL: Final = 0.85
"""How the odds of an answer fall with each attempt not answered, before it is learned."""

ROUNDS: Final = 4
LOWEST: Final = 0.005
HIGHEST: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactModel:
    """Everything learned from attempts; plain arrays and tables."""

    everyone: float
    slots: Floats  # weekday x hour, answer rates of first attempts
    attempts: Floats  # odds multiplier by attempts so far
    customers: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # expected, seen answers
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    day_parts: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    learned_from: int = 0

    def predict(
        self,
        *,
        hour: int,
        weekday: int,
        attempts: int = 0,
        customer: str = "",
        number: str = "",
    ) -> float:
        """Give the chance that a person answers.

        Args:
            hour: 0 to 23 on the customer's clock.
            weekday: 0 Monday to 6 Sunday.
            attempts: unanswered attempts so far for this matter.
            customer: their id, if they have been tried before.
            number: the number's id (a hash will do).
        """
        odds = _odds(float(self.slots[weekday, hour])) * float(self.attempts[min(attempts, MOST_ATTEMPTS)])
        odds *= _own(self.customers.get(customer), CUSTOMER_PRIOR)
        odds *= _own(self.numbers.get(number), CUSTOMER_PRIOR)
        parts = self.day_parts.get(customer)
        if parts is not None:
            odds *= _own(parts[DAY_PARTS[hour]], HOUR_LEANING) / _own(_total(parts), HOUR_LEANING)
        return float(np.clip(odds / (1 + odds), LOWEST, HIGHEST))

    def best_slots(
        self, *, allowed: list[tuple[int, int]], attempts: int = 0, customer: str = "", number: str = ""
    ) -> list[tuple[int, int, float]]:
        """Rank (weekday, hour) slots by the chance of an answer, best first; ties in the order given."""
        ranked = [
            (
                day,
                hour,
                self.predict(hour=hour, weekday=day, attempts=attempts, customer=customer, number=number),
            )
            for day, hour in allowed
        ]
        return sorted(ranked, key=lambda slot: -slot[2])

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for storing."""
        return {
            "everyone": self.everyone,
            "slots": self.slots.tolist(),
            "attempts": self.attempts.tolist(),
            "customers": {name: list(pair) for name, pair in self.customers.items()},
            "numbers": {name: list(pair) for name, pair in self.numbers.items()},
            "day_parts": {name: [list(pair) for pair in parts] for name, parts in self.day_parts.items()},
            "learned_from": self.learned_from,
        }

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "ContactModel":
        """Read back what `as_dict` gave."""
        return ContactModel(
            everyone=float(plain["everyone"]),
            slots=np.array(plain["slots"], dtype=np.float64),
            attempts=np.array(plain["attempts"], dtype=np.float64),
            customers={name: (pair[0], pair[1]) for name, pair in plain["customers"].items()},
            numbers={name: (pair[0], pair[1]) for name, pair in plain["numbers"].items()},
            day_parts={
                name: tuple((pair[0], pair[1]) for pair in parts)
                for name, parts in plain["day_parts"].items()
            },
            learned_from=int(plain["learned_from"]),
        )


def first_day() -> ContactModel:
    """Give the model before any attempt: one rate for all slots, odds falling with attempts."""
    return ContactModel(
        everyone=FIRST_RATE,
        slots=np.full((DAYS, HOURS), FIRST_RATE),
        attempts=FIRST_FALL ** np.arange(MOST_ATTEMPTS + 1, dtype=np.float64),
    )


def learn_contact(attempts: pl.DataFrame) -> ContactModel:
    """Learn from finished attempts.

    Args:
        attempts: one row an attempt with `customer`, `number` (text), `hour` (0-23), `weekday` (0-6),
            `before` (unanswered attempts before it) and `answered` (0/1).

    Returns:
        The first day's model if there are no rows.
    """
    if attempts.is_empty():
        return first_day()
    hour = attempts.get_column("hour").to_numpy().astype(np.int64)
    day = attempts.get_column("weekday").to_numpy().astype(np.int64)
    before = np.minimum(attempts.get_column("before").to_numpy().astype(np.int64), MOST_ATTEMPTS)
    answered = attempts.get_column("answered").cast(pl.Float64).to_numpy().astype(np.float64)
    fall = FIRST_FALL ** np.arange(MOST_ATTEMPTS + 1, dtype=np.float64)
    everyone, slots = FIRST_RATE, np.full((DAYS, HOURS), FIRST_RATE)
    # slots and attempts explain each other: a few rounds settle what belongs to which
    for _ in range(ROUNDS):
        discount = fall[before]
        everyone, slots = _slots(hour, day, answered, discount)
        fall = _fall(before, answered, slots[day, hour])
    odds = slots[day, hour] / (1 - slots[day, hour]) * fall[before]
    expected = odds / (1 + odds)
    customers = attempts.get_column("customer").cast(pl.String).to_list()
    numbers = attempts.get_column("number").cast(pl.String).to_list()
    parts = np.array(DAY_PARTS)[hour]
    return ContactModel(
        everyone=everyone,
        slots=slots,
        attempts=fall,
        customers=_records(customers, expected, answered),
        numbers=_number_records(customers, numbers, expected, answered),
        day_parts=_part_records(customers, parts, expected, answered),
        learned_from=len(answered),
    )


def _slots(hour: Ints, day: Ints, answered: Floats, discount: Floats) -> tuple[float, Floats]:
    """Answer rates of first attempts by weekday and hour: each shrunk to its hour, each hour to everyone."""
    # an attempt that had `discount` of the odds counts as that much of a first attempt
    weight = np.where(answered > 0, 1.0, discount)
    total = float(weight.sum())
    everyone = (float(answered.sum()) + SLOT_PRIOR * FIRST_RATE) / (total + SLOT_PRIOR)
    hours_seen = np.bincount(hour, weights=weight, minlength=HOURS)
    hours_answered = np.bincount(hour, weights=answered, minlength=HOURS)
    by_hour = (hours_answered + SLOT_PRIOR * everyone) / (hours_seen + SLOT_PRIOR)
    cell = day * HOURS + hour
    seen = np.bincount(cell, weights=weight, minlength=DAYS * HOURS).reshape(DAYS, HOURS)
    got = np.bincount(cell, weights=answered, minlength=DAYS * HOURS).reshape(DAYS, HOURS)
    slots = (got + SLOT_PRIOR * by_hour[None, :]) / (seen + SLOT_PRIOR)
    return everyone, np.clip(slots, LOWEST, HIGHEST)


def _fall(before: Ints, answered: Floats, rate: Floats) -> Floats:
    """Odds multiplier by attempts so far: seen over expected, shrunk to the first day's, never rising."""
    fall = np.ones(MOST_ATTEMPTS + 1)
    for count in range(1, MOST_ATTEMPTS + 1):
        rows = before == count
        prior = FIRST_FALL**count
        base = float(rate[rows].mean()) if rows.any() else FIRST_RATE
        prior_rate = base / (1 - base) * prior / (1 + base / (1 - base) * prior)
        seen = (float(answered[rows].sum()) + ATTEMPT_PRIOR * prior_rate) / (
            float(rows.sum()) + ATTEMPT_PRIOR
        )
        multiplier = _odds(min(max(seen, LOWEST), HIGHEST)) / _odds(base)
        fall[count] = min(fall[count - 1], multiplier)
    return fall


def _records(names: list[str], expected: Floats, answered: Floats) -> dict[str, tuple[float, float]]:
    frame = pl.DataFrame({"name": names, "expected": expected, "answered": answered})
    sums = frame.group_by("name").agg(pl.col("expected").sum(), pl.col("answered").sum())
    return {name: (float(hoped), float(seen)) for name, hoped, seen in sums.iter_rows()}


def _part_records(
    names: list[str], parts: Ints, expected: Floats, answered: Floats
) -> dict[str, tuple[tuple[float, float], ...]]:
    frame = pl.DataFrame({"name": names, "part": parts, "expected": expected, "answered": answered})
    sums = frame.group_by("name", "part").agg(pl.col("expected").sum(), pl.col("answered").sum())
    records: dict[str, list[tuple[float, float]]] = {}
    for name, part, hoped, seen in sums.iter_rows():
        records.setdefault(name, [(0.0, 0.0)] * PARTS)[part] = (float(hoped), float(seen))
    return {name: tuple(pairs) for name, pairs in records.items()}


def _number_records(
    customers: list[str], numbers: list[str], expected: Floats, answered: Floats
) -> dict[str, tuple[float, float]]:
    """Records of numbers beyond their customer's own rate, only where a customer has several."""
    frame = pl.DataFrame(
        {"customer": customers, "number": numbers, "expected": expected, "answered": answered}
    )
    several = frame.filter(pl.col("number").n_unique().over("customer") > 1)
    own = several.with_columns(
        ratio=(pl.col("answered").sum() + CUSTOMER_PRIOR * FIRST_RATE).over("customer")
        / (pl.col("expected").sum() + CUSTOMER_PRIOR * FIRST_RATE).over("customer")
    )
    sums = own.group_by("number").agg((pl.col("expected") * pl.col("ratio")).sum(), pl.col("answered").sum())
    return {name: (float(hoped), float(seen)) for name, hoped, seen in sums.iter_rows()}


def _odds(rate: float) -> float:
    return rate / (1 - rate)


def _own(record: tuple[float, float] | None, prior: float) -> float:
    """Multiplier of the odds from what was seen against what was expected (gamma-Poisson shrinkage)."""
    if record is None:
        return 1.0
    expected, seen = record
    weight = prior * FIRST_RATE
    return (weight + seen) / (weight + expected)


def _total(parts: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    return sum(pair[0] for pair in parts), sum(pair[1] for pair in parts)


def explored(
    rng: np.random.Generator, attempts: int, share: float = 0.05
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Choose which attempts get a random allowed slot instead of the best one: learning stays honest."""
    return rng.random(attempts) < share
