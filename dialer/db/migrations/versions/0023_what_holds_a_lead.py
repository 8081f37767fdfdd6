"""A lead says which rule put it off, so that a list says why nobody on it is called."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("held_by", sa.String(80), nullable=True))


def downgrade() -> None:
    op.drop_column("lead", "held_by")
