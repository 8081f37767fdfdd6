"""In what a database is not as the models say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Index

from dialer.db.base import Base
from dialer.db.session import open_engine


def differences(url: str) -> list[object]:
    """Each table, column and index that is there and should not be, or the other way round."""
    engine = open_engine(url)
    with engine.begin() as connection:
        options = {"include_object": lambda each, *_: _belongs_here(connection, each)}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()
    return list(found)


def _belongs_here(connection: Connection, found: Any) -> bool:
    """Not an index that the models declare for the other kind of database."""
    declared = found._ddl_if if isinstance(found, Index) else None
    return declared is None or declared.dialect == connection.dialect.name
