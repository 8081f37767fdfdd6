"""Which calls to make with the hours there are.

The list is a knapsack: expected gain against agent minutes. Calls are small beside a day's hours, so taking
the best gain per minute is optimal but for less than one call, and the bound says so.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import hypot
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What agents can do: agents x hours x the share of an hour spent on calls."""

    agents: float
    hours: float
    occupancy: float = 0.75  # share of paid time on calls and wrap-up; above .85 people burn out

    @property
    def minutes(self) -> float:
        """Agent minutes on calls."""
        return self.agents * self.hours * 60 * self.occupancy


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAllocation:
    """The list that fits the hours, best first."""

    rows: tuple[int, ...]
    minutes: float
    gain: float
    gain_low: float  # one-sided 95 % bound, from the errors of the single gains
    bound: float  # no list of these customers can gain more
    price_of_a_minute: float  # gain of one more agent minute; 0 if all who are worth a call fit


TRY_MINUTES: Final = 0.5
"""Agent minutes of a call that nobody answers: the ring of some 27 s, in which the agent is kept for it."""


def minutes_a_customer(
    answer: float, *, talk_minutes: float, attempts: int, try_minutes: float = TRY_MINUTES
) -> float:
    """Expected agent minutes until a customer is reached, or has been tried in vain so many times.

    Args:
        answer: chance that a person answers one attempt; attempts are taken as independent.
        talk_minutes: talk and wrap-up of a call that is answered.
        attempts: the most of them for one customer.
        try_minutes: of an attempt that nobody answers.
    """
    reached = 1 - (1 - answer) ** attempts
    tries = reached / answer if answer > 0 else attempts
    return reached * talk_minutes + (tries - reached) * try_minutes


def allocate_calls(
    gain: Sequence[float],
    minutes: Sequence[float],
    capacity_minutes: float,
    *,
    allowed: Sequence[bool] | None = None,
    error: Sequence[float] | None = None,
) -> CallAllocation:
    """Choose whom to call.

    Args:
        gain: expected money a call to each brings, all costs taken off; not above 0 is not called.
        minutes: expected agent minutes of each call, above 0.
        capacity_minutes: agent minutes there are.
        allowed: False for customers who must not be called (consent, caps); left out first.
        error: standard error of each gain, if it is known.
    """
    worth = [row for row, money in enumerate(gain) if money > 0 and (allowed is None or allowed[row])]
    order = sorted(worth, key=lambda row: -gain[row] / minutes[row])
    used = list(accumulate(minutes[row] for row in order))
    count = bisect_right(used, capacity_minutes)
    chosen = order[:count]
    spent = used[count - 1] if count else 0.0
    total = float(sum(gain[row] for row in chosen))
    next_rate = 0.0
    bound = total
    if count < len(order):
        first_left_out = order[count]
        next_rate = gain[first_left_out] / minutes[first_left_out]
        bound += next_rate * (capacity_minutes - spent)
    spread = hypot(*(error[row] for row in chosen)) if error is not None else 0.0
    return CallAllocation(
        rows=tuple(chosen),
        minutes=float(spent),
        gain=total,
        gain_low=total - Z_LOW * spread,
        bound=float(bound),
        price_of_a_minute=float(next_rate),
    )


Z_LOW: Final = 1.645
"""Normal quantile of a one-sided 95 % bound."""
