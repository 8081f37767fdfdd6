"""The distributions a campaign's calls follow, learned while it runs: ring times, talk and wrap-up times.

An estimator starts from a prior worth a few calls and forgets slowly; a sudden change (answer rate doubles,
talks become longer) is noticed by comparing the last few dozen observations with the long memory,
which is then dropped. Sources: competing risks by ring age; conditional residual times given the
elapsed time (Whitt 1999, OR Letters 24:205-212); piecewise hazards with a gamma prior around a
lognormal distribution.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from dialer.core.pacing.answer_rate import PRIOR_CALLS, SURPRISE, AnswerRate

Array = NDArray[np.float64]

RING_BINS = 90  # seconds of ring age told apart; nobody may ring longer
RING_MEMORY = 3000.0  # calls remembered for the shape of ring times
TALK_MEMORY = 1500.0  # conversations remembered
RECENT_TALKS = 30.0
PRIOR_TALKS = 12.0
FIRST_ANSWER_S = 2.0  # prior: nobody picks up before; then time x exp(-time / ANSWER_SCALE_S)
ANSWER_SCALE_S = 4.5
EARLY_FAILURES = 0.25  # prior: share of unanswered calls that fail at once (busy, rejected, bad number)
EARLY_FAILURE_S = (1.0, 12.0)
PSEUDO_ENDS = 6.0  # ends a bin must have seen before it outweighs the smooth distribution


class Rate(Protocol):
    """How often calls are answered, as far as pacing has to know."""

    @property
    def seen(self) -> int:
        """Calls that ended."""

    @property
    def answers(self) -> int:
        """Those that a person answered."""

    @property
    def value(self) -> float:
        """The share of calls that a person answers."""

    @property
    def ratio(self) -> float:
        """Answers seen per answer the leads' own probabilities promised."""

    @property
    def silent_calls(self) -> int:
        """Calls since people stopped picking up; 0 while they do."""

    def cautious(self, deviations: float) -> float:
        """The rate plus so many standard deviations of its own uncertainty."""


class RingDistribution(Protocol):
    """How often and when calls are answered, as far as pacing has to know."""

    @property
    def rate(self) -> Rate:
        """How often."""

    def learn(self, ring_s: float, *, answered: bool, expected: float | None = None) -> None:
        """One call was answered or failed `ring_s` after it was placed."""

    def shapes(self) -> tuple[Array, Array]:
        """Cumulative shares of answers and of failures at whole seconds 0..RING_BINS, each ending at 1."""


class DurationDistribution(Protocol):
    """How long something lasts, as far as pacing has to know."""

    @property
    def seen(self) -> int:
        """Ends learned from."""

    @property
    def mean_s(self) -> float:
        """Its mean, in seconds."""

    @property
    def centre(self) -> float:
        """The mean of its logarithm."""

    def learn(self, length_s: float) -> None:
        """One of them ended after `length_s`."""

    def cumulative_hazard(self, ages: Array, *, running: Array) -> Array:
        """Cumulative hazard at `ages` (s); `running` are the ages of those that have not ended yet."""


class RingEstimator:
    """When calls are answered and when they fail, by seconds since they were placed."""

    __slots__ = ("_answers", "_failures", "rate")

    def __init__(self, *, answer_probability: float, ring_s: float) -> None:
        self.rate = AnswerRate(answer_probability)
        seconds = np.arange(RING_BINS) + 0.5
        limit = min(RING_BINS - 1, int(ring_s))
        after = np.maximum(0.0, seconds - FIRST_ANSWER_S)
        shape = after * np.exp(-after / ANSWER_SCALE_S)
        shape[limit + 1 :] = 0.0
        self._answers = PRIOR_CALLS * shape / shape.sum()
        early = np.where((seconds > EARLY_FAILURE_S[0]) & (seconds < EARLY_FAILURE_S[1]), 1.0, 0.0)
        self._failures = PRIOR_CALLS * EARLY_FAILURES * early / early.sum()
        self._failures[limit] += PRIOR_CALLS * (1.0 - EARLY_FAILURES)

    def learn(self, ring_s: float, *, answered: bool, expected: float | None = None) -> None:
        """One call was answered or failed `ring_s` after it was placed."""
        self.rate.learn(answered=answered, expected=expected)
        if self.rate.silent_calls:
            return  # when calls fail that nobody can answer says nothing of those that somebody can
        second = min(RING_BINS - 1, max(0, int(ring_s)))
        counts = self._answers if answered else self._failures
        counts *= 1.0 - 1.0 / RING_MEMORY
        counts[second] += 1.0

    def shapes(self) -> tuple[Array, Array]:
        """Cumulative shares of answers and of failures at whole seconds 0..RING_BINS, each ending at 1."""
        # neighbours lend each other weight; the last ring second is a real edge and stays sharp
        answers = self._answers
        smooth = 0.5 * answers
        smooth[1:] += 0.25 * answers[:-1]
        smooth[:-1] += 0.25 * answers[1:]
        answered = np.concatenate(([0.0], np.cumsum(smooth)))
        failed = np.concatenate(([0.0], np.cumsum(self._failures)))
        return answered / answered[-1], failed / failed[-1]


