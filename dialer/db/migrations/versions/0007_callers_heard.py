"""How many callers rang in, half hour by half hour."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callers_heard",
        sa.Column("pbx", sa.String(length=60), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("callers", sa.Integer(), nullable=False),
        sa.Column("seen_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("pbx", "began_at", name=op.f("pk_callers_heard")),
    )


def downgrade() -> None:
    op.drop_table("callers_heard")
