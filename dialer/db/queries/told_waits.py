"""What callers were told of their waits, and how long they were."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Subquery, func, select

from callbacks.wait_history import Guesses, KnownWait, WaitMethod
from dialer.db.models import Attempt, Promise, ToldWait
from dialer.db.session import Transaction

ASKED_BEFORE: Final = timedelta(days=2)  # a call comes a night after it was asked for, seldom two


class Told(NamedTuple):
    """One wait as it was told, in seconds, and how long it was."""

    wait_s: float
    middle_s: float
    width_s: float


class FirstCalled(NamedTuple):
    """A wait that came to be known, and when."""

    called_at: datetime
    wait: KnownWait


def keep(
    tx: Transaction, call: str, queue: str, *, asked_at: datetime, hour: int, guesses: Guesses
) -> ToldWait:
    """Write what the methods guessed; who asks again in the same call is told anew."""
    row = tx.get(ToldWait, call) or ToldWait(call=call)
    row.queue, row.asked_at, row.hour = queue, asked_at, hour
    for method in WaitMethod:
        setattr(row, f"{method.value}_s", guesses.get(method))
    tx.add(row)
    return row


def first_called(tx: Transaction, queue: str, after: datetime | None, limit: int) -> list[FirstCalled]:
    """The latest waits of this queue that came to be known after, in the order in which they did."""
    calls = _first_calls([Attempt.created_at > after - ASKED_BEFORE] if after is not None else [])
    chosen = (
        select(ToldWait, calls.c.called_at)
        .join(Promise, Promise.source_call == ToldWait.call)
        .join(calls, calls.c.promise_id == Promise.id)
        .where(ToldWait.queue == queue)
        .order_by(calls.c.called_at.desc())
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(calls.c.called_at > after, Promise.made_at > after - ASKED_BEFORE)
    return [FirstCalled(called, _known(row, called)) for row, called in tx.execute(chosen)][::-1]


def last_waited(tx: Transaction, queue: str, since: datetime) -> tuple[datetime, float] | None:
    """When the latest first call to a promise of this queue went out since, and its caller's wait by then."""
    called_at = func.min(Attempt.consumed_at)
    chosen = (
        select(called_at, Promise.virtual_join)
        .join(Promise, Promise.id == Attempt.promise_id)
        .where(Attempt.created_at > since, Attempt.consumed_at.is_not(None), Promise.queue == queue)
        .group_by(Promise.id, Promise.virtual_join)
        .order_by(called_at.desc())
        .limit(1)
    )
    row = tx.execute(chosen).first()
    if row is None or row[0] is None:
        return None
    return row[0], (row[0] - row[1]).total_seconds()


def told(tx: Transaction, since: datetime) -> list[Told]:
    """The waits that were told since and are known by now, with the windows said of them."""
    calls = _first_calls([Attempt.created_at > since])
    chosen = (
        select(ToldWait.asked_at, ToldWait.middle_s, calls.c.called_at, Promise.said_from, Promise.said_until)
        .join(Promise, Promise.source_call == ToldWait.call)
        .join(calls, calls.c.promise_id == Promise.id)
        .where(Promise.made_at > since, ToldWait.middle_s.is_not(None), Promise.said_from.is_not(None))
    )
    return [
        Told(
            wait_s=(called - asked).total_seconds(),
            middle_s=middle,
            width_s=(until - begins).total_seconds(),
        )
        for asked, middle, called, begins, until in tx.execute(chosen)
    ]


def _first_calls(which: list[ColumnElement[bool]]) -> Subquery:
    """When each promise was first called; our own failures are no call."""
    return (
        select(Attempt.promise_id, func.min(Attempt.consumed_at).label("called_at"))
        .where(Attempt.promise_id.is_not(None), Attempt.consumed_at.is_not(None), Attempt.counted, *which)
        .group_by(Attempt.promise_id)
        .subquery()
    )


def _known(row: ToldWait, called_at: datetime) -> KnownWait:
    return KnownWait(
        asked_at=row.asked_at,
        hour=row.hour,
        guesses=dict(_guesses(row)),
        wait_s=max(0.0, (called_at - row.asked_at).total_seconds()),
    )


def _guesses(row: ToldWait) -> Iterator[tuple[WaitMethod, float]]:
    for method in WaitMethod:
        guess = getattr(row, f"{method.value}_s")
        if guess is not None:
            yield method, guess
