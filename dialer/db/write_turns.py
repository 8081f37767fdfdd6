"""Whose turn it is to write, where a database takes one writer at a time.

SQLite itself has no line: a writer that finds it taken asks again later and later, and whoever asks at the
right moment is first. Within a process the line is kept here; between processes it is asked often.
"""

import heapq
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Final

#: seconds between two tries while another process writes: little beside a commit, and no load on a processor
FIRST_TRY_S: Final = 0.0005
LATER_TRY_S: Final = 0.005
PRIMARY: Final = 0xFF  # of SQLite's longer codes: the kind of error


@dataclass(order=True)
class _Waiter:
    after: tuple[bool, int]  # who is urgent first, then in the order they came
    called: threading.Event = field(default_factory=threading.Event, compare=False)


class WriteTurns:
    """A line of threads: the urgent before the others, each in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._line: list[_Waiter] = []
        self._numbers = count()

    def take(self, *, urgent: bool, wait_s: float) -> bool:
        """Wait for the turn; False where it did not come in time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            waiter = _Waiter(after=(not urgent, next(self._numbers)))
            heapq.heappush(self._line, waiter)
        if waiter.called.wait(wait_s):
            return True
        with self._lock:
            if waiter.called.is_set():  # at the last moment
                return True
            self._line.remove(waiter)
            heapq.heapify(self._line)
            return False

    def give_back(self) -> None:
        """Let the next one write."""
        with self._lock:
            if self._line:
                heapq.heappop(self._line).called.set()
            else:
                self._taken = False


def begin_to_write(connection: sqlite3.Connection, wait_s: float) -> None:
    """Begin a transaction that writes, once no other process does; raises as SQLite, after `wait_s` too.

    SQLite's own wait grows to a tenth of a second between two tries; a dial permit takes a hundredth.
    """
    until, pause_s = time.monotonic() + wait_s, FIRST_TRY_S
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as failure:
                busy = failure.sqlite_errorcode & PRIMARY == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() >= until:
                    raise
            else:
                return
            time.sleep(pause_s)
            pause_s = min(LATER_TRY_S, 2 * pause_s)
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(1000 * wait_s)}")
