"""Customers are found by how their name begins: its index passes over the case of letters."""

from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

FOLDED = {
    "postgresql": ("ix_customer_name_lower", '(lower(name) COLLATE "C"), id'),
    "sqlite": ("ix_customer_name_nocase", "name COLLATE NOCASE"),
}


def upgrade() -> None:
    name, of_what = FOLDED[op.get_bind().dialect.name]
    op.execute(f"CREATE INDEX {name} ON customer ({of_what})")
    op.drop_index("ix_customer_name", table_name="customer")


def downgrade() -> None:
    op.create_index("ix_customer_name", "customer", ["name"])
    op.drop_index(FOLDED[op.get_bind().dialect.name][0], table_name="customer")
