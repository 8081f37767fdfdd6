"""How long an engine's turns and dial permits take, kept for whoever asks; the newest ones only."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

KEPT: Final = 20_000  # turns, and permits: an hour of a busy floor's is not needed to tell how it does


class EngineLoad:
    """Seconds that each turn, each answer to the dialplan, and each whole talk with it took."""

    def __init__(self) -> None:
        self.turns_s: deque[float] = deque(maxlen=KEPT)
        self.permits_s: deque[float] = deque(maxlen=KEPT)
        self.talks_s: deque[float] = deque(maxlen=KEPT)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn of decisions."""
        began = time.monotonic()
        yield
        self.turns_s.append(time.monotonic() - began)

    @contextmanager
    def permit(self) -> Iterator[Callable[[], None]]:
        """A talk with the dialplan, from its question on; what it gives is called as the answer is written.

        The answer takes this engine's time, the rest of the talk that of the PBX.
        """
        began = time.monotonic()
        yield lambda: self.permits_s.append(time.monotonic() - began)
        self.talks_s.append(time.monotonic() - began)

    def clear(self) -> None:
        """Forget what was measured, so that what follows is told apart."""
        self.turns_s.clear()
        self.permits_s.clear()
        self.talks_s.clear()
