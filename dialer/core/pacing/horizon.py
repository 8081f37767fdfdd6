"""The learned laws, tabled at the moments that matter for one more call."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.habits import Handling, Places
from dialer.core.pacing.laws import RING_BINS, Array, CallLaw, LengthLaw, RingLaw
from dialer.core.pacing.pauses import Pauses
from dialer.core.pacing.settings import PacingPrior, PacingSettings

MOMENTS = 8  # equally likely answer times looked at; more changed nothing measurable
AGE_STEPS = 128  # elapsed times tabled for each handling law
RING_STEP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws:
    """What one campaign has taught so far."""

    ring: CallLaw
    talk: Handling
    wrap: Handling
    pauses: Pauses

    @classmethod
    def start(cls, settings: PacingSettings, prior: PacingPrior) -> "Laws":
        """Nothing seen yet: the priors of this type of campaign."""
        return cls(
            ring=RingLaw(answer_probability=prior.answer_probability, ring_s=settings.ring_s),
            talk=Handling.start(prior.talk_mean_s),
            wrap=Handling.start(prior.wrap_mean_s),
            pauses=Pauses(),
        )

    @property
    def ends(self) -> int:
        """Talks, wrap-ups and pauses that were learned from."""
        return self.talk.law.seen + self.wrap.law.seen + self.pauses.seen


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeTable:
    """Chances by elapsed time (rows, `step_s` apart) and moment ahead (columns).

    Agents of different pace (or pauses of different reasons) have one block of rows each, one below the
    other; each block's elapsed times are `stretches` times as long as `step_s` says.
    """

    chances: Array
    step_s: float
    moments: Array  # mean, variance and third moment of the yes-or-no variable, side by side
    stretches: Array | None = None  # of each block; None: there is one, of factor 1

    @classmethod
    def of(cls, chances: Array, step_s: float, stretches: Array | None = None) -> "AgeTable":
        """The table and the moments of its entries."""
        spread = chances * (1.0 - chances)
        return cls(
            chances=chances,
            step_s=step_s,
            moments=np.concatenate((chances, spread, spread * (1.0 - 2.0 * chances)), axis=1),
            stretches=stretches,
        )

    def rows(self, ages: Array, places: Places | None = None) -> Array:
        """The chances for each of these elapsed times, in the block of each one's place."""
        return self.chances[self._index(ages, places)]

    def sums(self, ages: Array, places: Places | None = None) -> Array:
        """Mean, variance and third moment of the sum over all these elapsed times."""
        counts = np.bincount(self._index(ages, places), minlength=len(self.moments)).astype(np.float64)
        return np.asarray(counts @ self.moments)

    def _index(self, ages: Array, places: Places | None) -> Places:
        if self.stretches is None or places is None:
            steps = (ages * (1.0 / self.step_s)).astype(np.intp)
            blocks = 1 if self.stretches is None else len(self.stretches)
            return np.minimum(steps, len(self.chances) // blocks - 1, out=steps)
        block = len(self.chances) // len(self.stretches)
        steps = (ages / (self.step_s * self.stretches[places])).astype(np.intp)
        return np.minimum(steps, block - 1, out=steps) + places * block


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
    answered by each of them. The `still_…` tables hold the chance that an agent is not free within the
    customer's patience after each moment: by pace, and of paused ones by reason.
    """

    moments_s: Array
    placed: Array
    ringing: AgeTable
    shapes: RingShapes
    still_talking: AgeTable
    still_wrapping: AgeTable
    still_paused: Mapping[str, AgeTable]  # by reasons of which enough is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Agents in one state: for how long already, and by whose pace."""

    ages_s: Array
    places: Places | None = None


def draw_horizon(
    laws: Laws,
    *,
    rate: float,
    patience_s: float,
    talking: Busy,
    wrapping: Busy,
    paused: Sequence[tuple[str, float]] = (),
) -> Horizon:
    """Table the laws; agents who talk, wrap up or are paused at this moment count as evidence too.

    `paused` are reasons and elapsed seconds.
    """
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
    talks = laws.talk.at_own_pace(talking.ages_s, talking.places)
    wraps = laws.wrap.at_own_pace(wrapping.ages_s, wrapping.places)
    return Horizon(
        moments_s=moments,
        placed=rate * shares,
        ringing=AgeTable.of(shapes.chances(ages, np.full(len(ages), rate)), RING_STEP_S),
        shapes=shapes,
        still_talking=table_talking(laws, by, talks=talks, wraps=wraps),
        still_wrapping=table_lasting(laws.wrap.law, by, running=wraps, stretches=laws.wrap.habits.stretches),
        still_paused={
            reason: table_lasting(law, by, running=np.array([age for why, age in paused if why == reason]))
            for reason, law in laws.pauses.known()
        },
    )


def table_lasting(
    law: LengthLaw, by: Array, *, running: Array, stretches: tuple[float, ...] = (1.0,)
) -> AgeTable:
    """P(not over after `by` | it has lasted so long), of something that is followed by nothing."""
    step = max(0.5, 5.0 * law.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    paces = np.array(stretches)
    grid = (
        ages[:, None] + np.concatenate((np.zeros((len(paces), 1)), by / paces[:, None]), axis=1)[:, None, :]
    )
    hazard = law.cumulative_hazard(grid.ravel(), running=running).reshape(grid.shape)
    chances = np.exp(hazard[..., :1] - hazard[..., 1:]).reshape(-1, len(by))
    return AgeTable.of(chances, step, paces if len(paces) > 1 else None)


def table_talking(laws: Laws, by: Array, *, talks: Array, wraps: Array) -> AgeTable:
    """P(talk or wrap-up not over after `by` | talked for so long).

    The wrap-up that follows is taken at the campaign's pace: it is the shorter part by far.
    """
    step = max(1.0, 6.0 * laws.talk.law.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    paces = np.array(laws.talk.habits.stretches)
    ahead = np.arange(math.ceil(float(by[-1])) + 1, dtype=np.float64)
    grid = ages[:, None] + (ahead / paces[:, None])[:, None, :]
    hazard = laws.talk.law.cumulative_hazard(grid.ravel(), running=talks).reshape(grid.shape)
    ends = -np.diff(np.exp(hazard[..., :1] - hazard), axis=-1)  # talk ends within each second ahead
    room = by - (ahead[:-1, None] + 0.5)
    wrap = laws.wrap.law.cumulative_hazard(np.maximum(0.0, room).ravel(), running=wraps)
    wrapped = 1.0 - np.exp(-wrap.reshape(room.shape))
    chances = np.clip(1.0 - ends.reshape(-1, len(room)) @ wrapped, 0.0, 1.0)
    return AgeTable.of(chances, step, paces if len(paces) > 1 else None)
