"""Who did what, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from dialer.db.evidence_log import will_seal
from dialer.db.models import Audit
from dialer.db.session import Transaction


def add(  # noqa: PLR0917 - a line of the audit in the order it is read
    tx: Transaction, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]
) -> None:
    """Write one line, which the decision log takes up as the transaction ends."""
    act = Audit(at=at, actor=actor[:120], action=action, subject=subject[:120], details=dict(details))
    tx.add(act)
    will_seal(tx, act)


def of_action(tx: Transaction, action: str, since: datetime) -> Sequence[Audit]:
    """The lines about one kind of action since, oldest first."""
    chosen = select(Audit).where(Audit.at >= since, Audit.action == action)
    return tx.scalars(chosen.order_by(Audit.at, Audit.id)).all()


def of_subject(tx: Transaction, actions: str, subject: str, since: datetime, limit: int) -> Sequence[Audit]:
    """The newest lines about one subject since, of the actions that begin so."""
    chosen = select(Audit).where(
        Audit.subject == subject, Audit.at >= since, Audit.action.startswith(actions, autoescape=True)
    )
    return tx.scalars(chosen.order_by(Audit.at.desc(), Audit.id.desc()).limit(limit)).all()


def latest(tx: Transaction, limit: int) -> Sequence[Audit]:
    """The newest lines."""
    return tx.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit)).all()
