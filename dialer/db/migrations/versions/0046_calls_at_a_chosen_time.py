"""A promise may be for a chosen time; a wish from the web waits until its number is proven."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("wanted_from", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "callback_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("e164", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("wanted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["promise_id"],
            ["promise.id"],
            name=op.f("fk_callback_wish_promise_id_promise"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_wish")),
        sa.UniqueConstraint("key", name=op.f("uq_callback_wish_key")),
    )
    op.create_index(op.f("ix_callback_wish_e164"), "callback_wish", ["e164"])
    op.create_index("ix_callback_wish_address_made_at", "callback_wish", ["address", "made_at"])
    op.create_index(op.f("ix_callback_wish_made_at"), "callback_wish", ["made_at"])


def downgrade() -> None:
    op.drop_table("callback_wish")
    op.drop_column("promise", "wanted_from")
