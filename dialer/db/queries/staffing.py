"""What a queue's own past says of the callers to come: when they came, how long they waited, who gave up."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from dialer.db.models import InboundCall, Promise
from dialer.db.session import Transaction


class Stay(NamedTuple):
    """One caller's stay in the queue: `left_at` is None while it lasts."""

    joined_at: datetime
    left_at: datetime | None
    gave_up: bool


def stays(tx: Transaction, queue: str, since: datetime, until: datetime) -> Sequence[Stay]:
    """Who rang in at this queue in a span of time."""
    chosen = select(InboundCall.joined_at, InboundCall.left_at, InboundCall.abandoned).where(
        InboundCall.joined_at >= since, InboundCall.joined_at < until, InboundCall.queue == queue
    )
    return [Stay(*row) for row in tx.execute(chosen)]


def chosen_times(tx: Transaction, queue: str, since: datetime, until: datetime) -> Sequence[datetime]:
    """For when calls at chosen times were promised in this queue, those that are over among them."""
    chosen = select(Promise.wanted_from).where(
        Promise.wanted_from >= since, Promise.wanted_from < until, Promise.queue == queue
    )
    return [at for at in tx.scalars(chosen) if at is not None]
