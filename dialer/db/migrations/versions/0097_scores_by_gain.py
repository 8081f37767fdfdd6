"""Scores in the order of a list, so that a plan reads the first of them and not everybody."""

from alembic import op

revision = "0097"
down_revision = "0091"
branch_labels = None
depends_on = None

COLUMNS = ["model_id", "expected_gain", "risk", "left_out", "customer_id"]


def upgrade() -> None:
    op.create_index("ix_score_gain", "score", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_score_gain", "score")