class HandlingEstimator:
    """How long something lasts (a talk, a wrap-up) given how long it has lasted already."""

    __slots__ = (
        "_edges",
        "_ends",
        "_exposure",
        "_log_n",
        "_logs",
        "_recent",
        "_recent_n",
        "_squares",
        "seen",
    )

    def __init__(self, *, mean_s: float, variation: float = 0.9) -> None:
        # bins: each a twelfth wider than the one before, from 1/40 of the prior mean up
        self._edges = np.concatenate(([0.0], mean_s / 40.0 * np.cumsum(1.12 ** np.arange(56))))
        self._ends = np.zeros(len(self._edges) - 1)
        self._exposure = np.zeros(len(self._edges) - 1)
        variance = math.log1p(variation**2)
        centre = math.log(mean_s) - variance / 2.0
        self._log_n = PRIOR_TALKS
        self._logs = PRIOR_TALKS * centre
        self._squares = PRIOR_TALKS * (variance + centre**2)
        self._recent = centre
        self._recent_n = 0.0
        self.seen = 0

    @property
    def mean_s(self) -> float:
        """The mean of the smooth distribution, in seconds."""
        centre, variance = self._moments()
        return math.exp(centre + variance / 2.0)

    @property
    def centre(self) -> float:
        """The mean logarithm of lengths in seconds, of the smooth distribution."""
        return self._logs / self._log_n

    def _moments(self) -> tuple[float, float]:
        centre = self._logs / self._log_n
        return centre, max(0.01, self._squares / self._log_n - centre**2)

    def learn(self, length_s: float) -> None:
        """One of them ended after `length_s`."""
        self.seen += 1
        length = max(0.1, length_s)
        keep = 1.0 - 1.0 / TALK_MEMORY
        log = math.log(length)
        self._log_n = self._log_n * keep + 1.0
        self._logs = self._logs * keep + log
        self._squares = self._squares * keep + log * log
        widths = np.diff(self._edges)
        self._ends *= keep
        self._exposure *= keep
        last = int(np.searchsorted(self._edges, length, side="right")) - 1
        if last < len(widths):
            self._ends[last] += 1.0
            self._exposure[:last] += widths[:last]
            self._exposure[last] += length - self._edges[last]
        else:
            self._exposure += widths
        step = max(1.0 / RECENT_TALKS, 1.0 / (self._recent_n + 1.0))
        self._recent += step * (log - self._recent)
        self._recent_n = min(RECENT_TALKS, self._recent_n + 1.0)
        self._compare()

    def _compare(self) -> None:
        if self._log_n < 3.0 * RECENT_TALKS:
            return
        centre, variance = self._moments()
        if abs(self._recent - centre) > SURPRISE * math.sqrt(variance * 0.5 / RECENT_TALKS):
            # times are stretched or shortened: keep the shape, move it, and keep little weight
            shift = self._recent - centre
            weight = RECENT_TALKS / self._log_n
            self._logs = RECENT_TALKS * self._recent
            self._squares = RECENT_TALKS * (variance + self._recent**2)
            self._log_n = RECENT_TALKS
            self._edges *= math.exp(shift)
            self._ends *= weight
            self._exposure *= weight * math.exp(shift)

    def cumulative_hazard(self, ages: Array, *, running: Array) -> Array:
        """Cumulative hazard at `ages` (s); `running` are the ages of those that have not ended yet."""
        edges, widths = self._edges, np.diff(self._edges)
        centre, variance = self._moments()
        spread = math.sqrt(variance)
        with np.errstate(divide="ignore"):
            scores = (np.log(edges) - centre) / spread
        smooth = np.maximum(1e-6, np.diff(-log_ndtr(-scores)) / widths)
        exposure = self._exposure
        if running.size:
            exposure = exposure + np.clip(running[:, None] - edges[None, :-1], 0.0, widths).sum(axis=0)
        hazard = (PSEUDO_ENDS + self._ends) / (PSEUDO_ENDS / smooth + exposure)
        total = np.concatenate(([0.0], np.cumsum(hazard * widths)))
        beyond = np.maximum(0.0, ages - edges[-1]) * hazard[-1]
        return np.asarray(np.interp(ages, edges, total) + beyond)
