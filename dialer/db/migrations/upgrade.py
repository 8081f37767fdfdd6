"""Brings a database up to the tables this version works on."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from dialer.db.session import open_engine, reader

HERE: Final = Path(__file__).parent
#: any number that nobody else's advisory lock uses: "winback" on a telephone keypad
UPGRADE_LOCK: Final = 9462225


def upgrade(url: str, *, to: str = "head") -> None:
    """Run the missing steps in one transaction; any number of processes may call it at once.

    Where none is missing nothing is locked, so a process starts while another one writes.
    """
    engine = open_engine(url)
    try:
        if to == "head" and _is_current(engine):
            return
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            command.upgrade(config_for(connection), to)
    finally:
        engine.dispose()


def _is_current(engine: Engine) -> bool:
    """Whether the tables are those this version works on."""
    with reader(engine).connect() as connection:
        steps = ScriptDirectory.from_config(config_for(connection))
        return set(MigrationContext.configure(connection).get_current_heads()) == set(steps.get_heads())


def downgrade(url: str, *, to: str) -> None:
    """Take steps back in one transaction; `base` takes all of them, and every row with them."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            command.downgrade(config_for(connection), to)
    finally:
        engine.dispose()


def config_for(connection: Connection) -> Config:
    """Alembic's settings for one open connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
