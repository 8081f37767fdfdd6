"""Whose turn it is to write, where a database takes one writer at a time.

SQLite itself has no line: a writer that finds it taken asks again later and later, and whoever asks at the
right moment is first. Within a process the line is kept here; between processes the file is asked for often,
and a gate lets the urgent of one be before the others.
"""

import heapq
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from dialer.db.write_gate import WriteGate

#: seconds between two tries while another process writes: little beside a commit, and no load on a processor
FIRST_TRY_S: Final = 0.0005
LATER_TRY_S: Final = 0.005
URGENT_TRY_S: Final = 0.001  # a fiftieth of a processor, for the few hundredths of a second that it lasts
PRIMARY: Final = 0xFF  # of SQLite's longer codes: the kind of error


@dataclass(order=True)
class _Writer:
    after: tuple[bool, int]  # who is urgent first, then in the order they came
    thread: int = field(default_factory=threading.get_ident, compare=False)
    called: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def urgent(self) -> bool:
        return not self.after[0]


class WriteTurns:
    """A line of threads: the urgent before the others, each in the order they came.

    `folder`: where the file is that other processes may write too.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._gate = WriteGate(folder)
        self._lock = threading.Lock()
        self._at_work: _Writer | None = None
        self._line: list[_Writer] = []
        self._numbers = count()

    @property
    def urgent_at_work(self) -> bool:
        """Whether the turn is that of somebody urgent."""
        with self._lock:
            return self._at_work is not None and self._at_work.urgent

    @property
    def urgent_waits(self) -> bool:
        """Whether somebody urgent waits for a turn."""
        with self._lock:
            return bool(self._line) and self._line[0].urgent

    def take(self, *, urgent: bool, wait_s: float) -> bool:
        """Wait for the turn; False where it did not come in time."""
        with self._lock:
            writer = _Writer(after=(not urgent, next(self._numbers)))
            if self._at_work is None:
                self._at_work = writer
                return True
            heapq.heappush(self._line, writer)
        if writer.called.wait(wait_s):
            return True
        with self._lock:
            if writer.called.is_set():  # at the last moment
                return True
            self._line.remove(writer)
            heapq.heapify(self._line)
            return False

    def give_back(self) -> None:
        """Let the next one write."""
        self._gate.open()
        with self._lock:
            self._call_next()

    def ask_first(self) -> None:
        """Go first if urgent, else let the urgent pass; for who has the turn and nothing begun."""
        with self._lock:
            writer = self._at_work
            passed = bool(self._line) and self._line[0].urgent
            if writer is None or writer.thread != threading.get_ident():
                return
            waits = passed and not writer.urgent
            if waits:
                writer.called.clear()
                heapq.heappush(self._line, writer)  # before all who came later
                self._call_next()
        if waits:
            writer.called.wait()  # as long as theirs takes, which has an end of its own
        if writer.urgent:
            self._gate.shut()
        else:
            self._gate.wait()

    def close(self) -> None:
        """Nobody writes any more."""
        self._gate.close()

    def _call_next(self) -> None:
        self._at_work = heapq.heappop(self._line) if self._line else None
        if self._at_work is not None:
            self._at_work.called.set()


def begin_to_write(connection: sqlite3.Connection, wait_s: float, turns: WriteTurns | None = None) -> None:
    """Begin a transaction that writes, once no other process does; raises as SQLite, after `wait_s` too.

    SQLite's own wait grows to a tenth of a second between two tries; a dial permit takes a hundredth. Who has
    one of `turns` and is not urgent gives way to who is, in this process or another, for as long as it waits.
    """
    until, pause_s = time.monotonic() + wait_s, FIRST_TRY_S
    longest_s = URGENT_TRY_S if turns is not None and turns.urgent_at_work else LATER_TRY_S
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            if turns is not None:
                turns.ask_first()
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as failure:
                busy = failure.sqlite_errorcode & PRIMARY == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() >= until:
                    raise
            else:
                return
            time.sleep(pause_s)
            pause_s = min(longest_s, 2 * pause_s)
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(1000 * wait_s)}")
