"""Which PBX reaches an agent, and which one a trunk leads out of."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

TABLES = ("staff_agent", "trunk")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("pbx", sa.String(60), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "pbx")
