"""The promises whose next call is due, and when the next one is: asked at every turn."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, select

from callbacks.lifecycle import PromiseState
from dialer.db.base import UtcDateTime, written_out
from dialer.db.models import Attempt, Promise
from dialer.db.session import Transaction


class DuePromiseRow(NamedTuple):
    """What a turn has to know of a promise."""

    id: int
    queue: str
    owner: str | None
    source_call: str
    virtual_join: datetime
    next_action_at: datetime


_WAITING: Final = written_out(PromiseState.WAITING)
_DUE: Final = (
    select(*(getattr(Promise, name) for name in DuePromiseRow._fields))
    .where(
        Promise.state == _WAITING,
        Promise.next_action_at <= bindparam("now", type_=UtcDateTime),
        Promise.held_since.is_(None),
        ~exists().where(Attempt.e164 == Promise.e164, Attempt.ended_at.is_(None)),
    )
    .order_by(Promise.virtual_join, Promise.id)
    .limit(bindparam("at_most"))
)


def due(tx: Transaction, now: datetime, limit: int) -> list[DuePromiseRow]:
    """The promises to keep next, by the moment their callers joined; none whose number is in the air."""
    found = tx.connection().execute(_DUE, {"now": now, "at_most": limit})  # mostly nobody: past the session
    return [DuePromiseRow._make(row) for row in found]


#: when the first waiting promise that nobody holds is due, or was, as a column of another question
NEXT_MOMENT: Final = (
    select(Promise.next_action_at)
    .where(Promise.state == _WAITING, Promise.held_since.is_(None))
    .where(Promise.next_action_at.is_not(None))
    .order_by(Promise.next_action_at)
    .limit(1)
    .scalar_subquery()
)


def due_within(tx: Transaction, now: datetime, until: datetime) -> dict[str, str]:
    """The queues of those promises that are not due yet but will be then, by the calls they were made in."""
    chosen = select(Promise.source_call, Promise.queue).where(
        Promise.state == _WAITING,
        Promise.next_action_at > now,
        Promise.next_action_at <= until,
        Promise.held_since.is_(None),
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}
