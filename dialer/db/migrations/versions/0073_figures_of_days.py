"""Figures of days that are over are kept, and reports are sent by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "report_day",
        sa.Column("report", sa.String(24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("read_at", TIME, nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("report", "day", name=op.f("pk_report_day")),
    )
    op.create_table(
        "report_mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report", sa.String(24), nullable=False),
        sa.Column("rhythm", sa.String(24), nullable=False),
        sa.Column("grouping", sa.String(24), nullable=False),
        sa.Column("format", sa.String(24), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("added_by", sa.String(60), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("sent_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mailing")),
    )


def downgrade() -> None:
    op.drop_table("report_mailing")
    op.drop_table("report_day")
