"""How many calls of a campaign were answered, and left alone, is counted as it happens."""

from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0046"
branch_labels = None
depends_on = None

LOOKED_BACK = timedelta(days=2)  # from the last call on: what a budget of a day can still ask for


def upgrade() -> None:
    op.create_table(
        "call_count",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pbx", sa.String(60), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_call_count_campaign_id_campaign"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "slot", "pbx", name=op.f("pk_call_count")),
    )
    attempt = sa.table(
        "attempt",
        sa.column("campaign_id"),
        sa.column("pbx"),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("answered_at", sa.DateTime(timezone=True)),
        sa.column("outcome", sa.String()),
        sa.column("abandoned", sa.Boolean()),
    )
    connection = op.get_bind()
    last = connection.scalar(sa.select(sa.func.max(attempt.c.created_at)))
    if last is None:
        return
    machine = sa.func.coalesce(attempt.c.outcome, "") == "machine"
    rows = connection.execute(
        sa.select(
            attempt.c.campaign_id,
            attempt.c.pbx,
            attempt.c.created_at,
            attempt.c.answered_at.is_not(None) & ~machine,
            attempt.c.abandoned,
        ).where(
            attempt.c.campaign_id.is_not(None),
            attempt.c.created_at > last - LOOKED_BACK,
            attempt.c.answered_at.is_not(None) | attempt.c.abandoned,
        )
    )
    answered: Counter[tuple[int, datetime, str]] = Counter()
    abandoned: Counter[tuple[int, datetime, str]] = Counter()
    for campaign, pbx, at, person, alone in rows:
        key = campaign, at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0), pbx
        answered[key] += bool(person)
        abandoned[key] += bool(alone)
    count = sa.table(
        "call_count",
        sa.column("campaign_id"),
        sa.column("slot", sa.DateTime(timezone=True)),
        sa.column("pbx"),
        sa.column("answered"),
        sa.column("abandoned"),
    )
    filled = [
        {
            "campaign_id": key[0],
            "slot": key[1],
            "pbx": key[2],
            "answered": answered[key],
            "abandoned": abandoned[key],
        }
        for key in answered | abandoned
    ]
    if filled:
        connection.execute(sa.insert(count), filled)


def downgrade() -> None:
    op.drop_table("call_count")
