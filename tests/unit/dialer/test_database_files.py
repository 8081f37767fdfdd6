"""Whatever the umask, strangers read nothing that Winback keeps."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from dialer.cli import main
from dialer.db.session import open_engine


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.iterdir())}


def write_to(path: Path) -> dict[str, int]:
    """The modes of the database's files while it is open, with something in its log."""
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS here (x INTEGER)"))
        connection.execute(text("INSERT INTO here VALUES (1)"))
    found = modes(path.parent)
    engine.dispose()
    return found


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o002])
def test_a_new_databases_files_are_closed_to_strangers(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        found = write_to(tmp_path / "winback.db")

    assert {"winback.db", "winback.db-shm", "winback.db-wal"} == set(found)
    assert {0o640} == set(found.values())


def test_a_stricter_umask_holds(tmp_path: Path) -> None:
    with umask(0o077):
        assert {0o600} == set(write_to(tmp_path / "winback.db").values())


def test_a_database_that_was_open_to_all_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "winback.db"
    for file in (path, tmp_path / "winback.db-wal"):
        file.touch()
        file.chmod(0o666)

    assert {0o640} == set(write_to(path).values())


def test_whatever_a_command_writes_is_closed_to_strangers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "cli", lambda: (tmp_path / "export.csv").write_text("+442079460000"))
    with umask(0o000):
        main.main()

    assert {"export.csv": 0o640} == modes(tmp_path)
