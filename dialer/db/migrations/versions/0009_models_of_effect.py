"""Models of what a call changes, what they say of customers, and customers as they were."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "model_version",
        sa.Column("task", sa.String(length=16), nullable=False, server_default=sa.text("'risk'")),
    )
    op.add_column(
        "score", sa.Column("left_out", sa.Boolean(), nullable=False, server_default=sa.text("FALSE"))
    )
    for table in ("score", "lead"):
        op.add_column(table, sa.Column("gain_low", sa.Double(), nullable=True))
        op.add_column(table, sa.Column("gain_high", sa.Double(), nullable=True))
    op.create_table(
        "customer_past",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_past_customer_id_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "until", name=op.f("pk_customer_past")),
    )


def downgrade() -> None:
    op.drop_table("customer_past")
    for table in ("lead", "score"):
        op.drop_column(table, "gain_high")
        op.drop_column(table, "gain_low")
    op.drop_column("score", "left_out")
    op.drop_column("model_version", "task")
