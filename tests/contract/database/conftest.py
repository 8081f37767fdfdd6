"""One suite, two engines: every test here runs on SQLite and on a real PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases.centre import Centre
from databases.postgres import PostgresServer, postgres_server
from sqlalchemy import exists, literal, select, text, union_all

from dialer.db.base import Base
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database, open_engine

SHARED = "winback"
TABLES = tuple(reversed(Base.metadata.sorted_tables))
#: the tables with a row: a test fills few, and PostgreSQL's TRUNCATE of all takes longer than most tests do
FULL = union_all(
    *(select(literal(table.name)).where(exists(select(1).select_from(table))) for table in TABLES)
)
#: where every row goes nothing can be left that refers to nothing, and looking for it takes PostgreSQL
#: longer than the deletion does
UNCHECKED = text("SET LOCAL session_replication_role = replica")
#: SQLite counts keys anew by itself where a table is empty
AGAIN_FROM_ONE = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
    "FROM pg_sequences WHERE last_value IS NOT NULL"
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server with one migrated database."""
    try:
        with postgres_server() as server:
            _say(server, "postgres", f"CREATE DATABASE {SHARED}")
            upgrade(server.url(SHARED))
            yield server
    except LookupError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    """A database for all tests, so that each statement is compiled once."""
    opened = Database(postgres.url(SHARED))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The same on SQLite."""
    url = f"sqlite:///{tmp_path_factory.mktemp('database') / 'winback.db'}"
    upgrade(url)
    opened = Database(url)
    yield opened
    opened.close()


# one worker a database engine: its server is started once, and each statement is compiled once
@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("sqlite", "postgresql")]
)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The database engine of this run of the suite."""
    return str(request.param)


@pytest.fixture
def empty_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a single table."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'winback.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = "t" + os.urandom(8).hex()
    _say(server, "postgres", f"CREATE DATABASE {name}")
    yield server.url(name)
    _say(server, "postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open database with every table and no row; emptied again after the test."""
    opened: Database = request.getfixturevalue(
        "sqlite_database" if engine_name == "sqlite" else "postgres_database"
    )
    policy = opened.policy
    yield opened
    opened.policy = policy  # a test may have set its own
    with opened.write() as tx:
        if engine_name == "postgresql":
            tx.execute(UNCHECKED)
        full = set(tx.scalars(FULL))
        for table in TABLES:
            if table.name in full:
                tx.execute(table.delete())
        if engine_name == "postgresql":
            tx.execute(AGAIN_FROM_ONE)


@pytest.fixture
def url(database: Database) -> str:
    """Where the database is, for a second process's connections."""
    return database.url


@pytest.fixture
def centre(database: Database) -> Centre:
    """A centre on a Monday morning with an engine that leads."""
    return Centre(database)


def _say(server: PostgresServer, database: str, statement: str) -> None:
    engine = open_engine(server.url(database))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def ready(centre: Centre) -> Centre:
    """Five customers on a running campaign."""
    centre.customers(5)
    centre.campaign()
    return centre
