"""Learning who answers when from finished attempts; `contactability` holds what is learned.

Each effect is held to nothing by a normal prior until attempts say otherwise; with data the answer is nearly
the data. How much customers differ is learned too (empirical Bayes). Fitted by Newton steps, one family of
effects at a time.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Bools, Floats, Ints, sigmoid
from churnmodel.contactability import (
    CUSTOMER_SPREAD,
    DAY_PARTS,
    DAYS,
    FIRST_RATE,
    HOURS,
    MOST_ATTEMPTS,
    PARTS,
    ContactModel,
    first_day,
)

HOUR_SPREAD: Final = 0.5
SLOT_SPREAD: Final = 0.2
ATTEMPT_SPREAD: Final = 0.3
NUMBER_SPREAD: Final = 0.8
PART_SPREAD: Final = 0.5
"""How far effects usually lie from nothing, log-odds: people differ more than hours do."""

SPREAD_BOUNDS: Final = (0.2, 2.0)
"""Between these the spread of customers is learned."""

LEVEL_PRIOR: Final = 50.0
"""Attempts after which the overall rate is trusted half against `FIRST_RATE`."""

FEWEST_DRAWN: Final = 100
"""Attempts at hours drawn by chance from which on they are asked whether the hours hold."""

TRUST_SPREAD: Final = 0.5
"""Prior of the share that holds, around 1: a hundred drawn attempts move it a little, a thousand decide."""

ROUNDS: Final = 20


@dataclass(slots=True, kw_only=True)
class _Family:
    """One family of effects while it is fitted: which one each attempt has, and their values."""

    index: Ints
    middle: Floats  # where the prior lies
    spread: float
    values: Floats
    variance: Floats
    free: Floats  # 0 where an effect is held at its middle


def _family(index: Ints, size: int, spread: float, middle: Floats | None = None) -> _Family:
    middle = np.zeros(size) if middle is None else middle
    return _Family(
        index=index,
        middle=middle,
        spread=spread,
        values=middle.copy(),
        variance=np.full(size, spread**2),
        free=np.ones(size),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """One fit: the model, and by attempt what the hour adds and what all else says."""

    model: ContactModel
    hours: Floats
    rest: Floats


def learn_contact(attempts: pl.DataFrame) -> ContactModel:
    """Learn from finished attempts, and trust the hours as far as attempts at random hours bear them out.

    Whoever is rung when the model says so proves it right whatever it says. So the effects of hours are
    learned without the attempts whose hour was drawn by chance, tried on these, and shrunk by the share that
    held (a slope between 0 and 1 with a normal prior around 1).

    Args:
        attempts: one row an attempt with `customer`, `number` (text), `hour` (0-23), `weekday` (0-6),
            `before` (unanswered attempts before it), `answered` (0/1), and, where some hours were drawn by
            chance, `drawn` (true for these).

    Returns:
        The first day's model if there are no rows.
    """
    if attempts.is_empty():
        return first_day()
    drawn = (
        attempts.get_column("drawn").to_numpy().astype(np.bool_)
        if "drawn" in attempts.columns
        else np.zeros(attempts.height, dtype=np.bool_)
    )
    trust = 1.0
    if min(drawn.sum(), (~drawn).sum()) >= FEWEST_DRAWN:
        others = _learn(attempts, weight=(~drawn).astype(np.float64))
        answered = attempts.get_column("answered").cast(pl.Float64).to_numpy()
        trust = _share_that_held(answered[drawn], others.rest[drawn], others.hours[drawn])
    learned = _learn(attempts, weight=np.ones(attempts.height))
    model = learned.model
    return replace(
        model,
        level=model.level + (1 - trust) * float(learned.hours.mean()),
        slots=tuple(tuple(trust * slot for slot in hours) for hours in model.slots),
        day_parts={name: tuple(trust * part for part in own) for name, own in model.day_parts.items()},
        drawn=int(drawn.sum()),
        trust=trust,
    )


def _share_that_held(answered: Floats, rest: Floats, hours: Floats) -> float:
    """The slope of the hours' effects on attempts at drawn hours, 0 to 1, beside a free level."""
    spread = hours - hours.mean()
    level, slope = 0.0, 1.0
    for _ in range(ROUNDS):
        p = sigmoid(rest + hours.mean() + level + slope * spread)
        weight = p * (1 - p)
        precision = 1 / TRUST_SPREAD**2
        level += float((answered - p).sum() - level) / (float(weight.sum()) + 1)
        pull = float(((answered - p) * spread).sum()) - precision * (slope - 1)
        slope += pull / (float((weight * spread**2).sum()) + precision)
    return float(np.clip(slope, 0.0, 1.0))


