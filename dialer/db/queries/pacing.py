"""What earlier calls tell a pacer: answers, talks and wrap-ups, and today's calls one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, true

from dialer.db.models import Attempt, Campaign, DispositionRow
from dialer.db.session import Transaction
from telephony.calls.events import Outcome

Span = tuple[datetime, datetime]


class Talk(NamedTuple):
    """One conversation: whose, how long, when it ended, and what its agent said and wrote when."""

    agent: str
    talk_s: float
    ended: datetime
    recorded: datetime | None  # the disposition
    closing: datetime | None  # said to be about to end
    wrap_closing: datetime | None  # the same of the wrap-up


def _rung() -> tuple[ColumnElement[bool], ...]:
    """Calls to leads that rang, whose end is known, and that failed for no reason of ours."""
    return (
        Attempt.lead_id.is_not(None),
        Attempt.consumed_at.is_not(None),
        Attempt.ended_at.is_not(None),
        Attempt.counted.is_(True),
        or_(Attempt.outcome.is_(None), Attempt.outcome != Outcome.UNKNOWN),
    )


def of_campaign(campaign: int) -> ColumnElement[bool]:
    """Attempts of one campaign."""
    return Attempt.campaign_id == campaign


def of_everybody() -> ColumnElement[bool]:
    """All attempts, promises' too."""
    return true()


def of_purpose(purpose: str) -> ColumnElement[bool]:
    """Attempts of all campaigns of one purpose."""
    return Attempt.campaign_id.in_(select(Campaign.id).where(Campaign.purpose == purpose))


def count_answers(tx: Transaction, whose: ColumnElement[bool], spans: Sequence[Span]) -> tuple[int, int]:
    """Calls placed in any of these spans, and how many of them somebody answered."""
    chosen = select(func.count(), func.count(Attempt.answered_at)).where(
        *_rung(), whose, or_(*(Attempt.created_at.between(since, until) for since, until in spans))
    )
    placed, answered = tx.execute(chosen).one()
    return placed, answered


def rung_since(
    tx: Transaction, campaign: int, since: datetime, limit: int
) -> list[tuple[str, datetime, datetime | None, datetime]]:
    """A campaign's newest calls that ended: attempt, placed, answered, ended; in the order they ended."""
    chosen = (
        select(Attempt.id, Attempt.created_at, Attempt.answered_at, Attempt.ended_at)
        .where(*_rung(), Attempt.campaign_id == campaign, Attempt.created_at >= since)
        .order_by(Attempt.ended_at.desc(), Attempt.id)
        .limit(limit)
    )
    rows = [
        (attempt, placed, answered, ended)
        for attempt, placed, answered, ended in tx.execute(chosen)
        if ended is not None
    ]
    return rows[::-1]


def talks_between(
    tx: Transaction, whose: ColumnElement[bool], since: datetime, until: datetime, limit: int
) -> list[Talk]:
    """The newest conversations, oldest first."""
    chosen = (
        select(
            Attempt.agent,
            Attempt.talk_s,
            Attempt.ended_at,
            DispositionRow.recorded_at,
            Attempt.closing_at,
            Attempt.wrap_closing_at,
        )
        .outerjoin(DispositionRow, DispositionRow.attempt_id == Attempt.id)
        .where(whose, Attempt.created_at >= since, Attempt.created_at < until)
        .where(Attempt.ended_at.is_not(None), Attempt.talk_s > 0.0, Attempt.agent.is_not(None))
        .order_by(Attempt.ended_at.desc(), Attempt.id)
        .limit(limit)
    )
    rows = [
        Talk(agent, talk_s, ended, *said)
        for agent, talk_s, ended, *said in tx.execute(chosen)
        if agent is not None and talk_s is not None and ended is not None
    ]
    return rows[::-1]
