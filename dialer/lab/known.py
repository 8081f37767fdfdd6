"""The look-ahead that knows the world's own laws: what the same rule could reach with nothing to learn.

The rule is the engine's (`dialer.core.pacing.lookahead`): one more call while the chance that its answer
costs somebody an agent is at most the price. Here the laws are the world's, exactly, and the price is a
constant, searched so that the target is what is abandoned. Written apart from what the engine learns by,
so that the one can be held against the other.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, ndtr

from dialer.core.pacing.horizon import AgeTable
from dialer.core.pacing.lookahead import EXACT_TERMS, ExactTail, SmoothTail, worst_from
from dialer.lab.simulation import Deaf, Floor
from dialer.lab.world import World

MOMENTS = 8  # equally likely answer times of a call placed now
GRID_S = 0.05  # at which ring times are tabled to find those moments
RING_STEP_S = 0.25
AGE_STEPS = 400  # elapsed times tabled for talk and for wrap-up
LONGEST = 8.0  # of them, in means
LOOK_S = 0.5  # the rule looks again so often if nothing happens
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """A lognormal law of lengths, exactly."""

    mean_s: float
    cv: float

    def survival(self, at: Array) -> Array:
        """P(longer than `at` seconds)."""
        variance = math.log1p(self.cv * self.cv)
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(at, 0.0))
        return np.asarray(ndtr(-(logs - math.log(self.mean_s) + variance / 2.0) / math.sqrt(variance)))


def answered_by(world: World, at: Array) -> Array:
    """P(answered within `at` seconds | somebody will answer)."""
    after = np.maximum(0.0, at - world.ring_start_s)
    share = gammainc(world.ring_shape, after / world.ring_scale_s)
    return np.asarray(np.where(after >= world.ring_cap_s, 1.0, share))


def failed_by(world: World, at: Array) -> Array:
    """P(given up within `at` seconds | nobody will answer)."""
    early = np.clip((at - world.early_from_s) / (world.early_to_s - world.early_from_s), 0.0, 1.0)
    return world.early_failures * early + (1.0 - world.early_failures) * (at >= world.ring_limit_s)


class Laws:
    """A world's laws, tabled for every elapsed time at the moments a call placed now may be answered."""

    def __init__(self, world: World) -> None:
        seconds = np.arange(0.0, world.ring_limit_s + 1.0, GRID_S)
        shares = (np.arange(MOMENTS) + 0.5) / MOMENTS
        rate = world.answer_rate
        self.moments_s = np.interp(shares, answered_by(world, seconds), seconds)
        self.placed = rate * shares
        ages = np.arange(0.0, world.ring_limit_s + 1.0, RING_STEP_S)
        done = answered_by(world, ages)
        left = 1.0 - rate * done - (1.0 - rate) * failed_by(world, ages)
        ahead = answered_by(world, ages[:, None] + self.moments_s) - done[:, None]
        chances = np.minimum(1.0, rate * ahead / np.maximum(1e-6, left)[:, None])
        self.ringing = AgeTable.of(chances, RING_STEP_S)
        talk = Lasting(mean_s=world.talk_mean_s, cv=world.talk_cv)
        wrap = Lasting(mean_s=world.wrap_mean_s, cv=world.wrap_cv)
        by = self.moments_s + world.patience_s
        self.talking = still_talking(talk, wrap, by)
        self.wrapping = still_wrapping(wrap, by)


def still_wrapping(wrap: Lasting, by: Array) -> AgeTable:
    """P(wrap-up not over after `by` | it has lasted so long)."""
    step = LONGEST * wrap.mean_s / AGE_STEPS
    ages = (np.arange(AGE_STEPS) + 0.5) * step
    chances = wrap.survival(ages[:, None] + by) / np.maximum(1e-12, wrap.survival(ages))[:, None]
    return AgeTable.of(np.minimum(1.0, chances), step)


def still_talking(talk: Lasting, wrap: Lasting, by: Array) -> AgeTable:
    """P(talk or the wrap-up that follows not over after `by` | talked for so long)."""
    step = LONGEST * talk.mean_s / AGE_STEPS
    ages = (np.arange(AGE_STEPS) + 0.5) * step
    ahead = np.arange(0.0, math.ceil(float(by[-1])) + 0.5, 0.5)
    lasting = talk.survival(ages[:, None] + ahead) / np.maximum(1e-12, talk.survival(ages))[:, None]
    ends = -np.diff(lasting, axis=1)  # talk ends within each half second ahead
    room = np.maximum(0.0, by - (ahead[:-1, None] + 0.25))
    return AgeTable.of(np.clip(1.0 - ends @ (1.0 - wrap.survival(room)), 0.0, 1.0), step)


class KnownLaws(Deaf):
    """The rule with the world's own laws and a constant price; never fewer calls than progressive.

    With live callers on the same agents nothing is held for the first call either: it has its price.
    """

    name = "known_laws"
    look_again_s = LOOK_S

    def __init__(self, laws: Laws, price: float) -> None:
        self._laws = laws
        self._price = price

    def dial(self, floor: Floor) -> int:
        laws, now = self._laws, floor.now
        free = len(floor.idle) - len(floor.waiting) - len(floor.inbound)
        busy = len(floor.talking) + len(floor.wrapping)
        if free + busy <= 0:
            return 0
        count = 0 if floor.inbound_per_s > 0.0 else max(0, free - len(floor.ringing))
        tail = self._tail(floor, now, free, busy)
        for _ in range(count):
            tail.add(laws.placed)
        while worst_from(tail.chances()) <= self._price:
            count += 1
            tail.add(laws.placed)
        return count

    def _tail(self, floor: Floor, now: float, free: int, busy: int) -> ExactTail | SmoothTail:
        laws = self._laws
        ages = (
            now - np.fromiter(floor.ringing.values(), np.float64, len(floor.ringing)),
            now - np.fromiter(floor.talking.values(), np.float64, len(floor.talking)),
            now - np.fromiter(floor.wrapping.values(), np.float64, len(floor.wrapping)),
        )
        tables = (laws.ringing, laws.talking, laws.wrapping)
        arrivals = floor.inbound_per_s * laws.moments_s if floor.inbound_per_s > 0.0 else None
        if busy + len(floor.ringing) <= EXACT_TERMS:
            terms = np.concatenate([table.rows(age) for table, age in zip(tables, ages, strict=True)])
            return ExactTail(terms, agents=free + busy, arrivals=arrivals)
        sums = sum(table.sums(age) for table, age in zip(tables, ages, strict=True))
        mean, variance, third = np.asarray(sums).reshape(3, -1)
        if arrivals is not None:
            mean, variance, third = mean + arrivals, variance + arrivals, third + arrivals
        return SmoothTail(mean=mean, variance=variance, third=third, agents=free + busy)