def _learn(attempts: pl.DataFrame, *, weight: Floats) -> _Learned:
    """Fit all effects; rows of weight 0 are left out, but told of."""
    start = first_day()
    hour = attempts.get_column("hour").to_numpy().astype(np.int64)
    day = attempts.get_column("weekday").to_numpy().astype(np.int64)
    before = np.minimum(attempts.get_column("before").to_numpy().astype(np.int64), MOST_ATTEMPTS)
    answered = attempts.get_column("answered").cast(pl.Float64).to_numpy().astype(np.float64)
    people, person = _coded(attempts.get_column("customer"))
    numbers, number = _coded(attempts.get_column("number"))
    several = _several(person, number, len(people))
    part = np.array(DAY_PARTS)[hour]
    hours = _family(hour, HOURS, HOUR_SPREAD)
    slots = _family(day * HOURS + hour, DAYS * HOURS, SLOT_SPREAD)
    tries = _family(before, MOST_ATTEMPTS + 1, ATTEMPT_SPREAD, np.array(start.attempts))
    own = _family(person, len(people), CUSTOMER_SPREAD)
    lines = _family(np.where(several[person], number, len(numbers)), len(numbers) + 1, NUMBER_SPREAD)
    lines.free[-1] = 0.0  # customers with one number: theirs is the customer's own effect
    parts = _family(person * PARTS + part, len(people) * PARTS, PART_SPREAD)
    level = _fit(answered, weight, start.level, [hours, slots, tries, own, lines, parts], learned=own)
    tried = np.unique(lines.index)
    by_slot = hours.values[None, :] + slots.values.reshape(DAYS, HOURS)
    by_attempts = np.minimum.accumulate(tries.values - tries.values[0]) + tries.values[0]
    model = ContactModel(
        level=level,
        slots=tuple(tuple(row) for row in by_slot.tolist()),
        attempts=tuple(by_attempts.tolist()),
        spread=own.spread,
        customers={
            name: (float(own.values[index]), float(own.variance[index])) for index, name in enumerate(people)
        },
        numbers={
            numbers[index]: (float(lines.values[index]), float(lines.variance[index]))
            for index in tried
            if index < len(numbers)
        },
        day_parts={
            name: tuple(parts.values[index * PARTS : (index + 1) * PARTS].tolist())
            for index, name in enumerate(people)
        },
        learned_from=len(answered),
    )
    return _Learned(
        model=model,
        hours=sum((each.values[each.index] for each in (hours, slots, parts)), np.zeros(len(answered))),
        rest=level + sum((each.values[each.index] for each in (tries, own, lines)), np.zeros(len(answered))),
    )


def _fit(
    answered: Floats, weights: Floats, level: float, families: list[_Family], *, learned: _Family
) -> float:
    """Move every family in turn towards its posterior mode; `learned` also learns its spread."""
    prior_level, prior_weight = level, LEVEL_PRIOR * FIRST_RATE * (1 - FIRST_RATE)
    total = level + sum((family.values[family.index] for family in families), np.zeros(len(answered)))
    for _ in range(ROUNDS):
        p = sigmoid(total)
        step = float((weights * (answered - p)).sum() + prior_weight * (prior_level - level))
        step /= float((weights * p * (1 - p)).sum()) + prior_weight
        level += step
        total += step
        for family in families:
            p = sigmoid(total)
            size = len(family.values)
            pull = np.bincount(family.index, weights=weights * (answered - p), minlength=size)
            weight = np.bincount(family.index, weights=weights * p * (1 - p), minlength=size)
            precision = 1 / family.spread**2
            moved = family.free * (pull + (family.middle - family.values) * precision) / (weight + precision)
            family.values += moved
            family.variance = 1 / (weight + precision)
            total += moved[family.index]
        wide = float(np.sqrt((learned.values**2 + learned.variance).mean()))
        learned.spread = float(np.clip(wide, *SPREAD_BOUNDS))
    return level


def _coded(names: pl.Series) -> tuple[list[str], Ints]:
    """Distinct names, and each row's place among them."""
    text = names.cast(pl.String).fill_null("")
    known = text.unique(maintain_order=True)
    indices = text.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy().astype(np.int64)
    return known.to_list(), indices


def _several(person: Ints, number: Ints, people: int) -> Bools:
    """Which customers were tried on more than one number."""
    pairs = np.unique(np.column_stack([person, number]), axis=0)
    return np.bincount(pairs[:, 0], minlength=people) > 1
