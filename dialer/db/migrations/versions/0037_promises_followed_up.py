"""A promise that could not be kept stays on a list until somebody has seen to it.

Those of before are taken as seen to: nobody could say so then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("promise", sa.Column("followed_up", sa.String(200), nullable=True))
    op.execute("UPDATE promise SET followed_up_at = ended_at WHERE state = 'closed'")


def downgrade() -> None:
    op.drop_column("promise", "followed_up")
    op.drop_column("promise", "followed_up_at")
