"""What callers were told of their waits, and how long they were."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Subquery, func, select

from callbacks.offered_waits import LONGEST_WAIT, RangIn, turns_of
from callbacks.wait_history import Guesses, KnownWait, WaitMethod
from dialer.db.models import Attempt, InboundCall, Promise, ToldWait
from dialer.db.session import Transaction

ASKED_BEFORE: Final = timedelta(days=2)  # a call comes a night after it was asked for, seldom two


class Told(NamedTuple):
    """One wait as it was told, in seconds, and how long it was."""

    wait_s: float
    middle_s: float
    width_s: float


class WaitKnown(NamedTuple):
    """A wait that came to be known: of which call, when, and how long it was."""

    call: str
    known_at: datetime
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


def is_told(tx: Transaction, call: str) -> bool:
    """Whether something was guessed in this call."""
    return tx.get(ToldWait, call) is not None


def known_waits(tx: Transaction, queue: str, after: datetime | None, limit: int) -> list[WaitKnown]:
    """The latest waits of this queue that came to be known after, in the order in which they did.

    Of those promised a call it is the wait until the first call to them; of those who stayed, until an agent
    took them; and of those who gave up, until somebody was taken who had joined after them: nobody overtakes,
    so they would have been served by then. Without these only short waits would be known.
    """
    found = _of_promises(tx, queue, after, limit) + _of_callers(tx, queue, after, limit)
    known = [WaitKnown(row.call, at, _known(row, at)) for row, at in found]
    return sorted(known, key=lambda each: (each.known_at, each.call))[-limit:]


def _of_promises(
    tx: Transaction, queue: str, after: datetime | None, limit: int
) -> list[tuple[ToldWait, datetime]]:
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
    return [(row, at) for row, at in tx.execute(chosen)]


def _of_callers(
    tx: Transaction, queue: str, after: datetime | None, limit: int
) -> list[tuple[ToldWait, datetime]]:
    chosen = select(ToldWait).where(ToldWait.queue == queue)
    if after is not None:
        chosen = chosen.where(ToldWait.asked_at > after - LONGEST_WAIT)
    told = tx.scalars(chosen.order_by(ToldWait.asked_at.desc()).limit(limit)).all()
    if not told:
        return []
    since = min(row.asked_at for row in told) - LONGEST_WAIT
    calls = select(
        InboundCall.caller,
        InboundCall.pbx,
        InboundCall.joined_at,
        InboundCall.left_at,
        InboundCall.connected_at,
        InboundCall.abandoned,
    ).where(InboundCall.joined_at > since, InboundCall.queue == queue)
    promised = set(tx.scalars(select(Promise.source_call).where(Promise.made_at > since)))
    turns = turns_of(
        RangIn(call=call, line=pbx, joined_at=joined, left_at=left, served_at=served, gave_up=gave_up)
        for call, pbx, joined, left, served, gave_up in tx.execute(calls)
        if call not in promised
    )
    known = [(row, turns[row.call]) for row in told if row.call in turns]
    return [(row, at) for row, at in known if after is None or at > after]


def last_waited(tx: Transaction, queue: str, since: datetime) -> tuple[datetime, float] | None:
    """When somebody of this queue was served last since, and how long they had waited by then.

    By an agent on the line, or by the first call to a promise.
    """
    called_at = func.min(Attempt.consumed_at)
    at_home = (
        select(called_at, Promise.virtual_join)
        .join(Promise, Promise.id == Attempt.promise_id)
        .where(Attempt.created_at > since, Attempt.consumed_at.is_not(None), Promise.queue == queue)
        .group_by(Promise.id, Promise.virtual_join)
        .order_by(called_at.desc())
        .limit(1)
    )
    on_the_line = (
        select(InboundCall.connected_at, InboundCall.joined_at)
        .where(
            InboundCall.joined_at > since,
            InboundCall.queue == queue,
            InboundCall.connected_at.is_not(None),
        )
        .order_by(InboundCall.connected_at.desc())
        .limit(1)
    )
    rows = [row for chosen in (at_home, on_the_line) for row in tx.execute(chosen)]
    served = [(at, (at - joined).total_seconds()) for at, joined in rows if at is not None]
    return max(served, default=None)


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
