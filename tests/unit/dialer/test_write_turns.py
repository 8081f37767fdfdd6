"""Where one writes at a time, a dial permit waits for the one at work and for nobody else."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from bench.testbed.server import wait_until
from sqlalchemy import text

from dialer.db import write_gate
from dialer.db.session import Database
from dialer.db.write_gate import WriteGate
from dialer.db.write_turns import WriteTurns, begin_to_write

LONG_S = 30.0


def stand_in_line(turns: WriteTurns, name: str, served: list[str], *, urgent: bool) -> threading.Thread:
    """A thread that waits for its turn by now, and says its name once it has it."""

    def write() -> None:
        assert turns.take(urgent=urgent, wait_s=LONG_S)
        served.append(name)
        turns.give_back()

    before = len(turns._line)
    thread = threading.Thread(target=write)
    thread.start()
    wait_until(lambda: len(turns._line) > before, LONG_S, f"{name} stands in line")
    return thread


def test_who_is_urgent_comes_before_those_who_wait_and_the_others_in_the_order_they_came() -> None:
    turns, served, waiting = WriteTurns(), list[str](), []
    assert turns.take(urgent=False, wait_s=LONG_S)

    for name, urgent in (("facts", False), ("turn", False), ("permit", True), ("next permit", True)):
        waiting.append(stand_in_line(turns, name, served, urgent=urgent))
    turns.give_back()
    for thread in waiting:
        thread.join(LONG_S)

    assert served == ["permit", "next permit", "facts", "turn"]


def test_who_lets_the_urgent_pass_is_next_and_before_all_who_came_later() -> None:
    turns, served = WriteTurns(), list[str]()
    assert turns.take(urgent=False, wait_s=LONG_S)
    names = (("turn", False), ("permit", True), ("next permit", True))
    waiting = [stand_in_line(turns, name, served, urgent=urgent) for name, urgent in names]

    turns.ask_first()
    served.append("facts")
    turns.give_back()
    for thread in waiting:
        thread.join(LONG_S)

    assert served == ["permit", "next permit", "facts", "turn"]


@pytest.mark.parametrize("urgent", [True, False])
def test_nobody_is_let_pass_by_who_is_urgent_or_has_no_turn_or_where_nobody_urgent_waits(
    *, urgent: bool
) -> None:
    turns, served = WriteTurns(), list[str]()
    turns.ask_first()
    assert turns.take(urgent=urgent, wait_s=LONG_S)
    waiting = stand_in_line(turns, "next", served, urgent=urgent)

    turns.ask_first()
    stranger = threading.Thread(target=turns.ask_first)
    stranger.start()
    stranger.join(LONG_S)

    assert served == []
    assert (urgent, urgent) == (turns.urgent_at_work, turns.urgent_waits)
    turns.give_back()
    waiting.join(LONG_S)
    assert served == ["next"]


def test_a_permit_overtakes_whoever_waits_for_another_process_to_write(tmp_path: Path) -> None:
    database, served = Database(f"sqlite:///{tmp_path / 'a.db'}"), list[str]()
    with database.write() as tx:
        tx.execute(text("CREATE TABLE kept (name TEXT)"))
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    turns = database._turns
    assert turns is not None

    def write(name: str, *, urgent: bool) -> None:
        with database.write(urgent=urgent) as tx:
            tx.execute(text("INSERT INTO kept VALUES (:name)"), {"name": name})
            served.append(name)

    facts = threading.Thread(target=write, args=("facts",), kwargs={"urgent": False})
    facts.start()
    wait_until(lambda: turns._at_work is not None, LONG_S, "somebody writes")
    permit = threading.Thread(target=write, args=("permit",), kwargs={"urgent": True})
    permit.start()
    wait_until(lambda: turns.urgent_at_work, LONG_S, "the urgent one has the turn")
    other.execute("COMMIT")
    for thread in (permit, facts):
        thread.join(LONG_S)
    database.close()

    assert served == ["permit", "facts"]


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


def test_a_permit_overtakes_those_of_another_process_who_stand_in_line_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_gate, "WAIT_S", LONG_S)
    engine, pages = (Database(f"sqlite:///{tmp_path / 'a.db'}") for _ in range(2))
    ours, theirs = engine._turns, pages._turns
    assert ours is not None
    assert theirs is not None
    with engine.write() as tx:
        tx.execute(text("CREATE TABLE kept (name TEXT)"))
    served, may_end = list[str](), threading.Event()

    def write(database: Database, name: str, *, urgent: bool = False) -> None:
        with database.write(urgent=urgent) as tx:
            tx.execute(text("INSERT INTO kept VALUES (:name)"), {"name": name})
            served.append(name)
            may_end.wait(LONG_S)

    threads = [threading.Thread(target=write, args=(pages, name)) for name in ("word", "next word")]
    threads[0].start()
    wait_until(lambda: served == ["word"], LONG_S, "the word is written")
    threads[1].start()
    wait_until(lambda: bool(theirs._line), LONG_S, "they stand in line")
    threads.append(threading.Thread(target=write, args=(engine, "permit"), kwargs={"urgent": True}))
    threads[2].start()
    wait_until(lambda: ours._gate._shut, LONG_S, "our gate is shut")
    may_end.set()
    for thread in threads:
        thread.join(LONG_S)
    for database in (engine, pages):
        database.close()

    assert served == ["word", "permit", "next word"]


def test_a_gate_holds_nobody_up_for_long_and_goes_with_whoever_shut_it(tmp_path: Path) -> None:
    shut, other = WriteGate(tmp_path), WriteGate(tmp_path)
    shut.shut()
    began = time.monotonic()

    other.wait()

    assert time.monotonic() - began >= write_gate.WAIT_S
    shut.close()
    other.shut()
    assert other._shut
    other.close()


def test_a_folder_that_cannot_be_locked_has_no_gate(tmp_path: Path) -> None:
    gate = WriteGate(tmp_path / "gone")

    gate.shut()
    gate.wait()
    gate.open()
    gate.close()
