"""What an agent typed about a call and has not sent, and an agent's talks in order."""

import sqlalchemy as sa
from alembic import op

from dialer.db.base import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WITH_AN_AGENT = sa.text("agent IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "note_draft",
        sa.Column("attempt_id", sa.String(43), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("call_again_at", sa.String(32), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempt.id"],
            name=op.f("fk_note_draft_attempt_id_attempt"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_note_draft")),
    )
    op.create_index(
        "ix_attempt_agent_time",
        "attempt",
        ["agent", "connected_at"],
        sqlite_where=WITH_AN_AGENT,
        postgresql_where=WITH_AN_AGENT,
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_agent_time", table_name="attempt")
    op.drop_table("note_draft")
