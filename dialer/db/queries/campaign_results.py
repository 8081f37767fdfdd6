"""What came of a campaign's calls, counted by hour, agent, offer and reason."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, case, cast, func, select

from dialer.core.calling.disposition import Disposition
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.retention.given_offer import GivenState
from dialer.db.models import Attempt, DispositionRow, GivenOffer, RetentionOffer
from dialer.db.session import Transaction
from telephony.calls.events import Outcome

HOUR_S = 3600


class CallSums(NamedTuple):
    """Calls of one kind: rung, answered by a person, connected, left alone, and what agents said."""

    calls: int
    answered: int
    connected: int
    abandoned: int
    saved: int
    lost: int


def by_hour(tx: Transaction, campaign: int, since: datetime) -> Sequence[tuple[datetime, CallSums]]:
    """By the hour of UTC in which they were rung; half-hour zones are told by the whole hour."""
    seconds: ColumnElement[int]
    if tx.get_bind().dialect.name == "postgresql":
        seconds = cast(func.extract("epoch", Attempt.created_at), Integer)
    else:
        seconds = cast(func.strftime("%s", Attempt.created_at), Integer)
    hour = (seconds - seconds % HOUR_S).label("hour")
    return [(datetime.fromtimestamp(at, UTC), counted) for at, counted in _counted(tx, campaign, since, hour)]


def by_agent(tx: Transaction, campaign: int, since: datetime) -> Sequence[tuple[str, CallSums]]:
    """By the agent who talked; calls without one are left out."""
    found = _counted(tx, campaign, since, Attempt.agent)
    return [(agent, counted) for agent, counted in found if agent is not None]


def by_reason(
    tx: Transaction, campaign: int, since: datetime
) -> Sequence[tuple[ContactReason | None, CallSums]]:
    """By why the customer and we talked, of connected calls; None: nobody said."""
    found = _counted(tx, campaign, since, Attempt.contact_reason)
    return [(reason, counted) for reason, counted in found if counted.connected]


def by_offer(tx: Transaction, campaign: int, since: datetime) -> Sequence[tuple[str, int, int, int, float]]:
    """By offer: given, taken (the customer was saved), turned down, and what those taken cost."""
    word = DispositionRow.disposition
    chosen = (
        select(
            RetentionOffer.name,
            func.count(),
            _sum(word == Disposition.SAVED),
            _sum(word == Disposition.LOST),
            func.coalesce(func.sum(case((word == Disposition.SAVED, GivenOffer.cost), else_=0.0)), 0.0),
        )
        .select_from(Attempt)
        .join(GivenOffer, GivenOffer.attempt_id == Attempt.id)
        .join(RetentionOffer, RetentionOffer.id == GivenOffer.offer_id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(
            Attempt.campaign_id == campaign,
            Attempt.created_at >= since,
            GivenOffer.state == GivenState.GIVEN,
        )
        .group_by(RetentionOffer.name)
        .order_by(RetentionOffer.name)
    )
    return [
        (name, given, int(taken), int(turned_down), float(cost))
        for name, given, taken, turned_down, cost in tx.execute(chosen)
    ]


def _counted(
    tx: Transaction, campaign: int, since: datetime, key: ColumnElement[Any] | Any
) -> list[tuple[Any, CallSums]]:
    person = Attempt.answered_at.is_not(None) & (
        Attempt.outcome.is_(None) | (Attempt.outcome != Outcome.MACHINE)
    )
    counts = (
        _sum(Attempt.consumed_at.is_not(None)),
        _sum(person),
        _sum(Attempt.connected_at.is_not(None)),
        _sum(Attempt.abandoned),
        _sum(DispositionRow.disposition == Disposition.SAVED),
        _sum(DispositionRow.disposition == Disposition.LOST),
    )
    chosen = (
        select(key, *counts)
        .select_from(Attempt)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(Attempt.campaign_id == campaign, Attempt.created_at >= since)
        .group_by(key)
    )
    return [(each, CallSums(*map(int, sums))) for each, *sums in tx.execute(chosen)]


def _sum(what: ColumnElement[bool] | Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((what, 1), else_=0)), 0)
