"""Distributions and a price that are given, not learned: what pacing would do if it knew its scenario.

With these a `PredictivePacer` is the optimum that `docs/pacing.md` compares with: the same rule, told the
scenario's own distributions, at a price that somebody searched for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.agent_effects import AgentEffects, Handling, Indices
from dialer.core.pacing.closing_signals import ClosingSignals
from dialer.core.pacing.estimators import Array, DurationDistribution
from dialer.core.pacing.forecast import Estimators
from dialer.core.pacing.pauses import Pauses
from dialer.core.pacing.predictive import WARM_ANSWERS, WARM_CALLS, PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior

Hazard = Callable[[Array], Array]  # cumulative hazard at these ages, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRate:
    """An answer rate that is certain, and certain from the first call on."""

    value: float
    ratio: float = 1.0
    seen: int = WARM_CALLS
    answers: int = WARM_ANSWERS
    silent_calls: int = 0

    def cautious(self, deviations: float) -> float:
        """The rate itself: nothing about it is uncertain."""
        del deviations
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRing:
    """When calls are answered and when they fail: shares at whole seconds 0..RING_BINS, each ending at 1."""

    rate: KnownRate
    answered: Array
    failed: Array

    def learn(self, ring_s: float, *, answered: bool, expected: float | None = None) -> None:
        """There is nothing to learn."""

    def shapes(self) -> tuple[Array, Array]:
        """The shares of answers and of failures by each second."""
        return self.answered, self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLength:
    """How long something lasts, by its cumulative hazard."""

    mean_s: float
    hazard: Hazard
    seen: int = 0
    centre: float = 0.0

    def learn(self, length_s: float) -> None:
        """There is nothing to learn."""

    def cumulative_hazard(self, ages: Array, *, running: Array) -> Array:
        """Cumulative hazard at `ages`; who has not ended yet says nothing that is not known."""
        del running
        return self.hazard(ages)


class KnownAgentEffects(AgentEffects):
    """Factors of agents that are certain, and told apart exactly."""

    def __init__(self, factors: Mapping[str, float]) -> None:
        super().__init__()
        self._known = {agent: index for index, agent in enumerate(factors, start=1)}
        self.stretches = (1.0, *factors.values()) if factors else (1.0,)

    def learn(self, agent: str, log_ratio: float) -> None:
        """There is nothing to learn."""

    def settle(self) -> None:
        """There is nothing to work out."""

    def indices(self, agents: Sequence[str]) -> Indices | None:
        """Each agent's place in `stretches`; None where all are alike."""
        if not self._known or not agents:
            return None
        return np.array([self._known.get(agent, 0) for agent in agents], np.intp)


class KnownClosings(ClosingSignals):
    """How long before the end agents say so, and which share of their talks: certain, and everybody's."""

    known = True

    def __init__(self, ahead: DurationDistribution, share: float) -> None:
        super().__init__()
        self.ahead = Handling(ahead, KnownAgentEffects({}))
        self._everybodys = share

    def learn(self, agent: str, closing_s: float | None) -> None:
        """There is nothing to learn."""

    def shares(self, agents: Sequence[str]) -> Array:
        """The same share for each."""
        return np.full(len(agents), self._everybodys)


class FixedPrice:
    """A price that stays where it is, whatever is answered or abandoned."""

    credit = 0.0

    def __init__(self, price: float) -> None:
        self.price = price

    def let_through(self, risk: float, answer_probability: float, *, held: bool = False) -> None:
        """The price stays."""

    def resume(self, *, answered: int, abandoned: int) -> None:
        """The price stays."""

    def provide_for(self, agents: int) -> bool:
        """The price stays."""
        del agents
        return False

    def begin_day(self) -> None:
        """The price stays."""

    def answered(self) -> None:
        """The price stays."""

    def abandoned(self) -> None:
        """The price stays."""


def oracle_pacer(
    settings: PacerSettings,
    *,
    price: float,
    ring: KnownRing,
    talk: KnownLength,
    wrap: KnownLength,
    talk_factors: Mapping[str, float] | None = None,
    wrap_factors: Mapping[str, float] | None = None,
    talk_closings: ClosingSignals | None = None,
    wrap_closings: ClosingSignals | None = None,
) -> PredictivePacer:
    """The look-ahead with everything known; `…_factors` stretch `talk` and `wrap` for agents by name.

    Without `…_closings` nobody says that a talk, or a wrap-up, is about to end.
    """
    estimators = Estimators(
        ring=ring,
        talk=Handling(talk, KnownAgentEffects(talk_factors or {})),
        wrap=Handling(wrap, KnownAgentEffects(wrap_factors or {})),
        pauses=Pauses(),
        talk_closings=talk_closings or ClosingSignals(),
        wrap_closings=wrap_closings or ClosingSignals(),
    )
    return PredictivePacer(settings, PacingPrior(), estimators=estimators, budget=FixedPrice(price))
