"""A fact of a call that cannot be written is set aside, so that those behind it go on."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "set_aside_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pbx", sa.String(length=60), nullable=False),
        sa.Column("attempt_id", sa.String(length=43), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside_fact")),
    )
    op.create_index(op.f("ix_set_aside_fact_at"), "set_aside_fact", ["at"])


def downgrade() -> None:
    op.drop_table("set_aside_fact")
