"""A SQLite database's files are read by their owner and group alone: every customer's number is in them."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

MADE_WITH: Final = 0o640  # a new file; whoever backs it up as its group can read it
NEVER: Final = 0o137  # what nobody but the owner may: write, and for strangers anything
BESIDE: Final = ("-wal", "-shm")  # SQLite makes them with the database's own permissions


def keep_private(url: str) -> None:
    """Make the database's file before SQLite does, and take from strangers what they may not have.

    SQLite makes its files readable for everybody whom the process's umask lets in. A file of another
    user stays as it is: only its owner can change that.
    """
    path = path_of(url)
    if path is None or not path.parent.is_dir():
        return
    with suppress(FileExistsError, PermissionError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MADE_WITH))
    for file in (path, *(path.with_name(path.name + end) for end in BESIDE)):
        with suppress(FileNotFoundError, PermissionError):
            mode = file.stat().st_mode & 0o777
            if mode & NEVER:
                file.chmod(mode & ~NEVER)


def path_of(url: str) -> Path | None:
    """Where a SQLite database's file is; None for one in memory and for other engines."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or parts.database in {None, "", ":memory:"}:
        return None
    name = str(parts.database)
    return None if name.startswith("file:") else Path(name)
