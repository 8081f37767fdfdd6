"""Tables and columns by the field's standard names; every row stays.

Constraints and indexes take the names that follow from their table, so that later steps find them by rule.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = {
    "place": "dialing_region",
    "callers_heard": "inbound_arrival",
    "contact_learned": "contact_model",
    "save_rate_settled": "save_rate_estimate",
    "customer_past": "customer_snapshot",
    "customer_outcome": "churn_label",
    "duty": "scheduled_job",
    "engine_view": "engine_dashboard",
}
POINTING_AT_REGIONS = ("lead", "customer_number")
INDEXES = {  # table: indexed columns, under its old and its new name
    ("customer_outcome", "churn_label"): ("customer_id", "known_at"),
}


def upgrade() -> None:
    for before, after in TABLES.items():
        op.rename_table(before, after)
    for table in POINTING_AT_REGIONS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN place_id TO dialing_region_id")
    for (before, after), columns in INDEXES.items():
        _rename_indexes(after, before, after, columns)
    if op.get_bind().dialect.name == "postgresql":
        _rename_constraints(TABLES, before="place", after="dialing_region")
    else:
        with op.batch_alter_table("dialing_region", recreate="always") as region:
            region.drop_constraint("uq_place_key", type_="unique")
            region.create_unique_constraint("uq_dialing_region_key", ["key"])


def downgrade() -> None:
    back = {after: before for before, after in TABLES.items()}
    if op.get_bind().dialect.name == "postgresql":
        _rename_constraints(back, before="dialing_region", after="place")
    else:
        with op.batch_alter_table("dialing_region", recreate="always") as region:
            region.drop_constraint("uq_dialing_region_key", type_="unique")
            region.create_unique_constraint("uq_place_key", ["key"])
    for (before, after), columns in INDEXES.items():
        _rename_indexes(after, after, before, columns)
    for table in POINTING_AT_REGIONS:
        op.execute(f"ALTER TABLE {table} RENAME COLUMN dialing_region_id TO place_id")
    for after, before in back.items():
        op.rename_table(after, before)


def _rename_indexes(table: str, before: str, after: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        op.drop_index(f"ix_{before}_{column}", table_name=table)
        op.create_index(f"ix_{after}_{column}", table, [column])


def _rename_constraints(tables: dict[str, str], *, before: str, after: str) -> None:
    """PostgreSQL keeps a constraint's name when its table is renamed.

    On the way up the tables have their new names by now, on the way down they still have them.
    """
    inspector = sa.inspect(op.get_bind())
    for old, new in tables.items():
        table = new if new in inspector.get_table_names() else old
        for name in _names(inspector, table):
            if old in name:
                op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {name.replace(old, new)}")
    for table in POINTING_AT_REGIONS:
        for key in inspector.get_foreign_keys(table):
            name = key["name"] or ""
            if before in name:
                op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {name.replace(before, after)}")


def _names(inspector: sa.Inspector, table: str) -> list[str]:
    found = [inspector.get_pk_constraint(table)["name"]]
    found += [key["name"] for key in inspector.get_foreign_keys(table)]
    found += [key["name"] for key in inspector.get_unique_constraints(table)]
    return [name for name in found if name]
