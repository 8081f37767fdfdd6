"""Duties: which are due, and the one statement by which one worker of many takes one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.timetable import Duty
from dialer.db.models import DutyRow
from dialer.db.session import Transaction

FREE = DutyRow.held_until.is_(None)


def every(tx: Transaction) -> Sequence[DutyRow]:
    """Every duty that is written down."""
    return tx.scalars(select(DutyRow)).all()


def add(tx: Transaction, name: Duty, rule: str, due_at: datetime | None) -> None:
    """Write a duty down, unless somebody else did."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(DutyRow).values(name=name, rule=rule, due_at=due_at, tries=0, end="", said="", figures={})
    tx.execute(fresh.on_conflict_do_nothing(index_elements=[DutyRow.name]))


def change(tx: Transaction, name: Duty, **values: Any) -> None:
    """Change what is written of a duty, whoever holds it."""
    tx.execute(update(DutyRow).where(DutyRow.name == name).values(**values))


def due(tx: Transaction, now: datetime) -> Sequence[Duty]:
    """The duties that are due and that nobody is at, the longest due first."""
    chosen = select(DutyRow.name).where(DutyRow.due_at <= now, or_(FREE, DutyRow.held_until <= now))
    return tx.scalars(chosen.order_by(DutyRow.due_at, DutyRow.name)).all()


def take(
    tx: Transaction, name: Duty, holder: str, *, now: datetime, until: datetime, due_only: bool
) -> int | None:
    """Take a duty that is free, and due if `due_only`; how often it was begun by now, or None."""
    chosen = update(DutyRow).where(DutyRow.name == name, or_(FREE, DutyRow.held_until <= now))
    if due_only:
        chosen = chosen.where(DutyRow.due_at <= now)
    values = {"holder": holder, "held_until": until, "tries": DutyRow.tries + 1, "began_at": now}
    return tx.scalar(chosen.values(values).returning(DutyRow.tries))


def change_held(tx: Transaction, name: Duty, by: str, **values: Any) -> bool:
    """Change a duty while it is held by this holder; False where it no longer is."""
    chosen = update(DutyRow).where(DutyRow.name == name, DutyRow.holder == by)
    return tx.scalar(chosen.values(**values).returning(DutyRow.name)) is not None
