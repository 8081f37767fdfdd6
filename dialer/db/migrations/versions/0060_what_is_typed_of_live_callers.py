"""What an agent types about a live caller is kept until it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_call", sa.Column("draft_note", sa.String(2000), nullable=False, server_default=""))
    op.add_column(
        "inbound_call", sa.Column("draft_call_again_at", sa.String(32), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("inbound_call") as call:
        call.drop_column("draft_call_again_at")
        call.drop_column("draft_note")
