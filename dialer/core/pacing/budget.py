"""The price of a call: how much expected abandonment one more call may add.

Two loops. The inner one, `_level`, steers by what the look-ahead itself expects of the calls it lets
through, corrected by how many abandonments there were for each one expected: little noise, so it finds
the level for any team within some dozens of answers. The outer
one, `credit`, counts what really happened: up by target x gain with every answer, down by gain with
every abandonment. Between two times at which the credit is not clipped above,

    abandoned <= target x answered + (credit at start - credit at end) / gain

whatever customers, talks and staffing do (the telescoping argument of adaptive conformal inference);
at the floor of the credit the pacer rings one call per free agent, which abandons nothing.
"""

import math
from typing import Protocol

GAIN = 0.15  # credit for one abandonment
CREDIT_FLOOR = -3.0  # here only free agents are dialled for
CREDIT_CEILING = 1.2  # more good luck than this is not carried over
STEEPNESS = 1.0  # the price moves by exp(steepness x credit); the less it swings, the better agents are used
TIGHT_STEEPNESS = 2.0  # where a day is to end within 1.3 abandonments of the target instead of 1.8
LOOSE_TEAM = 10.0  # agents from which on these abandonments are few among a day's answers
LEVEL_GAIN = 0.025  # step of the inner loop for one expected answer
LEVEL_START = 1.5  # price over target before anything is known; 1.2 (100 agents) to 2 (3 agents) is found
LEVEL_RANGE = (0.5, 40.0)
SHARE_CAP = 25.0  # no single call moves the inner loop by more than this many steps
RESERVE = 33.0  # a day begins so many answers' worth of target in debt: the first hours are the least certain
LEGAL_RESERVE = 4.0  # the same where the target is the legal limit of a day: 3 deviations of the credit
RESERVE_TEAM = 10.0  # agents up to which that is enough: calls already ringing overshoot more in large teams
RESERVE_GROWTH = 0.25  # it grows by this power of the size: so much more do days of 50 agents wander
USUAL_ANSWERS = 300.0  # answers of a small team's day, over which a target below the limit builds reserve
BIAS_PRIOR = 1.25  # abandonments seen for one the look-ahead expected, before anything was seen
BIAS_WEIGHT = 4.0  # weight of that belief, in abandonments
BIAS_MEMORY = 80.0  # abandonments remembered for the comparison


def reserve_for(target: float, legal_limit: float | None, agents: int = 0) -> float:
    """Abandonments a day begins in debt with, so that fewer than one day in a hundred ends over the limit.

    The credit wanders with a standard deviation of sqrt(GAIN) / 2, some 1.3 abandonments, and more in large
    teams; without a legal limit only the uncertain start is provided for.
    """
    return max(RESERVE * target, _legal_reserve(target, legal_limit, agents))


def steepness_for(target: float, legal_limit: float | None, agents: int = 0) -> float:
    """How hard the credit pulls at the price.

    By the credit's own deviation, sqrt(GAIN / (2 x steepness)), a day's end wanders. A price that swings with
    it costs utilisation: 0.002 with 10 agents at an answer rate of 0.15, between 1 and 2. That is paid where
    chance could carry a day over a legal limit, and in teams so small that one abandonment more shows.
    """
    if _legal_reserve(target, legal_limit, agents=0) > RESERVE * target:
        return TIGHT_STEEPNESS
    return min(TIGHT_STEEPNESS, max(STEEPNESS, STEEPNESS * LOOSE_TEAM / max(1, agents)))


def _legal_reserve(target: float, legal_limit: float | None, agents: int) -> float:
    if legal_limit is None:
        return 0.0
    legal = LEGAL_RESERVE * math.pow(max(1.0, agents / RESERVE_TEAM), RESERVE_GROWTH)
    return legal - USUAL_ANSWERS * max(0.0, legal_limit - target)


