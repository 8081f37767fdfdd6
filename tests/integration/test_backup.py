"""`winback backup`: a whole copy of a database that is being written to, or one sentence."""

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from databases.centre import Centre
from sqlalchemy import text
from typer.testing import Result

from dialer.db.backup import BackupRefused, back_up
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database


def attempts_in(path: Path) -> int:
    """How many attempts a database file holds, read as a person would who brought it back."""
    database = Database(f"sqlite:///{path}")
    with database.read() as tx:
        there = tx.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'attempt'"))
        found = tx.scalar(text("SELECT count(*) FROM attempt")) if there else 0
    database.close()
    return int(found or 0)


def test_a_copy_of_a_running_database_holds_every_attempt_and_cp_does_not(tmp_path: Path) -> None:
    live = tmp_path / "winback.db"
    upgrade(f"sqlite:///{live}")
    world = Centre(Database(f"sqlite:///{live}"))
    world.customers(11)
    world.campaign()
    with world.database.read() as held:  # a page that looks on, so that the log is not yet folded in
        held.execute(text("SELECT 1 FROM attempt")).all()
        for _ in range(11):
            world.dial()
        shutil.copy(live, tmp_path / "cp.db")
        size = back_up(world.database.url, tmp_path / "copy.db")
        modes_before = (tmp_path / "copy.db").stat().st_mode
    world.database.close()

    assert 11 == attempts_in(tmp_path / "copy.db")
    assert 0 == attempts_in(tmp_path / "cp.db")
    assert size > 0
    assert 0 == stat.S_IMODE(modes_before) & 0o077
    assert not list(tmp_path.glob("copy.db.part*"))


def test_a_copy_is_never_written_over(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'winback.db'}")
    (tmp_path / "copy.db").write_text("the only good one")

    with pytest.raises(BackupRefused, match="there already"):
        back_up(f"sqlite:///{tmp_path / 'winback.db'}", tmp_path / "copy.db")

    assert "the only good one" == (tmp_path / "copy.db").read_text()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no database"):
        back_up(f"sqlite:///{tmp_path / 'winback.db'}", tmp_path / "copy.db")

    assert [] == list(tmp_path.iterdir())


def test_a_copy_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'winback.db'}")

    with pytest.raises(BackupRefused, match="could not be written"):
        back_up(f"sqlite:///{tmp_path / 'winback.db'}", tmp_path / "missing" / "copy.db")


def test_postgresql_is_copied_by_its_own_program(
    type_in: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBACK_DATABASE_URL", "postgresql+psycopg://winback@localhost/winback")

    said = type_in("backup", str(tmp_path / "copy"), code=2).output

    assert "pg_dump" in said
    assert "Traceback" not in said


def test_the_command_says_what_it_made(type_in: Callable[..., Result], tmp_path: Path) -> None:
    type_in("duties")
    said = type_in("backup", str(tmp_path / "copy.db")).output

    assert "whole and checked" in said
    assert 0 == attempts_in(tmp_path / "copy.db")
