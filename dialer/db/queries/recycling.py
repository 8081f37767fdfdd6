"""Leads that are done with, by what came of them and when."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Attempt, DispositionRow, Lead
from dialer.db.session import Transaction


def never_reached(tx: Transaction, campaign: int, before: datetime) -> Sequence[int]:
    """Leads whose attempts are used up, the last of them before this moment."""
    later = select(Attempt.id).where(Attempt.lead_id == Lead.id, Attempt.created_at >= before)
    chosen = select(Lead.id).where(
        Lead.campaign_id == campaign, Lead.state == LeadState.EXHAUSTED, ~later.exists()
    )
    return tx.scalars(chosen.order_by(Lead.id)).all()


def ended_with(
    tx: Transaction, campaign: int, words: Collection[Disposition], before: datetime
) -> Sequence[int]:
    """Leads that are done with, of whose last call one of these words was said before this moment."""
    later = aliased(Attempt)
    newer = select(later.id).where(later.lead_id == Lead.id, later.created_at > Attempt.created_at)
    chosen = (
        select(Lead.id)
        .join(Attempt, Attempt.lead_id == Lead.id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id)
        .where(
            Lead.campaign_id == campaign,
            Lead.state == LeadState.DONE,
            DispositionRow.disposition.in_(words),
            DispositionRow.recorded_at < before,
            ~newer.exists(),
        )
    )
    return tx.scalars(chosen.order_by(Lead.id)).all()


def with_ids(tx: Transaction, ids: Collection[int]) -> Sequence[Lead]:
    """These leads."""
    return tx.scalars(select(Lead).where(Lead.id.in_(ids)).with_for_update()).all()
