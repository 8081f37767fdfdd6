"""A promise may be an agent's own, waits are learned from all callers, a code may be spoken by a call."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ONE_REASON = "(lead_id IS NULL) <> (promise_id IS NULL)"
#: a call for a lead, for a promise, or to prove a number: exactly one of them
ONE_OF_THREE = (
    "(lead_id IS NOT NULL AND promise_id IS NULL AND wish_id IS NULL)"
    " OR (lead_id IS NULL AND promise_id IS NOT NULL AND wish_id IS NULL)"
    " OR (lead_id IS NULL AND promise_id IS NULL AND wish_id IS NOT NULL)"
)


def upgrade() -> None:
    op.add_column("promise", sa.Column("owner", sa.String(60), nullable=True))
    op.add_column("promise", sa.Column("handed_on_at", TIME, nullable=True))
    op.add_column("told_wait", sa.Column("staffing_s", sa.Double(), nullable=True))
    op.create_index("ix_told_wait_queue_asked_at", "told_wait", ["queue", "asked_at"])
    op.add_column(
        "callback_wish", sa.Column("way", sa.String(24), nullable=False, server_default=sa.text("'text'"))
    )
    op.add_column("callback_wish", sa.Column("rung_from", TIME, nullable=True))
    op.add_column("callback_wish", sa.Column("spoken_at", TIME, nullable=True))
    op.create_index(
        "ix_callback_wish_due",
        "callback_wish",
        ["rung_from"],
        sqlite_where=sa.text("rung_from IS NOT NULL"),
        postgresql_where=sa.text("rung_from IS NOT NULL"),
    )
    _change_reason(ONE_OF_THREE, wish=True)
    op.create_index(op.f("ix_attempt_wish_id"), "attempt", ["wish_id"])


def downgrade() -> None:
    op.execute(
        "DELETE FROM disposition WHERE attempt_id IN (SELECT id FROM attempt WHERE wish_id IS NOT NULL)"
    )
    op.execute("DELETE FROM attempt WHERE wish_id IS NOT NULL")
    op.drop_index(op.f("ix_attempt_wish_id"), "attempt")
    _change_reason(ONE_REASON, wish=False)
    op.drop_index("ix_callback_wish_due", "callback_wish")
    for column in ("spoken_at", "rung_from", "way"):
        op.drop_column("callback_wish", column)
    op.drop_index("ix_told_wait_queue_asked_at", "told_wait")
    op.drop_column("told_wait", "staffing_s")
    op.drop_column("promise", "handed_on_at")
    op.drop_column("promise", "owner")


def _change_reason(condition: str, *, wish: bool) -> None:
    """SQLite writes the table anew: it can change no constraint of one that stands."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_attempt_one_reason"), "attempt", type_="check")
        if wish:
            op.add_column("attempt", sa.Column("wish_id", sa.Integer(), nullable=True))
        else:
            op.drop_column("attempt", "wish_id")
        op.create_check_constraint(op.f("ck_attempt_one_reason"), "attempt", condition)
        return
    with op.batch_alter_table("attempt", recreate="always") as attempt:
        if wish:
            attempt.add_column(sa.Column("wish_id", sa.Integer(), nullable=True))
        else:
            attempt.drop_column("wish_id")
        attempt.create_check_constraint(op.f("ck_attempt_one_reason"), condition)
