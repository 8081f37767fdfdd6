"""What there is to know of a person besides the talks: promises, agreed calls, and the line to remember."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from dialer.core.calling.campaign import LeadState
from dialer.db.models import Lead, Promise, RememberLine
from dialer.db.session import Transaction


def remembered(tx: Transaction, customer: int, *, lock: bool = False) -> RememberLine | None:
    """The line to remember about a customer."""
    return tx.get(RememberLine, customer, with_for_update=True if lock else None)


def remember(tx: Transaction, customer: int, words: str, agent: str, now: datetime) -> None:
    """Keep a line about a customer, in place of the one before; an empty one is none."""
    row = remembered(tx, customer, lock=True)
    if row is None:
        tx.add(RememberLine(customer_id=customer, words=words, agent=agent, changed_at=now))
    elif not words:
        tx.delete(row)
    else:
        row.words, row.agent, row.changed_at = words, agent, now
    tx.flush()


def promises_of(tx: Transaction, customer: int | None, e164: str, limit: int) -> Sequence[Promise]:
    """The latest promises to a customer, or to a number, newest first."""
    whose = Promise.e164 == e164
    if customer is not None:
        whose = or_(whose, Promise.customer_id == customer)
    return tx.scalars(select(Promise).where(whose).order_by(Promise.id.desc()).limit(limit)).all()


def agreed_calls(tx: Transaction, customer: int) -> Sequence[datetime]:
    """When a customer is to be called again because they agreed on it."""
    chosen = select(Lead.next_at).where(
        Lead.customer_id == customer, Lead.state == LeadState.LISTED, Lead.asked_again
    )
    return tx.scalars(chosen.order_by(Lead.next_at)).all()
