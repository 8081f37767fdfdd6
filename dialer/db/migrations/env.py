"""Alembic's entry: runs the steps on the connection that `upgrade` handed over."""

from alembic import context

from dialer.db.base import Base
from dialer.db.models import Attempt

assert Attempt.metadata is Base.metadata  # noqa: S101 - the import above is what fills the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
