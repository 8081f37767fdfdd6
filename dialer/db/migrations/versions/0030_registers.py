"""Registers of numbers that want no marketing calls come as files, and a newer file replaces the older."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("dated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
        sa.UniqueConstraint("name", name=op.f("uq_register_name")),
    )
    op.create_table(
        "registered_number",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("register_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("number", "register_id", name=op.f("pk_registered_number")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("registered_number")
    op.drop_table("register")
