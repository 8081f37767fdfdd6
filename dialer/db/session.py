"""The database, opened once, changed one transaction at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from dialer.core.calling.policy import CallingPolicy
from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable, faults_named
from dialer.db.evidence_log import seal_acts
from dialer.db.privacy import keep_private, path_of
from dialer.db.write_turns import WriteTurns, begin_to_write
from dialer.settings import SettingError

WAIT_S = 10.0  # how long is waited for another writer, or for one of the process's own connections
JOURNAL_TRIES = 100  # turns at the journal of a new file; each one lost is one that another process had

CONNECT_S = 5  # how long is waited for a server to answer; PostgreSQL's library takes nothing under two
LEAST_CONNECT_S = 2
#: how a connection to PostgreSQL is opened and kept: a server that does not answer, or a machine that is
#: gone, is noticed within ten seconds, which is how long a lease lasts
_CONNECT: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 4,  # seconds of silence before the other side is asked for a sign of life
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds that what was sent may stay unacknowledged
}
#: the same on the server's side, which ends the transactions of an engine that is gone, with their locks
_ALIVE: dict[str, Any] = {
    "tcp_keepalives_idle": 4,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "client_connection_check_interval": 5_000,  # milliseconds, while a statement runs
}
#: milliseconds: only a question that is lost takes minutes; and nothing is thought over for so long
#: between two statements of a transaction
_BOUNDS: dict[str, Any] = {
    "statement_timeout": 300_000,
    "idle_in_transaction_session_timeout": 600_000,
}
#: a page's question is over in some hundredths of a second, where it would take a third of one to compile
_PLANS: dict[str, Any] = {"jit": "off"}

#: the few questions that an engine asks every moment have one plan each, whatever they are asked with: to
#: plan them anew takes PostgreSQL twice as long as to answer them
_ONE_PLAN: dict[str, Any] = {"plan_cache_mode": "force_generic_plan"}

#: of a connection that writes many rows: a page that many of them change is written once for all, what a
#: statement could have to take back is noted in memory, not in a file for each row, and what a row refers to
#: is not looked for again by each
_FOR_MANY_ROWS: Final = (
    "PRAGMA cache_size=-32768",  # kibibytes
    "PRAGMA temp_store=MEMORY",
    "PRAGMA foreign_keys=OFF",
)

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
    exception rolls everything back. A change inside `read()` is refused by the database. Both raise
    `DatabaseUnavailable` where the database is locked for longer than `wait_s`, full, read-only or away.
    """

    def __init__(
        self,
        url: str,
        policy: CallingPolicy | None = None,
        *,
        wait_s: float = WAIT_S,
        turns: WriteTurns | None = None,
    ) -> None:
        """`turns`: those of the same file's other connections in this process, where there are any."""
        self.url = url
        self.policy = policy or CallingPolicy()
        self._turns, self._shares_turns = turns or _turns_at(url), turns is not None
        self.engine = open_engine(url, wait_s=wait_s, turns=self._turns)
        self._wait_s = wait_s
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = sessionmaker(reader(self.engine), expire_on_commit=False, autoflush=False)
        self.looking = self.engine if self._turns else open_engine(url, wait_s=wait_s, one_plan=True)
        self._looking = sessionmaker(reader(self.looking), expire_on_commit=False, autoflush=False)

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Transaction]:
        """One transaction; committed on leaving, rolled back on any exception.

        Where one writes at a time, whoever is `urgent` comes before this process's other writers.
        """
        with self._turn_to_write(urgent=urgent), faults_named(), self._writing.begin() as session:
            yield session
            seal_acts(session)

    @property
    def urgent_waits(self) -> bool:
        """Whether somebody urgent waits until this process has written: many small changes may end here."""
        return self._turns is not None and self._turns.urgent_waits

    @contextmanager
    def _turn_to_write(self, *, urgent: bool) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        if not self._turns.take(urgent=urgent, wait_s=self._wait_s):
            raise DatabaseUnavailable(DatabaseFault.LOCKED)
        try:
            yield
        finally:
            self._turns.give_back()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One transaction for reading, which takes no lock that a writer would wait for."""
        with faults_named(reads_only=True), self._reading() as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """The same for what is asked every moment in the same few statements, which are planned once for all.

        On PostgreSQL it has connections of its own. It ends with a COMMIT, since the driver forgets at every
        ROLLBACK what it has prepared.
        """
        with faults_named(reads_only=True), self._looking.begin() as session:
            yield session

    @contextmanager
    def for_many_rows(self) -> Iterator["Database"]:
        """The same database by a connection of its own, which writes many rows at a third of the cost.

        It waits for its turn as the others do. Only a SQLite file has one; elsewhere it is this database.
        Nothing is deleted by it, and what its rows refer to has been joined by their own statement or seen in
        their transaction: SQLite does not look whether that is there.
        """
        if self._turns is None or path_of(self.url) is None:
            yield self
            return
        same = Database(self.url, self.policy, wait_s=self._wait_s, turns=self._turns)

        @event.listens_for(same.engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            for pragma in _FOR_MANY_ROWS:
                connection.execute(pragma)

        try:
            yield same
        finally:
            same.close()

    def prove_writable(self) -> None:
        """Commit a change that changes nothing; raises `DatabaseUnavailable` where none can be made.

        A change that is rolled back proves little: a full disk is noticed by what is committed.
        """
        with self.write() as session:
            if self.engine.dialect.name == "sqlite":
                kept = session.connection().exec_driver_sql("PRAGMA user_version").scalar_one()
                session.connection().exec_driver_sql(f"PRAGMA user_version = {int(kept)}")
            else:
                session.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        self.looking.dispose()
        if self._turns is not None and not self._shares_turns:
            self._turns.close()


def _turns_at(url: str) -> WriteTurns | None:
    """Turns to write, where the database takes one writer at a time."""
    if not url.startswith("sqlite"):
        return None
    path = path_of(url)
    return WriteTurns(path.parent if path is not None else None)


def open_engine(
    url: str,
    *,
    changes_tables: bool = False,
    one_plan: bool = False,
    wait_s: float = WAIT_S,
    turns: WriteTurns | None = None,
) -> Engine:
    """A SQLAlchemy engine with the pragmas and the locking Winback relies on.

    On SQLite a writing transaction begins IMMEDIATE: a deferred one that reads first and then writes
    fails with SQLITE_BUSY whatever the time-out. A reading one takes no lock at all and sees one moment.
    Whoever has the turn of `turns` lets the urgent pass while another process writes. PostgreSQL is told what
    to wait for, and its connections notice a machine that is gone (`_BOUNDS`).

    Whoever `changes_tables` waits for as long as it takes, and can on SQLite replace a table that others
    refer to by a changed copy, which is how SQLite changes tables; the references are looked at afterwards.
    With `one_plan` PostgreSQL plans each statement once a connection, for any values.
    """
    wait_ms = int(wait_s * 1000)
    check_url(url)
    if not url.startswith("sqlite"):
        bounds = {} if changes_tables else {**_BOUNDS, "lock_timeout": wait_ms}
        plans = _PLANS | (_ONE_PLAN if one_plan else {})
        options = " ".join(f"-c {name}={value}" for name, value in (_ALIVE | plans | bounds).items())
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_timeout=wait_s,
            hide_parameters=True,  # they are customers' numbers, and an error goes into a log
            connect_args={
                **_CONNECT,
                "connect_timeout": max(LEAST_CONNECT_S, min(CONNECT_S, int(wait_s))),
                "options": options,
            },
        )
    keep_private(url)
    pool = {} if path_of(url) is None else {"pool_timeout": wait_s}  # in memory there is no pool
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": wait_s}, **pool)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={wait_ms}")
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous=FULL")  # a promise must survive a power cut, not only a crash
        cursor.execute(f"PRAGMA foreign_keys={'OFF' if changes_tables else 'ON'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get(_READS_ONLY, False)
        driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
        if connection.info.get(_READS_ONLY) is not reads_only:  # as the transaction before left it
            driver.execute(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
            connection.info[_READS_ONLY] = reads_only
        try:
            if reads_only:
                driver.execute("BEGIN")
            else:
                begin_to_write(driver, wait_s, turns)
        except sqlite3.Error as failure:
            raise OperationalError("BEGIN", None, failure) from failure

    return engine


def check_url(url: str) -> None:
    """Raise `SettingError` for what is no URL of a database; its text may hold a password and is not said."""
    try:
        make_url(url).get_dialect()
    except (ArgumentError, ValueError):
        raise SettingError("database_url", "it is no URL of a database that Winback knows") from None


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
