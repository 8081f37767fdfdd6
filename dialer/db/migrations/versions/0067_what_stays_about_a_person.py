"""A line to remember about a customer, why people call, a coach's notes, an agent's live calls in order."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
WITH_AN_AGENT = sa.text("agent IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "remember_line",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_remember_line_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_remember_line")),
    )
    op.create_table(
        "coach_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_note")),
    )
    op.create_index("ix_coach_note_agent_written_at", "coach_note", ["agent", "written_at"])
    op.add_column("attempt", sa.Column("contact_reason", sa.String(24), nullable=True))
    op.add_column("inbound_call", sa.Column("contact_reason", sa.String(24), nullable=True))
    op.create_index(
        "ix_inbound_call_agent_time",
        "inbound_call",
        ["agent", "joined_at"],
        sqlite_where=WITH_AN_AGENT,
        postgresql_where=WITH_AN_AGENT,
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_call_agent_time", table_name="inbound_call")
    op.drop_column("inbound_call", "contact_reason")
    op.drop_column("attempt", "contact_reason")
    op.drop_table("coach_note")
    op.drop_table("remember_line")
