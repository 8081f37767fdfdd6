"""The book: one database, opened once, changed one transaction at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from dialer.core.policy import Policy

BUSY_TIMEOUT_MS = 10_000  # how long a writer waits for another one on SQLite before it gives up


#: the session every query takes; other rooms name this, never SQLAlchemy
Transaction = Session

_READS_ONLY = "winback_reads_only"
#: a reader sees one moment, so that what it adds up belongs together; SQLite gives that to everybody
_READER: dict[str, dict[str, Any]] = {
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    "sqlite": {},
}


class Book:
    """A database that every room writes through, and the policy that its use cases judge by.

    `read()` and `write()` each give one session in one transaction; leaving a `write()` commits, and an
    exception rolls everything back. A change inside `read()` is refused by the database.
    """

    def __init__(self, url: str, policy: Policy | None = None) -> None:
        self.url = url
        self.policy = policy or Policy()
        self.engine = open_engine(url)
        reader = self.engine.execution_options(**{_READS_ONLY: True}, **_READER[self.engine.dialect.name])
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(reader, expire_on_commit=False, autoflush=False)

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


def open_engine(url: str) -> Engine:
    """A SQLAlchemy engine with the pragmas and the locking Winback relies on.

    On SQLite a writing transaction begins IMMEDIATE: a deferred one that reads first and then writes
    fails with SQLITE_BUSY whatever the time-out. A reading one takes no lock at all and sees one moment.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a promise's commit must survive a power cut, not only a crash
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_READS_ONLY, False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine
