"""What agents said came of their calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dialer.core.calling.disposition import Disposition as Word
from dialer.db.models import Attempt, DispositionRow
from dialer.db.session import Transaction


def find(tx: Transaction, attempt: str) -> DispositionRow | None:
    """The disposition of one attempt."""
    return tx.scalar(select(DispositionRow).where(DispositionRow.attempt_id == attempt))


def add(tx: Transaction, **values: Any) -> None:
    """Write a disposition down."""
    tx.add(DispositionRow(**values))
    tx.flush()


def last_of_agents(tx: Transaction, since: datetime) -> Mapping[str, tuple[Word, datetime]]:
    """What each agent said last, and when; those who said nothing since then are left out."""
    last = (
        select(DispositionRow.agent, func.max(DispositionRow.id).label("id"))
        .where(DispositionRow.recorded_at >= since)
        .group_by(DispositionRow.agent)
        .subquery()
    )
    chosen = select(DispositionRow).join(last, last.c.id == DispositionRow.id)
    return {said.agent: (said.disposition, said.recorded_at) for said in tx.scalars(chosen)}


def last_lost(tx: Transaction, customer: int) -> datetime | None:
    """When this customer last turned an offer down."""
    return tx.scalar(
        select(func.max(DispositionRow.recorded_at))
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(Attempt.customer_id == customer, DispositionRow.disposition == Word.LOST)
    )


def counts(tx: Transaction, campaign: int) -> Mapping[Word, int]:
    """How often each word was said on one campaign."""
    chosen = (
        select(DispositionRow.disposition, func.count())
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(Attempt.campaign_id == campaign)
        .group_by(DispositionRow.disposition)
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}
