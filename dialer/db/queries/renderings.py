"""What an engine last saw of the files it renders, one row for each PBX."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from dialer.db.models import RenderingRow
from dialer.db.session import Transaction


def all_of(tx: Transaction) -> Sequence[RenderingRow]:
    """Every PBX's, by name."""
    return tx.scalars(select(RenderingRow).order_by(RenderingRow.pbx)).all()


def of(tx: Transaction, pbx: str) -> RenderingRow | None:
    """One PBX's."""
    return tx.get(RenderingRow, pbx)


def is_asked(tx: Transaction, pbx: str) -> bool:
    """Whether somebody waits for it."""
    chosen = select(RenderingRow.pbx).where(RenderingRow.pbx == pbx, RenderingRow.asked_at.is_not(None))
    return tx.scalar(chosen) is not None


def keep(tx: Transaction, pbx: str, **values: Any) -> None:
    """Write these columns down; the first time the look at it has to be among them."""
    changed = update(RenderingRow).where(RenderingRow.pbx == pbx).values(**values).returning(RenderingRow.pbx)
    if tx.scalar(changed) is None:
        tx.add(RenderingRow(pbx=pbx, **values))
        tx.flush()
