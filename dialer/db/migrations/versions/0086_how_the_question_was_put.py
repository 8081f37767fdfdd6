"""How a customer was asked after a talk: by text or by key."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("survey", sa.Column("way", sa.String(24), server_default="text", nullable=False))


def downgrade() -> None:
    op.drop_column("survey", "way")
