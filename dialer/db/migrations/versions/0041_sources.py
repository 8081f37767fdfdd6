"""Customer files have sources, which know who was in them; files that were handed in are on record."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "import_source",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("encoding", sa.String(40), nullable=False),
        sa.Column("sheet", sa.String(120), nullable=False),
        sa.Column("missing", sa.String(16), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.UniqueConstraint("name", name="uq_import_source_name"),
    )
    op.create_table(
        "source_member",
        sa.Column(
            "source_id", sa.Integer(), sa.ForeignKey("import_source.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "customer_id", sa.Integer(), sa.ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
    )
    op.create_index("ix_source_member_customer_id", "source_member", ["customer_id"])
    op.create_table(
        "received_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("path", sa.String(1000), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("missing", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("encoding", sa.String(40), nullable=False),
        sa.Column("sheet", sa.String(120), nullable=False),
        sa.Column("given", sa.JSON(), nullable=True),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("said", sa.String(2000), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=False),
    )
    op.create_index("ix_received_file_received_at", "received_file", ["received_at"])


def downgrade() -> None:
    op.drop_table("received_file")
    op.drop_table("source_member")
    op.drop_table("import_source")
