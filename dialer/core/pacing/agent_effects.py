"""Each agent's own pace: by how much one agent's talks and wrap-ups are longer than the campaign's.

An agent's lengths are the campaign's distribution stretched by a factor of the agent's own. The factor is a
hierarchical estimate: the mean of the agent's own log lengths, drawn towards the campaign's the more
the fewer there are and the more alike the agents have been found to be. How much agents differ is the
between-groups variance by the method of moments (DerSimonian and Laird 1986, Controlled Clinical
Trials 7:177-188), less one standard deviation of what chance alone makes of agents who are alike: where
there is no difference, everybody's factor is 1 and nothing is lost.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialer.core.pacing.estimators import Array, DurationDistribution, HandlingEstimator

OWN_MEMORY = 150.0  # ends of one agent remembered: about two days
LEAST_ENDS = 20.0  # ends beyond one an agent, below which agents are taken as alike
COMPARABLE = 2  # agents that can differ
LEVEL_STEP = 0.25  # log factors this far apart are told apart; each level in use costs a table
MOST_STEPS = 4  # a factor of 2.7 either way is the most that is believed

Indices = NDArray[np.intp]


class AgentEffects:
    """Stretch factors by agent; `settle()` works them out afresh, until then they stay as they are."""

    __slots__ = ("_ends", "_indices", "_own", "stretches")

    def __init__(self) -> None:
        self._ends: dict[str, list[float]] = {}  # agent: weight, sum and sum of squares of log ratios
        self._own: dict[str, float] = {}
        self._indices: dict[str, int] = {}
        self.stretches: tuple[float, ...] = (1.0,)

    def learn(self, agent: str, log_ratio: float) -> None:
        """One end of this agent's; `log_ratio` is its log length less the campaign's mean log length."""
        if not agent:
            return
        ends = self._ends.setdefault(agent, [0.0, 0.0, 0.0])
        keep = 1.0 - 1.0 / OWN_MEMORY
        ends[0] = ends[0] * keep + 1.0
        ends[1] = ends[1] * keep + log_ratio
        ends[2] = ends[2] * keep + log_ratio * log_ratio

    @property
    def apart(self) -> bool:
        """Whether agents are told apart; where not, nobody has to say who is who."""
        return len(self.stretches) > 1

    def stretch(self, agent: str) -> float:
        """The agent's factor; 1 for one of whom nothing is known."""
        return self._own.get(agent, 1.0)

    def indices(self, agents: Sequence[str]) -> Indices | None:
        """Each agent's place in `stretches`; None where all are alike."""
        if not self.apart or not agents:
            return None
        known = self._indices
        return np.fromiter((known.get(agent, 0) for agent in agents), np.intp, len(agents))

    def settle(self) -> None:
        """Work out everybody's factor from what was learned."""
        logs = self._log_factors()
        self._own = {agent: math.exp(log) for agent, log in logs.items()}
        steps = {
            agent: min(MOST_STEPS, max(-MOST_STEPS, round(log / LEVEL_STEP))) for agent, log in logs.items()
        }
        used = [0, *sorted(set(steps.values()) - {0})]
        self.stretches = tuple(math.exp(LEVEL_STEP * step) for step in used)
        self._indices = {agent: used.index(step) for agent, step in steps.items()}

    def _log_factors(self) -> dict[str, float]:
        if len(self._ends) < COMPARABLE:
            return {}
        weight, total, squares = np.array(list(self._ends.values())).T
        ends, groups = float(weight.sum()), len(weight)
        if ends - groups < LEAST_ENDS:
            return {}
        means = total / weight
        within = max(0.01, float((squares - weight * means**2).sum()) / (ends - groups))
        mean = float(total.sum()) / ends
        spread = float((weight * (means - mean) ** 2).sum())
        by_chance = within * (groups - 1.0 + math.sqrt(2.0 * (groups - 1.0)))
        between = (spread - by_chance) / (ends - float((weight**2).sum()) / ends)
        if between <= 0.0:
            return {}
        factors = (means - mean) * weight * between / (weight * between + within)
        return dict(zip(self._ends, factors.tolist(), strict=True))


class Handling:
    """How long talks (or wrap-ups) of a campaign last, and by which factor each agent's are longer."""

    __slots__ = ("agent_effects", "distribution")

    def __init__(self, distribution: DurationDistribution, agent_effects: AgentEffects) -> None:
        self.distribution = distribution
        self.agent_effects = agent_effects

    @classmethod
    def start(cls, mean_s: float) -> "Handling":
        """Nothing seen yet: a mean is believed, and that agents are alike."""
        return cls(HandlingEstimator(mean_s=mean_s), AgentEffects())

    def learn(self, length_s: float, agent: str) -> None:
        """One of this agent's ended after `length_s`; the distribution learns it without their factor."""
        own = length_s / self.agent_effects.stretch(agent)
        self.agent_effects.learn(agent, math.log(max(0.1, length_s)) - self.distribution.centre)
        self.distribution.learn(own)

    def at_own_pace(self, lengths_s: Array, indices: Indices | None) -> Array:
        """Lengths as they would be for an agent whose factor is 1."""
        if indices is None:
            return lengths_s
        return np.asarray(lengths_s / np.array(self.agent_effects.stretches)[indices])
