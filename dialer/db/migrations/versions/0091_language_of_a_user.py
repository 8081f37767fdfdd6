"""The language in which a user reads pages; empty: the house's, or the browser's."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0089"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("language", sa.String(2), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("user_account", "language")
