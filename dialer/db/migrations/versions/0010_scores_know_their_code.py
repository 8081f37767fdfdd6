"""Scores know the code that made them; outcomes and the audit cannot be changed by anybody."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: rows of a person who is erased may go; none may be made to say something else
ADDED_TO_ONLY = ("customer_outcome", "audit")


def upgrade() -> None:
    op.add_column("score", sa.Column("code", sa.String(length=32), nullable=False, server_default=""))
    for table in ADDED_TO_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )


def downgrade() -> None:
    for table in ADDED_TO_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_stays ON {table}")
            op.execute(f"DROP FUNCTION {table}_stays()")
        else:
            op.execute(f"DROP TRIGGER {table}_stays")
    op.drop_column("score", "code")
