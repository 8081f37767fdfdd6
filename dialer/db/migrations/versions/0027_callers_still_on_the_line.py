"""A promise says since when its caller is gone from the line, and may be rung."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("rung_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("promise") as table:
        table.drop_column("rung_from")
