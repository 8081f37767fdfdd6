"""The numbers that are never called back, because somebody there did not ask for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from dialer.db.models import CallbackBlock
from dialer.db.session import Transaction


def find(tx: Transaction, e164: str) -> CallbackBlock | None:
    """The entry for a number."""
    return tx.scalar(select(CallbackBlock).where(CallbackBlock.e164 == e164))


def get(tx: Transaction, block: int) -> CallbackBlock | None:
    """One entry, by its own number."""
    return tx.get(CallbackBlock, block)


def add(tx: Transaction, e164: str, reason: str, source: str, now: datetime) -> bool:
    """Block a number; False where it is blocked already, with its first reason and date."""
    if find(tx, e164) is not None:
        return False
    tx.add(CallbackBlock(e164=e164, reason=reason, source=source, added_at=now))
    tx.flush()
    return True


def remove(tx: Transaction, entry: CallbackBlock) -> None:
    """Take an entry away."""
    tx.delete(entry)
    tx.flush()


def latest(tx: Transaction, limit: int) -> Sequence[CallbackBlock]:
    """The newest entries."""
    newest = select(CallbackBlock).order_by(CallbackBlock.added_at.desc(), CallbackBlock.id.desc())
    return tx.scalars(newest.limit(limit)).all()
