"""How fast the queue moves: the gaps between departures, while somebody waits.

A departure is a caller who got an agent or gave up, or a promise whose customer got one. Booking a callback
is none: that person still stands in the order, at home. Nor is it one where somebody hangs up as soon as they
hear how long it takes: they stood last, and nobody is nearer for it.
"""

from collections import deque
from datetime import datetime
from typing import Final

from callbacks.wait_estimate import MOST_DEPARTURES, DepartureGap

SHORT_STAY_S: Final = 30.0  # the wait has been told by then; who gives up earlier stood last


class ServiceRate:
    """The last gaps of one queue, and since when the one under way lasts."""

    def __init__(self) -> None:
        self._gaps: deque[DepartureGap] = deque(maxlen=MOST_DEPARTURES)
        self.waiting_since: datetime | None = None

    @property
    def gaps(self) -> tuple[DepartureGap, ...]:
        """The gaps that ended, oldest first."""
        return tuple(self._gaps)

    def see(self, at: datetime, *, waiting: int, agents: int) -> None:
        """Somebody left the queue; `waiting` people are still in it, and `agents` are at work."""
        if self.waiting_since is not None:
            seconds = max(0.0, (at - self.waiting_since).total_seconds())
            self._gaps.append(DepartureGap(ended_at=at, seconds=seconds, agents=agents))
        self.waiting_since = at if waiting > 0 else None

    def nobody_waits(self) -> None:
        """The queue is empty, whatever emptied it: the gap under way says nothing of its pace."""
        self.waiting_since = None
