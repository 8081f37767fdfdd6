"""Who is at work outlives the engine, so that a reboot of the whole host logs nobody out."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_roster",
        sa.Column("pbx", sa.String(60), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_work", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_last_roster")),
    )


def downgrade() -> None:
    op.drop_table("last_roster")
