"""The price of a call: how much expected abandonment one more call may add.

Two loops. The inner one, `_level`, steers by what the look-ahead itself expects of the calls it lets
through: little noise, so it finds the level for any team within some dozens of answers. The outer
one, `credit`, counts what really happened: up by target x gain with every answer, down by gain with
every abandonment. Between two times at which the credit is not clipped above,

    abandoned <= target x answered + (credit at start - credit at end) / gain

whatever customers, talks and staffing do (the telescoping argument of adaptive conformal inference);
at the floor of the credit the pacer rings one call per free agent, which abandons nothing.
"""

import math

GAIN = 0.15  # credit for one abandonment
CREDIT_FLOOR = -3.0  # here only free agents are dialled for
CREDIT_CEILING = 1.2  # more good luck than this is not carried over
STEEPNESS = 2.0  # the price moves by exp(steepness x credit)
LEVEL_GAIN = 0.025  # step of the inner loop for one expected answer
LEVEL_START = 1.5  # price over target before anything is known; 1.2 (100 agents) to 2 (3 agents) is found
LEVEL_RANGE = (0.5, 40.0)
SHARE_CAP = 25.0  # no single call moves the inner loop by more than this many steps


class Budget:
    """Turns answers and abandonments into the price that the next call may cost."""

    __slots__ = ("_level", "credit", "target")

    def __init__(self, target: float) -> None:
        self.target = target
        self.credit = 0.0
        self._level = math.log(LEVEL_START)

    @property
    def price(self) -> float:
        """The expected abandonment one more answered call may add, 0..0.9; 0 means none."""
        if self.target <= 0.0 or self.credit <= CREDIT_FLOOR:
            return 0.0
        return min(0.9, self.target * math.exp(self._level + STEEPNESS * self.credit))

    def let_through(self, risk: float, answer_probability: float) -> None:
        """A call was placed whose answer adds `risk` expected abandonments."""
        if self.target <= 0.0:
            return
        aim = self.target * math.exp(STEEPNESS * self.credit)
        step = LEVEL_GAIN * answer_probability * (1.0 - min(SHARE_CAP, risk / aim))
        low, high = LEVEL_RANGE
        self._level = min(math.log(high), max(math.log(low), self._level + step))

    def answered(self) -> None:
        """A person picked up."""
        self.credit = min(CREDIT_CEILING, self.credit + GAIN * self.target)

    def abandoned(self) -> None:
        """A person found no agent."""
        self.credit = max(CREDIT_FLOOR, self.credit - GAIN)
