"""The database, opened once, changed one transaction at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from dialer.core.calling.policy import CallingPolicy
from dialer.db.privacy import keep_private

BUSY_TIMEOUT_MS = 10_000  # how long a writer waits for another one on SQLite before it gives up
JOURNAL_TRIES = 100  # turns at the journal of a new file; each one lost is one that another process had

#: the session every query takes; other rooms name this, never SQLAlchemy
Transaction = Session

_READS_ONLY = "winback_reads_only"
#: a reader sees one moment, so that what it adds up belongs together; SQLite gives that to everybody
_READER: dict[str, dict[str, Any]] = {
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    "sqlite": {},
}


class Database:
    """A database that every room writes through, and the policy that its use cases judge by.

    `read()` and `write()` each give one session in one transaction; leaving a `write()` commits, and an
    exception rolls everything back. A change inside `read()` is refused by the database.
    """

    def __init__(self, url: str, policy: CallingPolicy | None = None) -> None:
        self.url = url
        self.policy = policy or CallingPolicy()
        self.engine = open_engine(url)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(reader(self.engine), expire_on_commit=False, autoflush=False)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction; committed on leaving, rolled back on any exception."""
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One transaction for reading, which takes no lock that a writer would wait for."""
        with self._reading() as session:
            yield session

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_engine(url: str, *, references_kept: bool = True) -> Engine:
    """A SQLAlchemy engine with the pragmas and the locking Winback relies on.

    On SQLite a writing transaction begins IMMEDIATE: a deferred one that reads first and then writes
    fails with SQLITE_BUSY whatever the time-out. A reading one takes no lock at all and sees one moment.
    Without `references_kept` a table that others refer to can be replaced by a changed copy, which is how
    SQLite changes tables; whoever does so looks at the references afterwards.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    keep_private(url)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")  # a promise must survive a power cut, not only a crash
        cursor.execute(f"PRAGMA foreign_keys={'ON' if references_kept else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_READS_ONLY, False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def reader(engine: Engine) -> Engine:
    """The same engine for transactions that only read, and take no lock that a writer would wait for."""
    return engine.execution_options(**{_READS_ONLY: True}, **_READER[engine.dialect.name])


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Give the file a write-ahead log, also where other processes open the same new file at this moment.

    For this one change SQLite says SQLITE_BUSY at once, whatever the time-out, when another connection is
    making it; waiting for a write lock waits the other one out.
    """
    for _ in range(JOURNAL_TRIES - 1):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as failure:
            if failure.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")
