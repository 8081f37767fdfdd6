"""What agents say before a talk or a wrap-up ends: that it is about to, and how far that may be relied on.

The time from the word to the end has a distribution of its own, learned as a talk's is, and every agent an
own way of saying it early or late. How many of an agent's talks come with the word is learned by agent: where
it is most of them, one without it is less likely to end within the next seconds than its length alone would
say (`forecast.Told`).
"""

from collections.abc import Sequence

import numpy as np

from dialer.core.pacing.agent_effects import Handling
from dialer.core.pacing.estimators import Array

AHEAD_MEAN_S = 30.0  # prior: a good-bye takes longer than one thinks
KNOWN_CLOSINGS = 20  # talks that ended after the word; the mean is known to a fifth, the prior weighs less
SHARE_MEMORY = 50.0  # talks of one agent remembered: some hours, so that a new habit is seen within a morning
SILENT_TALKS = 1.0  # prior: talks without the word that everybody is taken to have had


class ClosingSignals:
    """How long from the word to the end of talks or wrap-ups, and each agent's share that came with it."""

    __slots__ = ("_talks", "ahead")

    def __init__(self) -> None:
        self.ahead = Handling.start(AHEAD_MEAN_S)
        self._talks: dict[str, tuple[float, float]] = {}  # agent: talks, and those of them with the word

    @property
    def known(self) -> bool:
        """Whether enough is known to go by the word; until then a talk is a talk."""
        return self.ahead.distribution.seen >= KNOWN_CLOSINGS

    def learn(self, agent: str, closing_s: float | None) -> None:
        """One of this agent's talks ended, so many seconds after the word; None: without it."""
        keep = 1.0 - 1.0 / SHARE_MEMORY
        talks, said = self._talks.get(agent, (0.0, 0.0))
        self._talks[agent] = (talks * keep + 1.0, said * keep + (closing_s is not None))
        if closing_s is not None:
            self.ahead.learn(closing_s, agent)

    def shares(self, agents: Sequence[str]) -> Array:
        """The share of each one's talks that come with the word; 0 for an agent who never said it."""
        return np.fromiter((self._share(agent) for agent in agents), np.float64, len(agents))

    def _share(self, agent: str) -> float:
        talks, said = self._talks.get(agent, (0.0, 0.0))
        return said / (talks + SILENT_TALKS)
