"""A row that a file brings again unchanged is told by its digest, and nothing else of it is read.

Customers of before have none; the next file gives them theirs. The index of numbers by customer goes: the one
that holds a customer's numbers apart begins with the same column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer", sa.Column("row_digest", sa.String(32), nullable=True))
    op.drop_index("ix_customer_number_customer_id", table_name="customer_number")


def downgrade() -> None:
    op.create_index("ix_customer_number_customer_id", "customer_number", ["customer_id"])
    op.drop_column("customer", "row_digest")
