"""How many calls the trunks may carry at this moment, as far as one leader can see.

A limit holds for the calls of one engine's lead. The dialplan counts a trunk's channels once more where
every call of its Asterisk goes through; a trunk that two Asterisks share has to be split between them in
their settings, and what else uses it is the carrier's to limit.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True, kw_only=True)
class TrunkCapacity:
    """One trunk's two limits: calls at once, and new calls in any second (or longer, below one a second).

    `began` is when this leader did: whoever led before may have used up the second before it.
    """

    channels: int
    calls_per_second: float
    began: datetime
    placed: deque[datetime] = field(default_factory=deque)

    def free(self, in_use: int, now: datetime) -> int:
        """Calls that may be placed at `now` with `in_use` already on the trunk."""
        span = timedelta(seconds=max(1.0, 1.0 / self.calls_per_second))
        while self.placed and self.placed[0] <= now - span:
            self.placed.popleft()
        if now < self.began + span:
            return 0
        burst = max(1, int(self.calls_per_second * span.total_seconds()))
        return max(0, min(self.channels - in_use, burst - len(self.placed)))

    def place(self, now: datetime) -> None:
        """Account for one call placed at `now`."""
        self.placed.append(now)
