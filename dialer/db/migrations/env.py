"""Alembic's entry: runs the steps on the connection that `upgrade` handed over, and makes the views anew."""

from alembic import context

from dialer.db.base import Base
from dialer.db.models import Attempt
from dialer.db.report_views import drop_views, make_views

assert Attempt.metadata is Base.metadata  # noqa: S101 - the import above is what fills the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
with context.begin_transaction():
    grants = drop_views(connection)
    context.run_migrations()
    heads = set(context.get_context().get_current_heads())
    if heads == set(context.script.get_heads()):  # views are over the tables of this version alone
        make_views(connection, grants)
