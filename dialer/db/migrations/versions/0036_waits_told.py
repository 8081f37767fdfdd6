"""What each way of telling a wait said is kept, so that the right one is known after a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_wait",
        sa.Column("call", sa.String(150), nullable=False),
        sa.Column("queue", sa.String(60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("queue_length_s", sa.Double(), nullable=True),
        sa.Column("head_of_line_s", sa.Double(), nullable=True),
        sa.Column("last_served_s", sa.Double(), nullable=True),
        sa.Column("method", sa.String(20), nullable=True),
        sa.Column("middle_s", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_told_wait")),
    )


def downgrade() -> None:
    op.drop_table("told_wait")
