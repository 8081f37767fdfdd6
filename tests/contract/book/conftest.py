"""One suite, two engines: every test here runs on SQLite and on a real PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from books.postgres import PostgresServer, postgres_server
from books.world import World
from sqlalchemy import text

from dialer.db.base import Base
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Book, open_engine

SHARED = "winback"  # emptied after each test, which is quicker than a database a test


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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy from."""
    path = tmp_path_factory.mktemp("template") / "winback.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
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
def url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with every table and no row."""
    if engine_name == "sqlite":
        target = tmp_path / "winback.db"
        target.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{target}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.url(SHARED)
    _say(server, SHARED, f"TRUNCATE {', '.join(Base.metadata.tables)} RESTART IDENTITY CASCADE")


@pytest.fixture
def book(url: str) -> Iterator[Book]:
    """An open book."""
    opened = Book(url)
    yield opened
    opened.close()


@pytest.fixture
def world(book: Book) -> World:
    """A house on a Monday morning with an engine that leads."""
    return World(book)


def _say(server: PostgresServer, database: str, statement: str) -> None:
    engine = open_engine(server.url(database))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()
