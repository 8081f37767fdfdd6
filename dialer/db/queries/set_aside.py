"""Facts about calls that could not be written."""

from datetime import datetime

from sqlalchemy import func, select

from dialer.db.models import SetAsideFact
from dialer.db.session import Transaction


def add(tx: Transaction, row: SetAsideFact) -> None:
    """Keep one."""
    tx.add(row)


def count_since(tx: Transaction, since: datetime) -> int:
    """How many were set aside since."""
    return tx.scalar(select(func.count()).where(SetAsideFact.at >= since)) or 0


def newest(tx: Transaction) -> SetAsideFact | None:
    """The latest one."""
    return tx.scalar(select(SetAsideFact).order_by(SetAsideFact.id.desc()).limit(1))
