"""A promise keeps the language its caller heard, so that the call back speaks it too."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("language", sa.String(16), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("promise", "language")
