"""Acts are found by who did them, by what they were and by what they are about; customers by their name."""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

AUDIT = ("actor", "action", "subject")
NAMES = "ix_customer_name"


def upgrade() -> None:
    for column in AUDIT:
        op.create_index(f"ix_audit_{column}_at", "audit", [column, "at"])
    op.create_index(NAMES, "customer", ["name"])


def downgrade() -> None:
    op.drop_index(NAMES, table_name="customer")
    for column in AUDIT:
        op.drop_index(f"ix_audit_{column}_at", table_name="audit")
