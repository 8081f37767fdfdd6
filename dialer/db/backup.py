"""A whole copy of a SQLite database, taken while others write to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from dialer.db.privacy import path_of

OWNER_ONLY: Final = 0o600  # a copy leaves the folder that guards the database


class BackupRefused(Exception):
    """No copy was made; the message says what to do instead."""


def back_up(url: str, file: Path) -> int:
    """Copy the database as it stands at one moment into a new file, and give the file's size in bytes.

    Copying the file itself holds nothing of what is still in the write-ahead log; SQLite's own backup
    reads both. The copy is checked and complete before it has its name. Raises `BackupRefused`.
    """
    source = path_of(url)
    if source is None:
        raise BackupRefused(
            "Only a SQLite database is copied by this command. For PostgreSQL: "
            "pg_dump --format=custom --file=FILE DATABASE, and pg_restore to bring it back."
        )
    if not source.is_file():
        raise BackupRefused(f"There is no database at {source}: nothing was ever written there.")
    if file.exists():
        raise BackupRefused(f"{file} is there already, and a copy is never written over: name a new file.")
    beside = file.with_name(file.name + ".part")
    try:
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        _copy(source, beside)
        with beside.open("rb") as done:
            os.fsync(done.fileno())
        beside.rename(file)
    except FileExistsError as there:
        raise BackupRefused(f"{beside} is there: another copy goes on, or broke off. Remove it.") from there
    except (OSError, sqlite3.Error) as fault:
        beside.unlink(missing_ok=True)
        raise BackupRefused(f"{file} could not be written: {fault}.") from fault
    return file.stat().st_size


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)  # all pages in one step, of one moment; in WAL mode no writer waits for it
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it to forget
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is not whole ({verdict})")
