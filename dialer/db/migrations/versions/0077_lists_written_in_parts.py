"""Until when whoever writes a campaign's list is taken to be at work."""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("prepared_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # the version before knows no list that is being written: what there is of one goes
    op.execute("DELETE FROM lead WHERE campaign_id IN (SELECT id FROM campaign WHERE state = 'preparing')")
    op.execute(
        "DELETE FROM assignment WHERE campaign_id IN (SELECT id FROM campaign WHERE state = 'preparing')"
    )
    op.execute("DELETE FROM campaign WHERE state = 'preparing'")
    op.drop_column("campaign", "prepared_until")
