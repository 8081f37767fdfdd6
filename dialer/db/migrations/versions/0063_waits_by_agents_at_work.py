"""A fourth way of telling a wait: how many are in front for each agent at work."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("told_wait", sa.Column("at_work_s", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("told_wait", "at_work_s")
