"""Fixed ratio dialling: so many lines per agent, whatever happens.

Two ways of counting are in use. `per_free` keeps ratio x free agents ringing. `per_agent` keeps
ratio x (free + talking agents) lines in all, conversations among them, so that agents in a talk support
extra lines too (VICIdial's RATIO, AST_VDauto_dial.pl).

Lines are whole. Rounded to the nearest, a ratio of 1.4 for one free agent is a ratio of 1: a small team's
ratios are a stair with few steps, and the best one between two steps cannot be set. Rounded by chance,
2.3 lines are three in 30 % of the cases and two else, so that every ratio is another dialer. The chance is
drawn once for each number of agents counted: drawn at every look, the highest draw of a ring's length would
be the one that counts. Two ratios in turns of ten minutes reach everything between two steps.
"""

import math
from random import Random

from dialer.lab.dialing_policy import Deaf, VisibleFloor

TURN_S = 600.0  # longer than a call and its wrap-up, so that a turn is a dialer of its own; many a shift
TO_NEAREST = 0.5  # added before rounding down


class FixedRatio(Deaf):
    """`ratio` lines per agent, looked at every `tick_s`; 0 means whenever something happens.

    In `share` of the turns `other` lines per agent instead.
    """

    def __init__(
        self,
        ratio: float,
        *,
        per_free: bool,
        by_chance: bool = False,
        other: float = 1.0,
        share: float = 0.0,
        tick_s: float = 1.0,
        name: str = "fixed_ratio",
    ) -> None:
        self.name = name
        self.tick_s = tick_s
        self._ratio = ratio
        self._other, self._share = other, share
        self._per_free = per_free
        self._chance = Random(0) if by_chance else None  # noqa: S311 - a run repeats from its seed
        self._counted = -1
        self._up = TO_NEAREST

    def dial(self, floor: VisibleFloor) -> int:
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        if self._per_free:
            return max(0, self._goal(len(floor.idle), floor.now) - lines)
        talking = len(floor.talking)
        return max(0, self._goal(len(floor.idle) + talking, floor.now) - lines - talking)

    def _goal(self, agents: int, now: float) -> int:
        """Whole lines for so many agents."""
        turn = int(now / TURN_S)
        others = math.floor((turn + 1) * self._share) > math.floor(turn * self._share)
        lines = (self._other if others else self._ratio) * agents
        if self._chance is None:
            return round(lines)
        if agents != self._counted:
            self._counted, self._up = agents, self._chance.random()
        return math.floor(lines + self._up)
