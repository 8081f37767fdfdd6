"""Schedule: which are due, and the one statement by which one worker of many takes one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.schedule import ScheduledJob
from dialer.db.models import ScheduledJobRow
from dialer.db.session import Transaction

FREE = ScheduledJobRow.held_until.is_(None)


def every(tx: Transaction) -> Sequence[ScheduledJobRow]:
    """Every scheduled job that is written down."""
    return tx.scalars(select(ScheduledJobRow)).all()


def add(tx: Transaction, name: ScheduledJob, rule: str, due_at: datetime | None) -> None:
    """Write a scheduled job down, unless somebody else did."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(ScheduledJobRow).values(
        name=name, rule=rule, due_at=due_at, tries=0, end="", said="", figures={}
    )
    tx.execute(fresh.on_conflict_do_nothing(index_elements=[ScheduledJobRow.name]))


def change(tx: Transaction, name: ScheduledJob, **values: Any) -> None:
    """Change what is written of a scheduled job, whoever holds it."""
    tx.execute(update(ScheduledJobRow).where(ScheduledJobRow.name == name).values(**values))


def due(tx: Transaction, now: datetime) -> Sequence[ScheduledJob]:
    """The scheduled jobs that are due and that nobody is at, the longest due first."""
    chosen = select(ScheduledJobRow.name).where(
        ScheduledJobRow.due_at <= now, or_(FREE, ScheduledJobRow.held_until <= now)
    )
    return tx.scalars(chosen.order_by(ScheduledJobRow.due_at, ScheduledJobRow.name)).all()


def take(
    tx: Transaction, name: ScheduledJob, holder: str, *, now: datetime, until: datetime, due_only: bool
) -> int | None:
    """Take a scheduled job that is free, and due if `due_only`; how often it was begun by now, or None."""
    chosen = update(ScheduledJobRow).where(
        ScheduledJobRow.name == name, or_(FREE, ScheduledJobRow.held_until <= now)
    )
    if due_only:
        chosen = chosen.where(ScheduledJobRow.due_at <= now)
    values = {"holder": holder, "held_until": until, "tries": ScheduledJobRow.tries + 1, "began_at": now}
    return tx.scalar(chosen.values(values).returning(ScheduledJobRow.tries))


def change_held(tx: Transaction, name: ScheduledJob, by: str, **values: Any) -> bool:
    """Change a scheduled job while it is held by this holder; False where it no longer is."""
    chosen = update(ScheduledJobRow).where(ScheduledJobRow.name == name, ScheduledJobRow.holder == by)
    return tx.scalar(chosen.values(**values).returning(ScheduledJobRow.name)) is not None
