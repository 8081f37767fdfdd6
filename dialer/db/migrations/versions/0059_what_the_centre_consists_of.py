"""Agents, queues, pause reasons, words, trunks and numbers are rows; agents in several teams have weights."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

POSITION = ("position", sa.Integer())


def upgrade() -> None:
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outbound_queue", sa.String(60), nullable=False),
        sa.Column("hours", sa.String(400), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre")),
    )
    op.create_table(
        "staff_agent",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(120), nullable=True),
        sa.Column("headset", sa.String(120), nullable=True),
        sa.Column("hint", sa.String(130), nullable=True),
        sa.Column("code", sa.String(8), nullable=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_agent")),
    )
    op.create_table(
        "inbound_queue",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.Column("team_id", sa.String(60), nullable=True),
        sa.Column("adopt", sa.Boolean(), nullable=False),
        sa.Column("music", sa.String(60), nullable=True),
        sa.Column("announce_every_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_queue")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_inbound_queue_team_id_team")),
    )
    op.create_table(
        "pause_reason",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_reason")),
    )
    op.create_table(
        "disposition_word",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("meaning", sa.String(24), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition_word")),
    )
    op.create_table(
        "trunk",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.Column("dial", sa.String(240), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("calls_per_second", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trunk")),
    )
    op.create_table(
        "number_shown",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column(*POSITION, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("team_id", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_shown")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_number_shown_team_id_team")),
    )
    op.add_column("team", sa.Column("queue", sa.String(60), nullable=True))
    op.add_column("team_agent", sa.Column("weight", sa.Double(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("team_agent", "weight")
    op.drop_column("team", "queue")
    for table in (
        "number_shown",
        "trunk",
        "disposition_word",
        "pause_reason",
        "inbound_queue",
        "staff_agent",
        "centre",
    ):
        op.drop_table(table)
