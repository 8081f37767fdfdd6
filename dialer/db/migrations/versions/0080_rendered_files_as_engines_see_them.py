"""What an engine last saw of the files it renders for its PBX, who asks for them, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rendering",
        sa.Column("pbx", sa.String(60), nullable=False),
        sa.Column("looked_at", TIME, nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("asked_by", sa.String(120), nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("done_well", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.String(2000), nullable=True),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_rendering")),
    )


def downgrade() -> None:
    op.drop_table("rendering")
