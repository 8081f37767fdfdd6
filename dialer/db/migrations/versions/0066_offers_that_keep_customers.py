"""Offers that agents may give to keep a customer, with limits, and to whom they gave them."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "retention_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("margin", sa.Double(), nullable=True),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("per_agent", sa.Integer(), nullable=True),
        sa.Column("per_team", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("campaigns", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_offer")),
        sa.UniqueConstraint("name", name=op.f("uq_retention_offer_name")),
    )
    op.create_table(
        "given_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(60), nullable=False),
        sa.Column("attempt_id", sa.String(43), nullable=True),
        sa.Column("inbound_call_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("limit_reached", sa.String(24), nullable=True),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=False),
        sa.CheckConstraint(
            "(attempt_id IS NULL) <> (inbound_call_id IS NULL)", name=op.f("ck_given_offer_one_call")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["retention_offer.id"], name=op.f("fk_given_offer_offer_id_retention_offer")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempt.id"],
            name=op.f("fk_given_offer_attempt_id_attempt"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_call_id"],
            ["inbound_call.id"],
            name=op.f("fk_given_offer_inbound_call_id_inbound_call"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_offer")),
    )
    for column in ("offer_id", "attempt_id", "inbound_call_id", "asked_at"):
        op.create_index(op.f(f"ix_given_offer_{column}"), "given_offer", [column])


def downgrade() -> None:
    op.drop_table("given_offer")
    op.drop_table("retention_offer")
