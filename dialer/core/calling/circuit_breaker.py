"""Stops dialling for a while when calls fail on our own side one after the other.

A trunk that is down, or an engine that the dialplan cannot reach, would otherwise go through the whole list
at the speed of the lines and ring nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.retries import BLAMES, Blame
from telephony.calls.events import Outcome

IN_A_ROW: Final = 5  # failures of ours that are no longer chance: a healthy trunk has a few in a hundred
FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(minutes=1)  # a repair is found this soon


@dataclass(slots=True)
class CircuitBreaker:
    """Counts failures of ours in a row; any call that reached the network lets go."""

    in_a_row: int = 0
    until: datetime | None = None

    def see(self, outcome: Outcome, at: datetime) -> None:
        """One call ended."""
        if BLAMES.get(outcome) is not Blame.OURS:
            self.in_a_row, self.until = 0, None
            return
        self.in_a_row += 1
        over = self.in_a_row - IN_A_ROW
        if over >= 0:
            self.until = at + min(FIRST * 2 ** min(over, 10), LONGEST)

    def holds(self, now: datetime) -> bool:
        """Whether no call is to be placed at `now`; afterwards one try at a time finds out."""
        return self.until is not None and now < self.until

    def room(self, now: datetime, in_air: int) -> int | None:
        """How many calls may be placed at `now`; None where the circuit breaker does not say."""
        if self.until is None:
            return None
        return 0 if self.holds(now) or in_air else 1
