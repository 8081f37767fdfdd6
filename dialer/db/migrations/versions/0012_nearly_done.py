"""When an agent said that a call's talk, or its wrap-up, is about to end."""

import sqlalchemy as sa
from alembic import op

from dialer.db.base import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attempt") as attempt:
        attempt.add_column(sa.Column("closing_at", UtcDateTime(), nullable=True))
        attempt.add_column(sa.Column("wrap_closing_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("attempt") as attempt:
        attempt.drop_column("wrap_closing_at")
        attempt.drop_column("closing_at")
