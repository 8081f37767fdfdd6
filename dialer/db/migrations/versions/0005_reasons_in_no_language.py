"""Reasons are kept as columns and values, in no language."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # a sentence cannot be turned back into what it says; the next scoring names the reasons again
    for table in ("score", "lead"):
        column = sa.table(table, sa.column("reasons", sa.JSON()))
        op.execute(column.update().values(reasons=sa.literal([], sa.JSON())))


def downgrade() -> None:
    upgrade()
