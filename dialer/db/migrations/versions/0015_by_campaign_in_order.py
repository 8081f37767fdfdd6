"""A campaign's attempts are found by time, and its list in its order."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attempt_campaign_time", "attempt", ["campaign_id", "created_at"])
    op.drop_index("ix_attempt_campaign_id", "attempt")
    op.create_index("ix_lead_list", "lead", ["campaign_id", "rank"])


def downgrade() -> None:
    op.drop_index("ix_lead_list", "lead")
    op.create_index("ix_attempt_campaign_id", "attempt", ["campaign_id"])
    op.drop_index("ix_attempt_campaign_time", "attempt")
