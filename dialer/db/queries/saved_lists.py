"""Lists that are saved by name."""

from collections.abc import Sequence

from sqlalchemy import select

from dialer.db.models import SavedList
from dialer.db.session import Transaction


def all_of(tx: Transaction) -> Sequence[SavedList]:
    """Every saved list by name."""
    return tx.scalars(select(SavedList).order_by(SavedList.name)).all()


def find(tx: Transaction, key: int) -> SavedList | None:
    """The saved list with this id."""
    return tx.get(SavedList, key)


def named(tx: Transaction, name: str, *, lock: bool = False) -> SavedList | None:
    """The saved list of this name; `lock`: which nobody else changes until the transaction ends."""
    chosen = select(SavedList).where(SavedList.name == name)
    return tx.scalar(chosen.with_for_update() if lock else chosen)
