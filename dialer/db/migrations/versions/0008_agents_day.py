"""An agent's day: planned leaves, missed rings, what a supervisor said, and previews."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leave_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leave_kind", sa.String(length=24), nullable=True),
        sa.Column("leave_reason", sa.String(length=60), nullable=True),
        sa.Column("told", sa.String(length=200), nullable=False, server_default=""),
    ):
        op.add_column("agent", column)
    op.drop_column("agent", "wish_reason")  # a pause is a leave
    op.create_table(
        "preview",
        sa.Column("agent_id", sa.String(length=60), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_preview_agent_id_agent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_preview_lead_id_lead"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_preview")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_preview_lead_id")),
    )


def downgrade() -> None:
    op.drop_table("preview")
    for column in ("told", "leave_reason", "leave_kind", "leave_at", "missed", "until"):
        op.drop_column("agent", column)
    op.add_column("agent", sa.Column("wish_reason", sa.String(length=60), nullable=True))
