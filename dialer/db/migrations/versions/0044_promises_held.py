"""A promise that an outage made overdue is held until a person has decided."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("promise", "held_since")
