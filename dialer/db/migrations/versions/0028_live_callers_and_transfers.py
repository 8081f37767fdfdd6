"""Live callers are in the book, and to whom a call was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempt", sa.Column("handed_over_to", sa.String(60), nullable=True))
    op.create_table(
        "inbound_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pbx", sa.String(60), nullable=False),
        sa.Column("caller", sa.String(150), nullable=False),
        sa.Column("queue", sa.String(60), nullable=False),
        sa.Column("e164", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(60), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_to", sa.String(60), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_inbound_call_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_call")),
        sa.UniqueConstraint("pbx", "caller", name=op.f("uq_inbound_call_pbx")),
    )
    op.create_index(op.f("ix_inbound_call_customer_id"), "inbound_call", ["customer_id"])
    op.create_index(op.f("ix_inbound_call_e164"), "inbound_call", ["e164"])
    op.create_index(op.f("ix_inbound_call_joined_at"), "inbound_call", ["joined_at"])


def downgrade() -> None:
    op.drop_table("inbound_call")
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_column("handed_over_to")
        attempt.drop_column("handed_over_at")
