"""Keeps a process running beside this one: ended unasked, it is started again after a pause."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import structlog

log = structlog.get_logger()

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0  # a repair is found this soon, and a broken start costs next to nothing
STEADY_S: Final = 60.0  # who ran for so long had started well: the pauses begin anew
STOP_WITHIN_S: Final = 10.0  # how long a part may take to stop before it is ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A process that ended unasked."""

    part: str
    code: int | None  # as the system tells it, -9 for signal 9; None: it could not be started
    again_in_s: float


def pause_after(ends: int) -> float:
    """Seconds to wait after so many ends in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** min(ends - 1, 10), LONGEST_PAUSE_S)


class ProcessSupervisor:
    """Starts a part of the centre and keeps it running until `let_go()` or `end()`.

    `start` may raise anything, which is taken for an end; `told` hears of every end, on the supervisor's
    thread.
    """

    def __init__(
        self,
        part: str,
        start: Callable[[], subprocess.Popen[bytes]],
        told: Callable[[Ended], None],
        *,
        running: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self._part = part
        self._start = start
        self._told = told
        self._process = running
        self._starting = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"keeps-{part}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process that runs, or ran last."""
        return self._process.pid if self._process is not None else None

    def begin(self) -> Self:
        """Start it, unless it runs already, and keep it from here on; raises what the first start raises."""
        if self._process is None:
            self._process = self._start()
        self._thread.start()
        return self

    def let_go(self) -> None:
        """Start it no more; what runs goes on."""
        with self._starting:
            self._over.set()

    def end(self) -> None:
        """Start it no more and have it stop: asked once, asked again for at once, and then killed."""
        self.let_go()
        process = self._process
        if process is None:
            return
        for stop in (process.terminate, process.terminate, process.kill):
            stop()
            self._thread.join(STOP_WITHIN_S)
            if not self._thread.is_alive():
                return

    def _keep(self) -> None:
        ends = 0
        while self._process is not None:
            began = time.monotonic()
            code: int | None = self._process.wait()
            ends = 1 if time.monotonic() - began >= STEADY_S else ends + 1
            while not self._over.is_set():
                pause_s = pause_after(ends)
                self._told(Ended(part=self._part, code=code, again_in_s=pause_s))
                if self._over.wait(pause_s) or self._started():
                    break
                code, ends = None, ends + 1
            if self._over.is_set():
                return

    def _started(self) -> bool:
        with self._starting:
            if self._over.is_set():
                return False
            try:
                self._process = self._start()
            except Exception as error:  # whatever keeps it from starting may pass
                log.exception("part_not_started", part=self._part, error=repr(error))
                return False
        log.info("part_started_again", part=self._part, pid=self.pid)
        return True
