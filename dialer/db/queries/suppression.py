"""The numbers that must not be rung."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from dialer.db.models import DoNotCall
from dialer.db.session import Transaction


def find(tx: Transaction, e164: str) -> DoNotCall | None:
    """The entry for a number."""
    return tx.get(DoNotCall, e164)


def add(tx: Transaction, entry: DoNotCall) -> bool:
    """Put a number on the list; False where it stands there already, with its first reason and date."""
    if find(tx, entry.e164) is not None:
        return False
    tx.add(entry)
    tx.flush()
    return True


def remove(tx: Transaction, e164: str) -> bool:
    """Take a number off the list; False where it was not on it."""
    gone = delete(DoNotCall).where(DoNotCall.e164 == e164).returning(DoNotCall.e164)
    return tx.scalar(gone) is not None


def latest(tx: Transaction, limit: int) -> Sequence[DoNotCall]:
    """The newest entries."""
    return tx.scalars(
        select(DoNotCall).order_by(DoNotCall.added_at.desc(), DoNotCall.e164).limit(limit)
    ).all()
