"""Brings a database up to the tables this version works on."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from dialer.db.database_faults import faults_named
from dialer.db.session import open_engine, reader

if TYPE_CHECKING:  # loaded where steps are taken; a process that finds its tables up to date does without
    from alembic.config import Config

HERE: Final = Path(__file__).parent
#: any number that nobody else's advisory lock uses: "winback" on a telephone keypad
UPGRADE_LOCK: Final = 9462225
DONE_IN: Final = "alembic_version"  # the table in which Alembic keeps the last step that was taken
STEPS_DONE: Final = text(f"SELECT version_num FROM {DONE_IN}")  # noqa: S608 - a name of ours


class UpgradeFault(RuntimeError):
    """The tables cannot be brought to the wanted version; nothing was changed, and the message says why."""


class NewerTables(UpgradeFault):
    """A newer version of Winback has been at work on the database."""

    def __init__(self, steps: Iterable[str], newest: str) -> None:
        super().__init__(
            f"A newer Winback brought the database up to step {', '.join(sorted(steps))}; this one knows it "
            f"up to step {newest}. Install the newer version again, or put back a copy from before it."
        )


def upgrade(url: str, *, to: str = "head") -> None:
    """Run the missing steps in one transaction; any number of processes may call it at once.

    Where none is missing nothing is locked, so a process starts while another one writes.
    Raises `UpgradeFault` where the steps would leave rows that refer to nothing, `NewerTables` where a newer
    version made them, and `DatabaseUnavailable`.
    """
    engine = open_engine(url, changes_tables=True)
    try:
        with faults_named():
            if to == "head" and _is_current(engine):
                return
            with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
                with _references_kept(connection):
                    from alembic import command  # noqa: PLC0415 - as above

                    command.upgrade(config_for(connection), to)
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Whether the database is there with the tables of this version; nothing is made or changed.

    Raises `NewerTables` and `DatabaseUnavailable`.
    """
    engine = open_engine(url)
    try:
        with faults_named():
            return _is_current(engine)
    finally:
        engine.dispose()


def downgrade(url: str, *, to: str) -> None:
    """Take steps back in one transaction; `base` takes all of them, and every row with them."""
    from alembic import command  # noqa: PLC0415 - as above

    engine = open_engine(url, changes_tables=True)
    try:
        with engine.begin() as connection, _references_kept(connection):
            command.downgrade(config_for(connection), to)
    finally:
        engine.dispose()


def config_for(connection: Connection) -> "Config":
    """Alembic's settings for one open connection; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def known_steps() -> list[str]:
    """The steps this version knows, the oldest first: a step's file begins with its name."""
    return sorted(path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def _is_current(engine: Engine) -> bool:
    """Whether the tables are those this version works on; raises `NewerTables`."""
    steps = known_steps()
    with reader(engine).connect() as connection:
        done = set(connection.scalars(STEPS_DONE)) if inspect(connection).has_table(DONE_IN) else set()
    if unknown := done.difference(steps):
        raise NewerTables(unknown, steps[-1])
    return done == {steps[-1]}


@contextmanager
def _references_kept(connection: Connection) -> Iterator[None]:
    """Look on SQLite whether every reference that held before the steps still holds after them."""
    before = _dangling(connection)
    yield
    lost = _dangling(connection) - before
    if lost:
        tables = ", ".join(sorted({f"{table} to {parent}" for table, _row, parent in lost}))
        raise UpgradeFault(f"The tables were left as they were: references from {tables} would be lost.")


def _dangling(connection: Connection) -> set[tuple[str, int | None, str]]:
    """Rows that refer to nothing; PostgreSQL has none, whatever a step does."""
    if connection.dialect.name != "sqlite":
        return set()
    found = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return {(table, row, parent) for table, row, parent, _constraint in found}
