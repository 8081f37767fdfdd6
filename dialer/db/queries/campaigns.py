"""Campaigns and what came of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from dialer.db.models import Attempt, Campaign
from dialer.db.session import Transaction
from telephony.calls.events import Outcome


def add(tx: Transaction, **values: Any) -> Campaign:
    """Write a campaign down."""
    campaign = Campaign(**values)
    tx.add(campaign)
    tx.flush()
    return campaign


def named(tx: Transaction, name: str) -> Campaign | None:
    """The campaign with this name."""
    return tx.scalar(select(Campaign).where(Campaign.name == name))


def find(tx: Transaction, campaign: int) -> Campaign | None:
    """The campaign with this id."""
    return tx.get(Campaign, campaign)


def lock(tx: Transaction, campaign: int) -> Campaign | None:
    """One campaign, which nobody else changes until the transaction ends."""
    return tx.scalar(select(Campaign).where(Campaign.id == campaign).with_for_update())


def all_of(tx: Transaction, limit: int | None = None) -> Sequence[Campaign]:
    """Every campaign, newest first; the newest `limit` of them."""
    return tx.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit)).all()


def call_counts(
    tx: Transaction, *, since: datetime | None = None, campaign: int | None = None
) -> dict[str, int]:
    """Attempts, and how many of them were rung, answered by a person, connected, abandoned."""
    sums = _call_sums()
    chosen = select(*sums.values()).select_from(Attempt)
    if since is not None:
        chosen = chosen.where(Attempt.created_at >= since)
    if campaign is not None:
        chosen = chosen.where(Attempt.campaign_id == campaign)
    return {name: int(value) for name, value in zip(sums, tx.execute(chosen).one(), strict=True)}


def call_counts_by_team(tx: Transaction, since: datetime) -> dict[str | None, dict[str, int]]:
    """The same since a moment by the campaign's team; None: of no team, or of no campaign."""
    sums = _call_sums()
    chosen = (
        select(Campaign.team_id, *sums.values())
        .select_from(Attempt)
        .outerjoin(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.created_at >= since)
        .group_by(Campaign.team_id)
    )
    return {
        team: {name: int(value) for name, value in zip(sums, counts, strict=True)}
        for team, *counts in tx.execute(chosen)
    }


def _call_sums() -> dict[str, ColumnElement[int]]:
    person = Attempt.answered_at.is_not(None) & (
        Attempt.outcome.is_(None) | (Attempt.outcome != Outcome.MACHINE)
    )
    counted = {
        "attempts": Attempt.id.is_not(None),
        "rung": Attempt.consumed_at.is_not(None),
        "answered": person,
        "connected": Attempt.connected_at.is_not(None),
        "abandoned": Attempt.abandoned,
    }
    return {name: func.coalesce(func.sum(case((what, 1), else_=0)), 0) for name, what in counted.items()}
