"""What an agent says came of a live caller's call, and whose wrap-up it ends."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("caller", sa.String(150), nullable=True))
    op.add_column("inbound_call", sa.Column("disposition", sa.String(24), nullable=True))
    op.add_column("inbound_call", sa.Column("note", sa.String(2000), nullable=False, server_default=""))
    op.add_column("inbound_call", sa.Column("call_again_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbound_call", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbound_call") as call:
        for column in ("recorded_at", "call_again_at", "note", "disposition"):
            call.drop_column(column)
    with op.batch_alter_table("agent") as agent:
        agent.drop_column("caller")
