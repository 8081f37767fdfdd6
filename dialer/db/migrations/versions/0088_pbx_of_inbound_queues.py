"""Which PBX callers reach an inbound queue on."""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_queue", sa.Column("pbx", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("inbound_queue", "pbx")
