"""What the pure exchange wants done by its shell, and the timeline it lives on."""

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Emit:
    """An event for every session."""

    event: str
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame for one session, in answer to its action."""

    session: int
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class RunScript:
    """An AGI dialogue to be held for a channel; `script` is `permit` or `capture`."""

    key: str
    script: str
    environment: Pairs


KernelEffect = Emit | Answer | RunScript


class Timer:
    """Something that will happen unless it is cancelled."""

    __slots__ = ("act",)

    def __init__(self, act: Callable[[], None]) -> None:
        self.act: Callable[[], None] | None = act

    def cancel(self) -> None:
        """Forget it; harmless when it has already happened."""
        self.act = None


class Timeline:
    """A virtual clock, seconds from the start, and what is due on it in order of time, then of request."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do `act` so many seconds from now; never, when `seconds` is infinite."""
        timer = Timer(act)
        if math.isfinite(seconds):
            heapq.heappush(self._due, (self.now + max(seconds, 0.0), next(self._order), timer))
        return timer

    def next_at(self) -> float | None:
        """When the next thing is due, or None."""
        while self._due and self._due[0][2].act is None:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def advance(self, to: float) -> None:
        """Let everything happen that is due up to `to`."""
        while (at := self.next_at()) is not None and at <= to:
            timer = heapq.heappop(self._due)[2]
            self.now = at
            act, timer.act = timer.act, None
            if act is not None:
                act()
        self.now = max(self.now, to)
