"""Three indexes of leads instead of six: each is written for every lead, and at every call on PostgreSQL.

A customer's leads are found by the key, which begins with the customer now; a number's by its customers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None

BY_CAMPAIGN = ("uq_lead_campaign_id", ["campaign_id", "customer_id"])
BY_CUSTOMER = ("uq_lead_customer_id", ["customer_id", "campaign_id"])


def upgrade() -> None:
    op.drop_index("ix_lead_resting", "lead")
    op.drop_index("ix_lead_e164", "lead")
    op.drop_index("ix_lead_customer_id", "lead")
    _change_key(BY_CAMPAIGN, BY_CUSTOMER)
    op.create_index(
        "ix_lead_resting",
        "lead",
        ["campaign_id", "state", "next_at"],
        sqlite_where=sa.text("rests = 1"),
        postgresql_where=sa.text("rests"),
    )


def downgrade() -> None:
    op.drop_index("ix_lead_resting", "lead")
    _change_key(BY_CUSTOMER, BY_CAMPAIGN)
    op.create_index("ix_lead_customer_id", "lead", ["customer_id"])
    op.create_index("ix_lead_e164", "lead", ["e164"])
    op.create_index("ix_lead_resting", "lead", ["campaign_id", "state", "rests", "next_at"])


def _change_key(before: tuple[str, list[str]], after: tuple[str, list[str]]) -> None:
    """SQLite writes the table anew: it can change no constraint of one that stands."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(before[0]), "lead", type_="unique")
        op.create_unique_constraint(op.f(after[0]), "lead", after[1])
        return
    with op.batch_alter_table("lead", recreate="always") as lead:
        lead.drop_constraint(op.f(before[0]), type_="unique")
        lead.create_unique_constraint(op.f(after[0]), after[1])
