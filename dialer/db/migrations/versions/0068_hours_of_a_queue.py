"""An inbound queue has hours and holidays of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_queue", sa.Column("hours", sa.String(400), nullable=True))
    op.add_column("inbound_queue", sa.Column("holidays", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("inbound_queue", "holidays")
    op.drop_column("inbound_queue", "hours")
