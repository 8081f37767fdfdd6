"""Promises know the window of time that their callers were told."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("said_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("promise", sa.Column("said_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("promise", "said_until")
    op.drop_column("promise", "said_from")
