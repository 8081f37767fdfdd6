"""What is expected of every ringing call and every busy agent, as chances at the moments that matter.

The question. `lookahead` needs two numbers for each coming moment: how likely this call is answered by then,
and how likely this agent is still busy. They depend on how long the call has rung or the talk has lasted, on
whose talk it is, and on whether the agent has said that it is about to end.

The method. Everything is a hazard. For a call that has rung for a seconds, the chance to be answered within
the next d is 1 - exp(-(H(a + d) - H(a))), with H the cumulative hazard of an answer as the campaign has
taught it; for an agent likewise with the hazard of the end. What has lasted for long is thereby counted
rightly: a phone that has rung for 25 seconds will hardly be picked up, a talk of ten minutes is not "due".

A call placed now could be answered at any moment. Instead of an integral over them, `MOMENTS` equally likely
answer times stand for all. At each decision hundreds of chances are wanted at eight moments; so they are
tabled once per elapsed time in steps (`AgeTable`, `RingShapes`), and a decision only looks up and adds. How
agents differ (`agent_effects`) stretches time: an agent who takes half as long again is looked up at two
thirds of the age.

A wrap-up follows a talk. An agent in a talk is busy by t if the talk lasts until then, or if the wrap-up
after it does: a convolution, tabled as well. An agent's word that the end is near (`closing_signals`)
replaces the hazard by the distribution of what is left after such a word, as far as this agent's word has
proved right.

Why not the obvious ways. Means ("this agent is free in 40 seconds") lose what the tail is about. Exponential
lengths would make the tables trivial and forget the elapsed time, which is most of what is known.

What breaks if this is changed. The tables are drawn for the moments of one `Forecast`; an old table with new
moments gives plausible nonsense and no error. Elapsed times beyond the last step must fall on the last cell,
never outside. Whatever is added here has to keep one decision under a millisecond at 300 agents
(`winback bench pacing`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.agent_effects import Handling, Indices
from dialer.core.pacing.closing_signals import ClosingSignals
from dialer.core.pacing.estimators import (
    RING_BINS,
    Array,
    DurationDistribution,
    RingDistribution,
    RingEstimator,
)
from dialer.core.pacing.pauses import Pauses
from dialer.core.pacing.settings import PacerSettings, PacingPrior

MOMENTS = 8  # equally likely answer times looked at; more changed nothing measurable
AGE_STEPS = 128  # elapsed times tabled for each handling distribution
RING_STEP_S = 0.5
LEAST_LEFT = 0.02  # talks that must be left without a word; fewer are an agent's who forgot it
FAR_S = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)  # cells beyond the last moment, for words said early


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimators:
    """What one campaign has taught so far."""

    ring: RingDistribution
    talk: Handling
    wrap: Handling
    pauses: Pauses
    talk_closings: ClosingSignals
    wrap_closings: ClosingSignals

    @classmethod
    def start(cls, settings: PacerSettings, prior: PacingPrior) -> "Estimators":
        """Nothing seen yet: the priors of this type of campaign."""
        return cls(
            ring=RingEstimator(answer_probability=prior.answer_probability, ring_s=settings.ring_s),
            talk=Handling.start(prior.talk_mean_s),
            wrap=Handling.start(prior.wrap_mean_s),
            pauses=Pauses(),
            talk_closings=ClosingSignals(),
            wrap_closings=ClosingSignals(),
        )

    @property
    def ends(self) -> int:
        """Talks, wrap-ups and pauses that were learned from."""
        return self.talk.distribution.seen + self.wrap.distribution.seen + self.pauses.seen


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

    def rows(self, ages: Array, indices: Indices | None = None) -> Array:
        """The chances for each of these elapsed times, in the block of each one's place."""
        return self.chances[self._index(ages, indices)]

    def sums(self, ages: Array, indices: Indices | None = None) -> Array:
        """Mean, variance and third moment of the sum over all these elapsed times."""
        counts = np.bincount(self._index(ages, indices), minlength=len(self.moments)).astype(np.float64)
        return np.asarray(counts @ self.moments)

    def _index(self, ages: Array, indices: Indices | None) -> Indices:
        if self.stretches is None or indices is None:
            steps = (ages * (1.0 / self.step_s)).astype(np.intp)
            blocks = 1 if self.stretches is None else len(self.stretches)
            return np.minimum(steps, len(self.chances) // blocks - 1, out=steps)
        block = len(self.chances) // len(self.stretches)
        steps = (ages / (self.step_s * self.stretches[indices])).astype(np.intp)
        return np.minimum(steps, block - 1, out=steps) + indices * block


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Agents in one state: for how long already, by whose pace, and what they say of its end.

    `closing_s` are the seconds since each said that it is about to end, nan for who has not (None: nobody
    has); `shares` is how often each is used to saying so (None: nobody is, or too little is known of it).
    """

    ages_s: Array
    indices: Indices | None = None
    closing_s: Array | None = None
    closing_indices: Indices | None = None  # by how long before the end each says so
    shares: Array | None = None

    @property
    def closing(self) -> "Busy":
        """Those who said so, by the seconds since."""
        if self.closing_s is None:
            return Busy(ages_s=np.empty(0))
        said = ~np.isnan(self.closing_s)
        indices = self.closing_indices
        return Busy(ages_s=self.closing_s[said], indices=None if indices is None else indices[said])


Over = Callable[[Array], Array]  # P(agent free after each moment) by when (rows) the talk or wrap-up ends


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
class ToldEnding:
    """What agents say of the end of their talks (or wrap-ups), and what their silence says.

    `still_closing` goes by the seconds since the word. `unsaid` goes by the talk's length so far: the chance
    that its word, if it is one that comes with a word, should have come by now, and that the agent is free
    after each moment ahead (columns but the last), or at whatever time (the last).
    """

    still_closing: AgeTable
    unsaid: AgeTable

    def rows(self, still: AgeTable, busy: Busy) -> Array:
        """P(not free after each moment | what was said and what was not); `still` is without either.

        By Bayes: of an agent's talks that end in y seconds, a share q x P(word more than y before the end)
        would have come with the word by now, q being the share of the agent's talks that come with it.
        """
        rows = still.rows(busy.ages_s, busy.indices)
        if busy.shares is not None:
            said = self.unsaid.rows(busy.ages_s, busy.indices) * busy.shares[:, None]
            left = np.maximum(LEAST_LEFT, 1.0 - said[:, -1:])
            rows = np.clip(1.0 - (1.0 - rows - said[:, :-1]) / left, 0.0, 1.0)
        if busy.closing_s is not None:
            closing = busy.closing
            rows[~np.isnan(busy.closing_s)] = self.still_closing.rows(closing.ages_s, closing.indices)
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The coming half minute as seen from every elapsed time.

    `moments_s` are equally likely answer times of a call placed now and `placed` the chance that it is
    answered by each of them. The `still_…` tables hold the chance that an agent is not free within the
    customer's patience after each moment: by pace, and of paused ones by reason.
    """

    moments_s: Array
    placed: Array
    ringing: AgeTable
    shapes: RingShapes
    rate: float  # of answers, that `ringing` and `placed` are tabled with
    still_talking: AgeTable
    still_wrapping: AgeTable
    still_paused: Mapping[str, AgeTable]  # by reasons of which enough is known
    told_talking: ToldEnding | None = None  # None: too little is known of what agents say
    told_wrapping: ToldEnding | None = None


def draw_forecast(
    estimators: Estimators,
    *,
    rate: float,
    patience_s: float,
    talking: Busy,
    wrapping: Busy,
    paused: Sequence[tuple[str, float]] = (),
) -> Forecast:
    """Table the distributions; agents who talk, wrap up or are paused at this moment count as evidence too.

    `paused` are reasons and elapsed seconds.
    """
    answered, failed = estimators.ring.shapes()
    seconds = np.arange(RING_BINS + 1, dtype=np.float64)
    shares = (np.arange(MOMENTS) + 0.5) / MOMENTS
    moments = np.interp(shares, answered, seconds)
    ages = np.arange(0.0, RING_BINS, RING_STEP_S)
    done = np.interp(ages, seconds, answered)
    gone = np.interp(ages, seconds, failed)
    ahead = np.interp(ages[:, None] + moments, seconds, answered) - done[:, None]
    shapes = RingShapes(ahead=ahead, answered=done, failed=gone, placed=shares)
    by = moments + patience_s
    talks = estimators.talk.at_own_pace(talking.ages_s, talking.indices)
    wraps = estimators.wrap.at_own_pace(wrapping.ages_s, wrapping.indices)

    def after_talk(ends_s: Array) -> Array:
        return wrapped_up(estimators.wrap, by, ends_s, wraps=wraps)

    def at_once(ends_s: Array) -> Array:
        return (by >= ends_s[:, None]).astype(np.float64)

    return Forecast(
        moments_s=moments,
        placed=rate * shares,
        ringing=AgeTable.of(shapes.chances(ages, np.full(len(ages), rate)), RING_STEP_S),
        shapes=shapes,
        rate=rate,
        still_talking=table_ending(estimators.talk, by, running=talks, over=after_talk),
        still_wrapping=table_lasting(
            estimators.wrap.distribution, by, running=wraps, stretches=estimators.wrap.agent_effects.stretches
        ),
        still_paused={
            reason: table_lasting(
                distribution, by, running=np.array([age for why, age in paused if why == reason])
            )
            for reason, distribution in estimators.pauses.known()
        },
        told_talking=table_told(
            estimators.talk,
            estimators.talk_closings,
            by,
            running=talks,
            closing=talking.closing,
            over=after_talk,
        ),
        told_wrapping=table_told(
            estimators.wrap,
            estimators.wrap_closings,
            by,
            running=wraps,
            closing=wrapping.closing,
            over=at_once,
        ),
    )


def table_lasting(
    distribution: DurationDistribution, by: Array, *, running: Array, stretches: tuple[float, ...] = (1.0,)
) -> AgeTable:
    """P(not over after `by` | it has lasted so long), of something that is followed by nothing."""
    step = max(0.5, 5.0 * distribution.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    pacers = np.array(stretches)
    grid = (
        ages[:, None] + np.concatenate((np.zeros((len(pacers), 1)), by / pacers[:, None]), axis=1)[:, None, :]
    )
    hazard = distribution.cumulative_hazard(grid.ravel(), running=running).reshape(grid.shape)
    chances = np.exp(hazard[..., :1] - hazard[..., 1:]).reshape(-1, len(by))
    return AgeTable.of(chances, step, pacers if len(pacers) > 1 else None)


def table_ending(lasting: Handling, by: Array, *, running: Array, over: Over) -> AgeTable:
    """P(agent not free after `by` | it has lasted so long), of something with something after it."""
    ahead = np.arange(math.ceil(float(by[-1])) + 1, dtype=np.float64)
    step, ends = ends_ahead(lasting, ahead, running=running)
    chances = np.clip(1.0 - ends @ over(ahead[:-1] + 0.5), 0.0, 1.0)
    pacers = np.array(lasting.agent_effects.stretches)
    return AgeTable.of(chances, step, pacers if len(pacers) > 1 else None)


def ends_ahead(lasting: Handling, ahead: Array, *, running: Array) -> tuple[float, Array]:
    """The step of elapsed times, and by them (rows) the chance of an end between two moments `ahead`."""
    step = max(1.0, 6.0 * lasting.distribution.mean_s / AGE_STEPS)
    ages = np.arange(AGE_STEPS) * step
    pacers = np.array(lasting.agent_effects.stretches)
    grid = ages[:, None] + (ahead / pacers[:, None])[:, None, :]
    hazard = lasting.distribution.cumulative_hazard(grid.ravel(), running=running).reshape(grid.shape)
    ends = -np.diff(np.exp(hazard[..., :1] - hazard), axis=-1)
    return step, ends.reshape(-1, len(ahead) - 1)


def wrapped_up(wrap: Handling, by: Array, ends_s: Array, *, wraps: Array) -> Array:
    """The chance that the wrap-up of a talk that ends then (rows) is over after `by` (columns).

    It is taken at the campaign's pace: it is the shorter part by far.
    """
    room = by - ends_s[:, None]
    hazard = wrap.distribution.cumulative_hazard(np.maximum(0.0, room).ravel(), running=wraps)
    return np.asarray(1.0 - np.exp(-hazard.reshape(room.shape)))


def table_told(
    lasting: Handling, closings: ClosingSignals, by: Array, *, running: Array, closing: Busy, over: Over
) -> ToldEnding | None:
    """What is said of the end by those who said so, and by the silence of the others; None: not known yet."""
    if not closings.known:
        return None
    said = closings.ahead
    closing_s = said.at_own_pace(closing.ages_s, closing.indices)
    near = np.arange(math.ceil(float(by[-1])) + 1, dtype=np.float64)
    ahead = np.concatenate((near, near[-1] + np.cumsum(FAR_S)))
    middles = (ahead[:-1] + ahead[1:]) / 2.0
    step, ends = ends_ahead(lasting, ahead, running=running)
    early = ends * np.exp(-said.distribution.cumulative_hazard(middles, running=closing_s))
    pacers = np.array(lasting.agent_effects.stretches)
    return ToldEnding(
        still_closing=table_ending(said, by, running=closing_s, over=over),
        unsaid=AgeTable.of(
            np.concatenate((early @ over(middles), early.sum(axis=1, keepdims=True)), axis=1),
            step,
            pacers if len(pacers) > 1 else None,
        ),
    )
