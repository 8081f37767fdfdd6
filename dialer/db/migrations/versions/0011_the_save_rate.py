"""What a call is taken to keep of leavers, as each scoring was made with."""

import sqlalchemy as sa
from alembic import op

from dialer.db.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "save_rate_settled",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_save_rate_settled")),
    )


def downgrade() -> None:
    op.drop_table("save_rate_settled")
