"""A campaign's own hours, first and last day, and the numbers it shows."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

ADDED = ("ends_on", "starts_on", "hours", "local_presence", "caller_ids")


def upgrade() -> None:
    op.add_column("campaign", sa.Column("caller_ids", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "campaign", sa.Column("local_presence", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("campaign", sa.Column("hours", sa.String(400), nullable=False, server_default=""))
    op.add_column("campaign", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("campaign", sa.Column("ends_on", sa.Date(), nullable=True))


def downgrade() -> None:
    for name in ADDED:
        op.drop_column("campaign", name)
