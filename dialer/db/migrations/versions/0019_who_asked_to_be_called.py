"""A promise knows the number that asked for it, and numbers that never asked are blocked for callbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("source", sa.String(16), nullable=False, server_default=""))
    op.create_index("ix_promise_made_at", "promise", ["made_at"])
    op.create_index("ix_promise_source_made_at", "promise", ["source", "made_at"])
    op.create_table(
        "callback_block",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("e164", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("e164", name="uq_callback_block_e164"),
    )


def downgrade() -> None:
    op.drop_table("callback_block")
    op.drop_index("ix_promise_source_made_at", "promise")
    op.drop_index("ix_promise_made_at", "promise")
    op.drop_column("promise", "source")
