"""Fixed ratio dialling: so many lines per agent, whatever happens.

Two ways of counting are in use. `per_free` keeps ratio x free agents ringing. `per_agent` keeps
ratio x (free + talking agents) lines in all, conversations among them, so that agents in a talk support
extra lines too (VICIdial's RATIO, AST_VDauto_dial.pl).

Lines are whole. Rounded to the nearest, a ratio of 1.4 for one free agent is a ratio of 1: a small team's
ratios are a stair with few steps, and the best one between two steps cannot be set. Rounded by chance,
2.3 lines are three in 30 % of the cases and two else, so that every ratio is another dialer. The chance is
drawn once for each number of agents counted: drawn at every look, the highest draw of a ring's length would
be the one that counts.
"""

import math
from random import Random

from dialer.lab.dialing_policy import Deaf, VisibleFloor

TO_NEAREST = 0.5  # added before rounding down


class FixedRatio(Deaf):
    """`ratio` lines per agent, looked at every `tick_s`; 0 means whenever something happens."""

    def __init__(
        self,
        ratio: float,
        *,
        per_free: bool,
        by_chance: bool = False,
        tick_s: float = 1.0,
        name: str = "fixed_ratio",
    ) -> None:
        self.name = name
        self.tick_s = tick_s
        self._ratio = ratio
        self._per_free = per_free
        self._chance = Random(0) if by_chance else None  # noqa: S311 - a run repeats from its seed
        self._counted = -1
        self._up = TO_NEAREST

    def dial(self, floor: VisibleFloor) -> int:
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        if self._per_free:
            return max(0, self._goal(len(floor.idle)) - lines)
        talking = len(floor.talking)
        return max(0, self._goal(len(floor.idle) + talking) - lines - talking)

    def _goal(self, agents: int) -> int:
        """Whole lines for so many agents."""
        if self._chance is None:
            return round(self._ratio * agents)
        if agents != self._counted:
            self._counted, self._up = agents, self._chance.random()
        return math.floor(self._ratio * agents + self._up)
