"""How many calls the trunks carry at this moment."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True, kw_only=True)
class Lines:
    """One trunk's two limits: calls at once, and new calls in any second."""

    channels: int
    calls_per_second: float
    placed: deque[datetime] = field(default_factory=deque)

    def free(self, in_use: int, now: datetime) -> int:
        """Calls that may be placed at `now` with `in_use` already on the trunk."""
        span = timedelta(seconds=max(1.0, 1.0 / self.calls_per_second))
        while self.placed and self.placed[0] <= now - span:
            self.placed.popleft()
        burst = max(1, int(self.calls_per_second * span.total_seconds()))
        return max(0, min(self.channels - in_use, burst - len(self.placed)))

    def place(self, now: datetime) -> None:
        """Account for one call placed at `now`."""
        self.placed.append(now)
