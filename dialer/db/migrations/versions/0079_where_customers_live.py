"""Where customers live, as their address tells."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("residence", sa.String(120), nullable=True))
    op.add_column("dialing_region", sa.Column("residence", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("dialing_region", "residence")
    op.drop_column("customer", "residence")
