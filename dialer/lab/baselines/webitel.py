"""Webitel's predictive queue: lines per free agent from answer share and abandonment of the last hour.

Formulas: cc_wrap_over_dial and cc_distribute_stats (statistics every 30 s over 60 minutes, load factor
10, target equal to the maximum). The exact line count sits in a closed extension; assumed here:
round(over) lines per free agent, less those ringing.
"""

from collections import deque

from dialer.lab.dialing_policy import Deaf, VisibleFloor

WINDOW_S = 3600.0
REFRESH_S = 30.0
LOAD_FACTOR = 10.0
LEAST_CALLS = 100
LINES_CAP = 10.0


class Webitel(Deaf):
    """Target equal to the maximum, as shipped; `target` is a share."""

    name = "webitel"
    tick_s = 0.5

    def __init__(self, target: float) -> None:
        self._most = 100.0 * target
        self._over = 1.0
        self._next_s = 0.0
        self._ended: deque[tuple[float, int]] = deque()
        self._counts = [0, 0, 0]  # failed, answered, abandoned

    def dial(self, floor: VisibleFloor) -> int:
        if not floor.idle:
            return 0
        if floor.now >= self._next_s:
            self._next_s = floor.now + REFRESH_S
            self._refresh(floor.now)
        lines = len(floor.ringing) + len(floor.waiting) + len(floor.inbound)
        return max(0, round(self._over * len(floor.idle)) - lines)

    def _refresh(self, now: float) -> None:
        while self._ended and self._ended[0][0] < now - WINDOW_S:
            self._counts[self._ended.popleft()[1]] -= 1
        failed, answered, abandoned = self._counts
        if failed + answered < LEAST_CALLS or not answered:
            self._over = 1.0
            return
        share = 100.0 * abandoned / answered
        base = (failed + answered) / answered
        distance = (self._most - share) or 0.99
        self._over = 1.0 if share >= self._most else base * (1.0 + distance * LOAD_FACTOR / 100.0)
        self._over = min(LINES_CAP, self._over)

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        del ring_s, level
        self._note(now, 1)

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        del ring_s, level
        self._note(now, 0)

    def abandoned(self, now: float) -> None:
        self._note(now, 2)

    def _note(self, now: float, kind: int) -> None:
        self._ended.append((now, kind))
        self._counts[kind] += 1
