"""Where one writes at a time, a dial permit waits for the one at work and for nobody else."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from dialer.db.write_turns import WriteTurns, begin_to_write

LONG_S = 30.0


def test_who_is_urgent_comes_before_those_who_wait_and_the_others_in_the_order_they_came() -> None:
    turns, served, waiting = WriteTurns(), [], []
    assert turns.take(urgent=False, wait_s=LONG_S)

    def write(name: str, *, urgent: bool) -> None:
        assert turns.take(urgent=urgent, wait_s=LONG_S)
        served.append(name)
        turns.give_back()

    for name, urgent in (("facts", False), ("turn", False), ("permit", True), ("next permit", True)):
        thread = threading.Thread(target=write, args=(name,), kwargs={"urgent": urgent})
        before = len(turns._line)
        thread.start()
        while len(turns._line) == before:
            time.sleep(0)
        waiting.append(thread)
    turns.give_back()
    for thread in waiting:
        thread.join(LONG_S)

    assert served == ["permit", "next permit", "facts", "turn"]


def test_whoever_waits_too_long_leaves_the_line_and_holds_up_nobody() -> None:
    turns = WriteTurns()
    assert turns.take(urgent=False, wait_s=LONG_S)

    assert not turns.take(urgent=True, wait_s=0.01)

    turns.give_back()
    assert turns.take(urgent=False, wait_s=0.01)


def test_a_file_that_another_process_writes_is_waited_for_and_no_longer_than_said(tmp_path: Path) -> None:
    ours, theirs = (sqlite3.connect(tmp_path / "a.db", isolation_level=None) for _ in range(2))
    theirs.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_to_write(ours, 0.05)

    theirs.execute("COMMIT")
    begin_to_write(ours, 0.05)
    assert ours.in_transaction
    assert ours.execute("PRAGMA busy_timeout").fetchone() == (50,), "as it was"
