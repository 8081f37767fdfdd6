"""A lead that waits for its moment stands outside the order of its list."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("rests", sa.Boolean(), nullable=False, server_default=sa.false()))
    lead = sa.table("lead", sa.column("rests", sa.Boolean()), sa.column("state"), sa.column("attempts_made"))
    held = sa.column("held_by").is_not(None), lead.c.attempts_made > 0, sa.column("asked_again", sa.Boolean())
    op.execute(sa.update(lead).where(lead.c.state == "listed", sa.or_(*held)).values(rests=sa.true()))
    op.drop_index("ix_lead_next", "lead")
    op.create_index("ix_lead_next", "lead", ["campaign_id", "state", "rests", "asked_again", "rank"])
    op.create_index("ix_lead_resting", "lead", ["campaign_id", "state", "rests", "next_at"])


def downgrade() -> None:
    op.drop_index("ix_lead_resting", "lead")
    op.drop_index("ix_lead_next", "lead")
    op.create_index("ix_lead_next", "lead", ["campaign_id", "state", "asked_again", "rank"])
    op.drop_column("lead", "rests")
