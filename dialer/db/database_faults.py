"""What ails a database, told apart so that each fault is one word and one sentence wherever it is met."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnection


class DatabaseFault(StrEnum):
    """Why the database cannot do its work just now; the words are codes of the API and of the log."""

    LOCKED = "database.locked"
    BUSY = "database.busy"
    FULL = "database.full"
    READ_ONLY = "database.read-only"
    AWAY = "database.away"


SENTENCES: Final = {
    DatabaseFault.LOCKED: "The database is held by another writer; try again in a moment.",
    DatabaseFault.BUSY: "Every connection to the database is in use; try again in a moment.",
    DatabaseFault.FULL: "The database's disk is full: nothing can be saved until there is room.",
    DatabaseFault.READ_ONLY: "The database is read-only: nothing can be saved until it may be written to.",
    DatabaseFault.AWAY: "The database does not answer.",
}
#: seconds until it is worth asking again: what passes by itself, and what a person has to put right
RETRY_AFTER_S: Final = {
    DatabaseFault.LOCKED: 2,
    DatabaseFault.BUSY: 2,
    DatabaseFault.FULL: 30,
    DatabaseFault.READ_ONLY: 30,
    DatabaseFault.AWAY: 5,
}

#: primary result codes, the low byte of SQLite's extended ones; one extended code says more
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: DatabaseFault.LOCKED,
    sqlite3.SQLITE_LOCKED: DatabaseFault.LOCKED,
    sqlite3.SQLITE_FULL: DatabaseFault.FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: DatabaseFault.FULL,  # no room for the index of the write-ahead log
    sqlite3.SQLITE_READONLY: DatabaseFault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: DatabaseFault.AWAY,
    sqlite3.SQLITE_IOERR: DatabaseFault.AWAY,
}
_PRIMARY: Final = 0xFF
#: SQLSTATE by its first characters, see "PostgreSQL Error Codes"; the longer one wins
_POSTGRESQL: Final = {
    "55P03": DatabaseFault.LOCKED,  # lock_timeout
    "40P01": DatabaseFault.LOCKED,  # deadlock: one of the two is told to try again
    "57014": DatabaseFault.LOCKED,  # statement_timeout
    "53100": DatabaseFault.FULL,
    "53300": DatabaseFault.BUSY,  # max_connections
    "25006": DatabaseFault.READ_ONLY,
    "57P": DatabaseFault.AWAY,  # shutting down, crashed, starting
    "08": DatabaseFault.AWAY,
}
_READ_ONLY_TRANSACTION: Final = "25006"

#: raised on the way to a statement: no time zone, no such word, a number out of bounds
_OF_CONTENT: Final = (
    StatementError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
)


class DatabaseUnavailable(Exception):
    """The database cannot do its work just now, for a reason that is not the program's."""

    def __init__(self, fault: DatabaseFault, detail: str = "") -> None:
        super().__init__(f"{SENTENCES[fault]} ({fault.value}{f': {detail}' if detail else ''})")
        self.fault = fault

    @property
    def sentence(self) -> str:
        """What to tell a person, without the database's own words."""
        return SENTENCES[self.fault]


def fault_of(error: BaseException) -> DatabaseFault | None:
    """What ails the database, or None where the statement is to blame."""
    if isinstance(error, NoConnection):
        return DatabaseFault.BUSY
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code) or _SQLITE.get(code & _PRIMARY)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg has none where no server answered, or where it went away
        return DatabaseFault.AWAY if type(error.orig).__name__ == "OperationalError" else None
    return next((_POSTGRESQL[state[:size]] for size in (5, 3, 2) if state[:size] in _POSTGRESQL), None)


def blames_content(error: BaseException) -> bool:
    """Whether what was to be written is to blame, so that it fails however often it is tried.

    What the database or the machine lacks is none of that, nor is what nobody can tell: it may pass.
    """
    if isinstance(error, DBAPIError):
        return isinstance(error, (DataError, IntegrityError)) and fault_of(error) is None
    return isinstance(error, _OF_CONTENT)


@contextmanager
def faults_named(*, reads_only: bool = False) -> Iterator[None]:
    """Raise `DatabaseUnavailable` for whatever ails the database; other errors pass as they are.

    In a transaction that only reads a refused change is the program's own fault and passes too.
    """
    try:
        yield
    except (DBAPIError, NoConnection) as error:
        fault = fault_of(error)
        if fault is None or (reads_only and _refused_change(error)):
            raise
        raise DatabaseUnavailable(fault, _own_words(error)) from error


def _refused_change(error: DBAPIError | NoConnection) -> bool:
    """Whether a transaction that only reads refused a change; a file nobody may write has a longer code."""
    orig = getattr(error, "orig", None)
    return (
        getattr(orig, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY
        or getattr(orig, "sqlstate", None) == _READ_ONLY_TRANSACTION
    )


def _own_words(error: DBAPIError | NoConnection) -> str:
    """The first line of what the database said: later ones repeat the statement."""
    words = str(getattr(error, "orig", None) or "").strip()
    return words.splitlines()[0][:200] if words else ""
