"""What is known of calls at chosen times: those booked, and who usually works when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, union_all

from dialer.db.models import Attempt, InboundCall, Promise
from dialer.db.session import Transaction


def booked(tx: Transaction, now: datetime) -> Sequence[tuple[str, datetime]]:
    """When the open promises of chosen times are to be rung, from now on, each with its queue."""
    chosen = select(Promise.queue, Promise.wanted_from).where(
        Promise.ended_at.is_(None), Promise.wanted_from >= now
    )
    return [(queue, at) for queue, at in tx.execute(chosen) if at is not None]


def wanted_between(tx: Transaction, since: datetime, until: datetime) -> Sequence[Promise]:
    """The promises that wait for a call within a span of time, in order of queue position."""
    chosen = select(Promise).where(
        Promise.ended_at.is_(None), Promise.next_action_at >= since, Promise.next_action_at < until
    )
    return tx.scalars(chosen.order_by(Promise.wanted_from, Promise.virtual_join, Promise.id)).all()


def talks(tx: Transaction, since: datetime) -> Sequence[tuple[str, datetime]]:
    """Which agents talked since, and when each talk began."""
    live = select(InboundCall.agent, InboundCall.connected_at).where(
        InboundCall.joined_at > since, InboundCall.agent.is_not(None), InboundCall.connected_at.is_not(None)
    )
    rung = select(Attempt.agent, Attempt.connected_at).where(
        Attempt.created_at > since, Attempt.agent.is_not(None), Attempt.connected_at.is_not(None)
    )
    found = tx.execute(union_all(live, rung))
    return [(agent, began) for agent, began in found if agent is not None and began is not None]
