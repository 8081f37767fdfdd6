"""Live calls are found by their channel; customers are asked how it went, by text, and answer."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
CALLER = "ix_inbound_call_caller"


def upgrade() -> None:
    op.create_index(CALLER, "inbound_call", ["caller"])


def downgrade() -> None:
    op.drop_index(CALLER, table_name="inbound_call")
