"""What a customer who is called back asks for by key instead of an agent: later, not any more, or never."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("said_by_key", sa.String(24), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "said_by_key")