class Pricing(Protocol):
    """What sets the price that the next call may cost."""

    @property
    def credit(self) -> float:
        """The account, for the dashboard."""

    @property
    def price(self) -> float:
        """The expected abandonment one more answered call may add, 0..0.9; 0 means none."""

    def let_through(self, risk: float, answer_probability: float, *, held: bool = False) -> None:
        """A call was placed whose answer adds `risk` expected abandonments; `held` by others' budgets."""

    def resume(self, *, answered: int, abandoned: int) -> None:
        """Take up a day that others have begun, from its counts."""

    def provide_for(self, agents: int) -> bool:
        """Hold the account as a team of so many needs it; whether that changed anything."""

    def begin_day(self) -> None:
        """The legal window starts again."""

    def answered(self) -> None:
        """A person picked up."""

    def abandoned(self) -> None:
        """A person found no agent."""


class Budget:
    """Turns answers and abandonments into the price that the next call may cost."""

    __slots__ = (
        "_expected",
        "_legal_limit",
        "_level",
        "_seen",
        "_start",
        "_steepness",
        "_team",
        "credit",
        "target",
    )

    def __init__(self, target: float, *, legal_limit: float | None = None) -> None:
        self.target = target
        self._legal_limit = legal_limit
        self._start = -GAIN * reserve_for(target, legal_limit)
        self._steepness = steepness_for(target, legal_limit)
        self._team = 0
        self.credit = self._start
        self._level = math.log(LEVEL_START)
        self._expected = BIAS_WEIGHT / BIAS_PRIOR
        self._seen = BIAS_WEIGHT

    @property
    def price(self) -> float:
        """The expected abandonment one more answered call may add, 0..0.9; 0 means none."""
        if self.target <= 0.0 or self.credit <= CREDIT_FLOOR:
            return 0.0
        return min(0.9, self.target * math.exp(self._level + self._steepness * self.credit))

    def let_through(self, risk: float, answer_probability: float, *, held: bool = False) -> None:
        """A call was placed whose answer adds `risk` expected abandonments.

        Where other campaigns' budgets held it under this one's price, little risk is no reason to raise that.
        """
        if self.target <= 0.0:
            return
        self._expected += risk * answer_probability
        aim = self.target * math.exp(self._steepness * self.credit) * self._expected / self._seen
        step = LEVEL_GAIN * answer_probability * (1.0 - min(SHARE_CAP, risk / aim))
        if held:
            step = min(0.0, step)
        low, high = LEVEL_RANGE
        self._level = min(math.log(high), max(math.log(low), self._level + step))

    def resume(self, *, answered: int, abandoned: int) -> None:
        """Take up a day that others have begun, from its counts."""
        credit = self._start + GAIN * (self.target * answered - abandoned)
        self.credit = min(CREDIT_CEILING, max(CREDIT_FLOOR, credit))

    def provide_for(self, agents: int) -> bool:
        """Hold the account as the largest team so far needs it; whether that changed anything."""
        if agents <= self._team:
            return False
        self._team = agents
        before = self._start, self._steepness
        self._steepness = steepness_for(self.target, self._legal_limit, agents)
        start = -GAIN * reserve_for(self.target, self._legal_limit, agents)
        self.credit = max(CREDIT_FLOOR, self.credit + start - self._start)
        self._start = start
        return before != (start, self._steepness)

    def begin_day(self) -> None:
        """The legal window starts again: debts of yesterday are kept, savings are not."""
        self.credit = min(self.credit, self._start)

    def answered(self) -> None:
        """A person picked up."""
        self.credit = min(CREDIT_CEILING, self.credit + GAIN * self.target)

    def abandoned(self) -> None:
        """A person found no agent."""
        self.credit = max(CREDIT_FLOOR, self.credit - GAIN)
        keep = 1.0 - 1.0 / BIAS_MEMORY
        self._seen = self._seen * keep + 1.0
        self._expected *= keep
