"""Which attempts were made at an hour that chance drew."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("slot_propensity", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "slot_propensity")
