"""Lists that are saved by name, whom a campaign calls first, and its share of its team's calls."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_list")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_list_name")),
    )
    op.add_column("campaign", sa.Column("call_order", sa.String(24), nullable=False, server_default="gain"))
    op.add_column("campaign", sa.Column("order_column", sa.String(120), nullable=False, server_default=""))
    op.add_column("campaign", sa.Column("share", sa.Double(), nullable=True))


def downgrade() -> None:
    for name in ("share", "order_column", "call_order"):
        op.drop_column("campaign", name)
    op.drop_table("saved_list")
