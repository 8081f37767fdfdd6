"""A courtesy between processes that write one SQLite file: whoever is urgent is let in before the others.

SQLite has no line for them. A process with several writers hands the file from one to the next sooner than
another process asks again, and a dial permit would wait for all of them. So the urgent shut a gate that the
others look at first. It is the folder's lock (`flock`), which ends with the process that holds it, and it is
no more than a courtesy: SQLite's own lock says who writes, and nobody waits here for longer than `WAIT_S`.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

WAIT_S: Final = 0.1  # an urgent writer takes a few hundredths; who holds the gate for longer is not one
TRY_S: Final = 0.001


class WriteGate:
    """One process's hand on the gate of a folder's databases; without a folder there is none to wait for."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._handle: int | None = None
        self._shut = False

    def shut(self) -> None:
        """Ask the other processes to wait; where one looks at the gate at this moment, ask again later."""
        if not self._shut:
            self._shut = self._lock(fcntl.LOCK_EX)

    def open(self) -> None:
        """Let the others go on."""
        if self._shut:
            self._lock(fcntl.LOCK_UN)
            self._shut = False

    def wait(self) -> None:
        """Wait while another process has it shut, for a moment at the most."""
        until = time.monotonic() + WAIT_S
        while not self._lock(fcntl.LOCK_SH):
            if time.monotonic() >= until:
                return
            time.sleep(TRY_S)
        self._lock(fcntl.LOCK_UN)

    def close(self) -> None:
        """Take the hand away, with whatever it held."""
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._shut = None, False

    def _lock(self, how: int) -> bool:
        """Whether it could be done; a folder that cannot be locked has a gate that stands open."""
        if self._folder is None:
            return True
        try:
            if self._handle is None:
                self._handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            self._folder = None
        return True
