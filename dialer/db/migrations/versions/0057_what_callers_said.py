"""Callers may say their name and reason once a call is promised: under which name the PBX has it."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("promise", sa.Column("reason_recording", sa.String(80), nullable=True))


def downgrade() -> None:
    op.drop_column("promise", "reason_recording")
