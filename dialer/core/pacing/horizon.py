"""The learned laws, tabled at the moments that matter for one more call."""

import math
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.laws import RING_BINS, Array, HandlingLaw, RingLaw
from dialer.core.pacing.settings import PacingPrior, PacingSettings

MOMENTS = 8  # equally likely answer times looked at; more changed nothing measurable
AGE_STEPS = 128  # elapsed times tabled for each handling law
RING_STEP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws:
    """What one campaign has taught so far."""

    ring: RingLaw
    talk: HandlingLaw
    wrap: HandlingLaw

    @classmethod
    def start(cls, settings: PacingSettings, prior: PacingPrior) -> "Laws":
        """Nothing seen yet: the priors of this type of campaign."""
        return cls(
            ring=RingLaw(answer_probability=prior.answer_probability, ring_s=settings.ring_s),
            talk=HandlingLaw(mean_s=prior.talk_mean_s),
            wrap=HandlingLaw(mean_s=prior.wrap_mean_s),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeTable:
    """Chances by elapsed time (rows, `step_s` apart) and moment ahead (columns)."""

    chances: Array
    step_s: float
    moments: Array  # mean, variance and third moment of the yes-or-no variable, side by side

    @classmethod
    def of(cls, chances: Array, step_s: float) -> "AgeTable":
        """The table and the moments of its entries."""
        spread = chances * (1.0 - chances)
        return cls(
            chances=chances,
            step_s=step_s,
            moments=np.concatenate((chances, spread, spread * (1.0 - 2.0 * chances)), axis=1),
        )

    def rows(self, ages: Array) -> Array:
        """The chances for each of these elapsed times."""
        return self.chances[self._index(ages)]

    def sums(self, ages: Array) -> Array:
        """Mean, variance and third moment of the sum over all these elapsed times."""
        counts = np.bincount(self._index(ages), minlength=len(self.moments)).astype(np.float64)
        return np.asarray(counts @ self.moments)

    def _index(self, ages: Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        steps = (ages * (1.0 / self.step_s)).astype(np.int64)
        return np.minimum(steps, len(self.chances) - 1, out=steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingShapes:
    """What chances of an answer are made of, for calls whose leads have their own probability."""

    ahead: Array  # share of all answers between each age and each moment ahead of it
    answered: Array  # share of all answers before each age
    failed: Array  # share of all failures before each age
    placed: Array  # share of all answers by each moment, for a call placed now

    def chances(self, ages: Array, probabilities: Array) -> Array:
        """P(answered by each moment | in the air at this age, lead's own probability)."""
        index = np.minimum((ages / RING_STEP_S).astype(np.int64), len(self.answered) - 1)
        left = 1.0 - probabilities * self.answered[index] - (1.0 - probabilities) * self.failed[index]
        return np.minimum(1.0, (probabilities / np.maximum(0.02, left))[:, None] * self.ahead[index])


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The coming half minute as seen from every elapsed time.

    `moments_s` are equally likely answer times of a call placed now and `placed` the chance that it is
    answered by each of them. `still_talking` and `still_wrapping` hold the chance that an agent is not
    free within the customer's patience after each moment.
    """

    moments_s: Array
    placed: Array
    ringing: AgeTable
    shapes: RingShapes
    still_talking: AgeTable
    still_wrapping: AgeTable


def draw_horizon(
    laws: Laws, *, rate: float, patience_s: float, talking_s: Array, wrapping_s: Array
) -> Horizon:
    """Table the laws; agents who talk or wrap up at this moment count as evidence too."""
    answered, failed = laws.ring.shapes()
    seconds = np.arange(RING_BINS + 1, dtype=np.float64)
    shares = (np.arange(MOMENTS) + 0.5) / MOMENTS
    moments = np.interp(shares, answered, seconds)
    ages = np.arange(0.0, RING_BINS, RING_STEP_S)
    done = np.interp(ages, seconds, answered)
    gone = np.interp(ages, seconds, failed)
    ahead = np.interp(ages[:, None] + moments, seconds, answered) - done[:, None]
    shapes = RingShapes(ahead=ahead, answered=done, failed=gone, placed=shares)
    by = moments + patience_s
    return Horizon(
        moments_s=moments,
        placed=rate * shares,
        ringing=AgeTable.of(shapes.chances(ages, np.full(len(ages), rate)), RING_STEP_S),
        shapes=shapes,
        still_talking=table_talking(laws, by, talking_s=talking_s, wrapping_s=wrapping_s),
        still_wrapping=table_wrapping(laws.wrap, by, running=wrapping_s),
    )


def table_wrapping(wrap: HandlingLaw, by: Array, *, running: Array) -> AgeTable:
    """P(still wrapping up after `by` | wrapped up for so long)."""
    step = max(0.5, 5.0 * wrap.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    grid = np.concatenate((ages[:, None], ages[:, None] + by), axis=1)
    hazard = wrap.cumulative_hazard(grid.ravel(), running=running).reshape(grid.shape)
    return AgeTable.of(np.exp(hazard[:, :1] - hazard[:, 1:]), step)


def table_talking(laws: Laws, by: Array, *, talking_s: Array, wrapping_s: Array) -> AgeTable:
    """P(talk or wrap-up not over after `by` | talked for so long)."""
    step = max(1.0, 6.0 * laws.talk.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    ahead = np.arange(math.ceil(float(by[-1])) + 1, dtype=np.float64)
    grid = ages[:, None] + ahead
    hazard = laws.talk.cumulative_hazard(grid.ravel(), running=talking_s).reshape(grid.shape)
    ends = -np.diff(np.exp(hazard[:, :1] - hazard), axis=1)  # talk ends within each second ahead
    room = by - (ahead[:-1, None] + 0.5)
    wrap = laws.wrap.cumulative_hazard(np.maximum(0.0, room).ravel(), running=wrapping_s)
    wrapped = 1.0 - np.exp(-wrap.reshape(room.shape))
    return AgeTable.of(np.clip(1.0 - ends @ wrapped, 0.0, 1.0), step)
