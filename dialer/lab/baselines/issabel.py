"""Issabel's call centre module: free agents plus those an exponential distribution says are nearly free.

Formulas: Predictor.class.php and CampaignProcess.class.php. A busy agent counts as nearly free when
1 - exp(-(talked + c) / m) reaches 0.97, with m the mean talk and c the mean of the last 20 ring times.
Overcommit divides what is wanted by the answer share of the last half hour, at least 0.2. The tick is
the module's constant of 3 s. There is no abandonment input.
"""

import math
from collections import deque

from dialer.lab.dialing_policy import Deaf, VisibleFloor

SERVICE = 0.97
LEAST_CALLS = 10
WINDOW_S = 1800.0
LEAST_SHARE = 0.2
RING_PAD_S = 8.0
SHORT_CALL_S = 10.0


class Issabel(Deaf):
    """As shipped, or with overcommit."""

    tick_s = 3.0

    def __init__(self, *, overcommit: bool) -> None:
        self.name = "issabel_overcommit" if overcommit else "issabel"
        self._overcommit = overcommit
        self._talks = 0
        self._talk_s = 0.0
        self._rings: deque[float] = deque([RING_PAD_S] * 20, maxlen=20)
        self._ended: deque[tuple[float, bool]] = deque()
        self._good = 0

    def dial(self, floor: VisibleFloor) -> int:
        wanted = len(floor.idle) + self._soon(floor) - len(floor.waiting) - len(floor.inbound)
        wanted = max(0, wanted - len(floor.ringing))
        if not self._overcommit or not wanted:
            return wanted
        while self._ended and self._ended[0][0] < floor.now - WINDOW_S:
            self._good -= self._ended.popleft()[1]
        if len(self._ended) < LEAST_CALLS:
            return wanted
        return round(wanted / max(LEAST_SHARE, self._good / len(self._ended)))

    def _soon(self, floor: VisibleFloor) -> int:
        if self._talks < LEAST_CALLS:
            return 0
        mean = self._talk_s / self._talks
        least = -mean * math.log(1.0 - SERVICE) - sum(self._rings) / len(self._rings)
        return sum(1 for start in floor.talking.values() if floor.now - start >= least)

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        del level
        self._rings.append(ring_s)
        self._ended.append((now, True))
        self._good += 1

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        del level
        self._rings.append(ring_s)
        self._ended.append((now, False))

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        del now, agent
        if talk_s > SHORT_CALL_S:
            self._talks += 1
            self._talk_s += talk_s
