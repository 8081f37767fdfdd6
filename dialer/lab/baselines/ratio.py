"""Fixed ratio dialling: so many lines per agent, whatever happens.

Two ways of counting are in use. `per_free` keeps ratio x free agents ringing. `per_agent` keeps
ratio x (free + talking agents) lines in all, conversations among them, so that agents in a talk support
extra lines too (VICIdial's RATIO, AST_VDauto_dial.pl).
"""

from dialer.lab.dialing_policy import Deaf, VisibleFloor


class FixedRatio(Deaf):
    """`ratio` lines per agent, looked at every `tick_s`."""

    def __init__(
        self, ratio: float, *, per_free: bool, tick_s: float = 1.0, name: str = "fixed_ratio"
    ) -> None:
        self.name = name
        self.tick_s = tick_s
        self._ratio = ratio
        self._per_free = per_free

    def dial(self, floor: VisibleFloor) -> int:
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        if self._per_free:
            return max(0, round(self._ratio * len(floor.idle)) - lines)
        talking = len(floor.talking)
        return max(0, round(self._ratio * (len(floor.idle) + talking)) - lines - talking)
