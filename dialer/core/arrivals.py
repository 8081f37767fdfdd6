"""How often live callers ring in: what outbound pacing expects of the next moments."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from telephony.calls.events import CallerJoined

WINDOW: Final = timedelta(minutes=15)  # the interval contact centres staff by; long enough to count in


class Arrivals:
    """The rate of live callers over the last quarter of an hour."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._joined: deque[datetime] = deque()
        self._known: dict[str, datetime] = {}

    def see(self, fact: CallerJoined) -> None:
        """A caller entered the queue; coming back from the callback dialogue is no second arrival."""
        if fact.caller not in self._known:
            self._known[fact.caller] = fact.at
            self._joined.append(fact.at)

    def per_second(self, now: datetime) -> float:
        """Callers a second; while less than the window has passed, over the time that has."""
        while self._joined and self._joined[0] <= now - WINDOW:
            self._joined.popleft()
        self._known = {caller: at for caller, at in self._known.items() if at > now - WINDOW}
        seen_s = min(WINDOW, now - self._began).total_seconds()
        # a first caller in the first second is no rush: a minute at least is looked at
        return len(self._joined) / max(seen_s, 60.0)
