"""A file is on record from its first row on, so that an import that broke off is seen."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE import_batch SET ended_at = imported_at")  # until now only whole files were on record


def downgrade() -> None:
    op.drop_column("import_batch", "ended_at")
