"""A supervisor asks to be on an agent's call."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("listen_mode", sa.String(8), nullable=True))
    op.add_column("agent", sa.Column("listener", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("agent", "listener")
    op.drop_column("agent", "listen_mode")
