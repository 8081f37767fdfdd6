"""Promises, their history, and the ledger that holds them together."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Subquery, case, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from callbacks.ledger import PromiseRecord
from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from dialer.core.calling.ids import REFERENCE_ENTROPY, promise_reference
from dialer.core.outbox.message import MessageChannel
from dialer.db.base import UtcDateTime
from dialer.db.models import Attempt, InboundCall, Promise, PromiseStep, RefusalRow
from dialer.db.queries import outbox
from dialer.db.session import Transaction

#: draws; with 100 million references and a million promises, ten taken ones in a row never happen
REFERENCE_DRAWS = 10
ENDS = tuple(sorted(PROMISE.ends))
MADE = "made"  # how the beginning of a promise is called outside; its step has no event
OPEN = tuple(state for state in PromiseState if state not in PROMISE.ends)
#: said from, said until, first called, kept by a talk that began, ended
Quoted = tuple[datetime, datetime, datetime | None, datetime | None, datetime | None]


def insert_promise(tx: Transaction, **values: Any) -> int | None:
    """Write one promise; None where the call, the number or the reference already has one."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(Promise).values(**values).on_conflict_do_nothing().returning(Promise.id)
    return tx.scalar(fresh)


def make(tx: Transaction, **values: Any) -> int | None:
    """Write one promise and the first step of its history; None where one stands in the way.

    Its reference is drawn here, since only the database knows which ones are taken.
    """
    for _ in range(REFERENCE_DRAWS):
        reference = promise_reference(secrets.token_bytes(REFERENCE_ENTROPY))
        if tx.scalar(select(Promise.id).where(Promise.reference == reference)) is not None:
            continue
        made = insert_promise(tx, reference=reference, state=PROMISE.start, **values)
        if made is not None:
            add_step(tx, made, values["made_at"], None, PROMISE.start)
        return made
    raise RuntimeError("no free reference was found")


def add_step(
    tx: Transaction,
    promise: int,
    at: datetime,
    event: PromiseEvent | None,
    state: PromiseState,
    *,
    attempt: str | None = None,
    reason: str | None = None,
) -> None:
    """Write one step of a promise's life, and that whoever wants to hear of it is to be told."""
    tx.add(
        PromiseStep(promise_id=promise, at=at, event=event, state=state, attempt_id=attempt, reason=reason)
    )
    told = {"state": state.value, "reason": reason, "attempt": attempt}
    outbox.add(tx, MessageChannel.EVENT, f"promise.{event or MADE}", at, data=told, promise_id=promise)


def lock_promise(tx: Transaction, promise: int) -> Promise | None:
    """One promise, which nobody else changes until the transaction ends."""
    return tx.scalar(select(Promise).where(Promise.id == promise).with_for_update())


def of_call(tx: Transaction, source_call: str, *, lock: bool = False) -> Promise | None:
    """The promise made in one call; locked, nobody else changes it until the transaction ends."""
    chosen = select(Promise).where(Promise.source_call == source_call)
    return tx.scalar(chosen.with_for_update() if lock else chosen)


def open_for(tx: Transaction, e164: str) -> Promise | None:
    """The open promise of one number."""
    return tx.scalar(select(Promise).where(Promise.e164 == e164, Promise.ended_at.is_(None)))


def open_of(
    tx: Transaction, customer: int | None, numbers: Collection[str], *, lock: bool = False
) -> Sequence[Promise]:
    """The open promises to a customer, or to one of these numbers, oldest first.

    Locked, they are as they are now, and nobody else changes them until the transaction ends.
    """
    theirs: ColumnElement[bool] = Promise.e164.in_(numbers)
    if customer is not None:
        theirs |= Promise.customer_id == customer
    chosen = select(Promise).where(theirs, Promise.ended_at.is_(None)).order_by(Promise.id)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    return tx.scalars(chosen).all()


def made_to(tx: Transaction, e164: str, since: datetime) -> Sequence[datetime]:
    """When promises were made to this number since, oldest first."""
    return tx.scalars(
        select(Promise.made_at).where(Promise.e164 == e164, Promise.made_at > since).order_by(Promise.made_at)
    ).all()


def made_by(tx: Transaction, source: str, since: datetime) -> Sequence[datetime]:
    """When promises were asked for by this calling number since."""
    chosen = select(Promise.made_at).where(Promise.source == source, Promise.made_at > since)
    return tx.scalars(chosen).all()


def late(tx: Transaction, now: datetime, limit: int) -> Sequence[tuple[int, str, datetime]]:
    """Open promises that were to be called by now and are not: id, reference, by when; the latest first."""
    chosen = select(Promise.id, Promise.reference, Promise.said_until).where(
        Promise.ended_at.is_(None), Promise.said_until < now, Promise.state != PromiseState.CONNECTED
    )
    return [
        (promise, reference, by)
        for promise, reference, by in tx.execute(chosen.order_by(Promise.said_until).limit(limit))
        if by is not None
    ]


def latest_made(tx: Transaction, since: datetime, limit: int) -> Sequence[datetime]:
    """When the latest `limit` promises were made since, to anybody, newest first."""
    chosen = select(Promise.made_at).where(Promise.made_at > since)
    return tx.scalars(chosen.order_by(Promise.made_at.desc()).limit(limit)).all()


def overdue(tx: Transaction, before: datetime) -> Sequence[Promise]:
    """The promises that should have been rung before this moment, none of them held yet; locked.

    Those too whose call began before it and has not ended: once it is known to be lost, they would be rung
    again.
    """
    waits = (Promise.state == PromiseState.WAITING) & (Promise.next_action_at <= before)
    under_way = exists().where(
        Attempt.promise_id == Promise.id, Attempt.ended_at.is_(None), Attempt.created_at <= before
    )
    rung = Promise.state.in_((PromiseState.CLAIMED, PromiseState.DIALLING)) & under_way
    chosen = select(Promise).where(waits | rung, Promise.held_since.is_(None))
    return tx.scalars(chosen.order_by(Promise.id).with_for_update()).all()


def held_ones(tx: Transaction, *, lock: bool = False) -> Sequence[Promise]:
    """The waiting promises that are held, in order of queue position; locked, nobody else changes them."""
    chosen = select(Promise).where(Promise.state == PromiseState.WAITING, Promise.held_since.is_not(None))
    chosen = chosen.order_by(Promise.virtual_join, Promise.id)
    return tx.scalars(chosen.with_for_update() if lock else chosen).all()


def of_person(
    tx: Transaction, numbers: Collection[str], since: datetime
) -> Sequence[tuple[Promise, datetime | None]]:
    """The promises to these numbers, with the latest call to each that was missed or cut off.

    Those that are open, and those given up since: what talk there was in a call of theirs kept nothing.
    """
    missed = (
        select(func.max(Attempt.consumed_at))
        .where(Attempt.promise_id == Promise.id, Attempt.counted)
        .correlate(Promise)
        .scalar_subquery()
    )
    chosen = select(Promise, missed).where(
        Promise.e164.in_(numbers),
        Promise.ended_at.is_(None) | ((Promise.state == PromiseState.CLOSED) & (Promise.ended_at >= since)),
    )
    return [(row, at) for row, at in tx.execute(chosen.order_by(Promise.virtual_join, Promise.id))]


def person_served(tx: Transaction, numbers: Collection[str], since: datetime) -> datetime | None:
    """When whoever has these numbers last got an agent since: they rang in, or were rung for anything.

    A talk that was cut off, so that its promise was given up, has served nobody.
    """
    given_up = exists().where(Promise.id == Attempt.promise_id, Promise.state == PromiseState.CLOSED)
    rang_in = select(func.max(InboundCall.connected_at)).where(
        InboundCall.e164.in_(numbers), InboundCall.connected_at >= since
    )
    rung = select(func.max(Attempt.connected_at)).where(
        Attempt.e164.in_(numbers), Attempt.connected_at >= since, ~given_up
    )
    return max((at for at in (tx.scalar(rang_in), tx.scalar(rung)) if at is not None), default=None)


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """That a promise's customer stands in line: not talking with an agent yet, from the agreed time on.

    Nor held after an outage: before somebody has decided, nobody is rung for it, and nobody waits behind it.
    """
    return (
        Promise.ended_at.is_(None),
        Promise.held_since.is_(None),
        Promise.state != PromiseState.CONNECTED,
        Promise.virtual_join <= now,  # in the future: an agent agreed on that moment
        Promise.wanted_from.is_(None) | (Promise.wanted_from <= now),
    )


def at_home(tx: Transaction, queue: str, now: datetime) -> Sequence[Promise]:
    """The promises of one queue whose customers stand in line."""
    return tx.scalars(select(Promise).where(*_waits(now), Promise.queue == queue)).all()


def in_line(tx: Transaction, now: datetime) -> frozenset[int]:
    """The promises, of whichever queue, whose customers stand in line."""
    return frozenset(tx.scalars(select(Promise.id).where(*_waits(now))))


def first_calls(tx: Transaction, chosen: Sequence[int]) -> dict[int, datetime]:
    """When each of these promises' customers was first called; our own failures are no call."""
    calls = _calls(Attempt.promise_id.in_(chosen))
    return {row.promise_id: row.called_at for row in tx.execute(select(calls))}


def held_by(tx: Transaction, rows: Sequence[Promise]) -> dict[int, str]:
    """The rule that put each of these promises off until its next action, where one did."""
    if not rows:
        return {}
    chosen = (
        select(Promise.id, RefusalRow.rule)
        .join(RefusalRow, RefusalRow.promise_id == Promise.id)
        .where(
            RefusalRow.at >= min(row.made_at for row in rows),
            Promise.id.in_([row.id for row in rows]),
            RefusalRow.until == Promise.next_action_at,
        )
    )
    return {row[0]: row[1] for row in tx.execute(chosen.order_by(RefusalRow.id))}


def quoted(tx: Transaction, since: datetime) -> list[Quoted]:
    """What callers were told since, when they were called, the talk that kept it, and the promise's end."""
    calls = _calls(Attempt.created_at > since)
    chosen = (
        select(
            Promise.said_from,
            Promise.said_until,
            calls.c.called_at,
            calls.c.connected_at,
            Promise.state,
            Promise.ended_at,
        )
        .outerjoin(calls, calls.c.promise_id == Promise.id)
        .where(Promise.made_at > since, Promise.said_from.is_not(None), Promise.said_until.is_not(None))
    )
    return [
        (said_from, said_until, called, connected if state is PromiseState.KEPT else None, ended)
        for said_from, said_until, called, connected, state, ended in tx.execute(chosen)
    ]


def _calls(which: ColumnElement[bool]) -> Subquery:
    """Each promise's first call to its customer, and the last one that got an agent."""
    return (
        select(
            Attempt.promise_id,
            func.min(Attempt.consumed_at).label("called_at"),
            func.max(Attempt.connected_at).label("connected_at"),
        )
        .where(which, Attempt.promise_id.is_not(None), Attempt.consumed_at.is_not(None), Attempt.counted)
        .group_by(Attempt.promise_id)
        .subquery()
    )


def open_ones(tx: Transaction, limit: int | None = None) -> Sequence[Promise]:
    """The open promises in order of place."""
    chosen = select(Promise).where(Promise.ended_at.is_(None)).order_by(Promise.virtual_join, Promise.id)
    return tx.scalars(chosen.limit(limit) if limit is not None else chosen).all()


def ended_ones(tx: Transaction, limit: int) -> Sequence[Promise]:
    """The promises that ended last, newest first."""
    chosen = select(Promise).where(Promise.ended_at.is_not(None))
    return tx.scalars(chosen.order_by(Promise.ended_at.desc(), Promise.id.desc()).limit(limit)).all()


def unkept(tx: Transaction, limit: int) -> Sequence[Promise]:
    """The closed promises that nobody has seen to, by the moment their callers joined."""
    chosen = select(Promise).where(Promise.state == PromiseState.CLOSED, Promise.followed_up_at.is_(None))
    return tx.scalars(chosen.order_by(Promise.virtual_join, Promise.id).limit(limit)).all()


def steps_of(tx: Transaction, promise: int) -> Sequence[PromiseStep]:
    """A promise's life, oldest step first."""
    return tx.scalars(
        select(PromiseStep).where(PromiseStep.promise_id == promise).order_by(PromiseStep.id)
    ).all()


def stuck(tx: Transaction) -> Sequence[int]:
    """Open promises that nothing would ever move.

    They wait without a next action, or are said to be called and have no attempt on its way.
    """
    live = exists().where(Attempt.promise_id == Promise.id, Attempt.ended_at.is_(None))
    waiting = Promise.state == PromiseState.WAITING
    chosen = select(Promise.id).where(
        Promise.state.in_(OPEN),
        (waiting & Promise.next_action_at.is_(None)) | (~waiting & ~live),
    )
    # sorted here: for the order SQLite would go through every promise there ever was
    return sorted(tx.scalars(chosen))


def ledger_records(
    tx: Transaction, *, since: datetime | None = None, until: datetime | None = None, queue: str | None = None
) -> Iterator[PromiseRecord]:
    """Every promise made from `since` to before `until` beside its history, for the ledger to be audited.

    A history without its promise may be of any queue, and comes whichever is named.
    """
    steps = _histories()
    lost = set(stuck(tx))
    chosen = select(
        Promise.id, Promise.queue, Promise.made_at, Promise.state, Promise.ended_at, steps
    ).outerjoin(steps, steps.c.promise_id == Promise.id)
    wanted = _within(Promise.made_at.expression, since, until)
    if queue is not None:
        wanted.append(Promise.queue == queue)
    for row in tx.execute(chosen.where(*wanted).order_by(Promise.id)):
        yield PromiseRecord(
            promise=row.id,
            queue=row.queue,
            made_at=row.made_at,
            state=row.state,
            ended_at=row.ended_at,
            begun=row.begun or 0,
            ends=row.ends or 0,
            last_state=row.last_state,
            stuck=row.id in lost,
        )
    orphans = select(steps).where(~exists().where(Promise.id == steps.c.promise_id))
    for row in tx.execute(orphans.where(*_within(steps.c.began_at, since, until))):
        yield PromiseRecord(
            promise=row.promise_id,
            queue="",
            made_at=row.began_at,
            state=None,
            ended_at=None,
            begun=row.begun,
            ends=row.ends,
            last_state=row.last_state,
        )


def _within(
    moment: ColumnElement[datetime], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    bounds = [moment >= since] if since is not None else []
    return [*bounds, moment < until] if until is not None else bounds


def _histories() -> Subquery:
    """Of each promise with a history: how often it was begun and ended, and the state of its last step."""
    summed = (
        select(
            PromiseStep.promise_id,
            func.min(PromiseStep.at, type_=UtcDateTime).label("began_at"),
            func.sum(case((PromiseStep.event.is_(None), 1), else_=0)).label("begun"),
            func.sum(case((PromiseStep.state.in_(ENDS), 1), else_=0)).label("ends"),
            func.max(PromiseStep.id).label("last_id"),
        )
        .group_by(PromiseStep.promise_id)
        .subquery()
    )
    return (
        select(
            summed.c.promise_id,
            summed.c.began_at,
            summed.c.begun,
            summed.c.ends,
            PromiseStep.state.label("last_state"),
        )
        .join(PromiseStep, PromiseStep.id == summed.c.last_id)
        .subquery()
    )


class Waited(NamedTuple):
    """One step of a promise's life, beside its queue position and since when it could be rung."""

    promise: int
    virtual_join: datetime
    since: datetime
    owned: bool  # it is, or was, one agent's own, and waited for them
    event: PromiseEvent | None
    at: datetime


def latest_steps(tx: Transaction, since: datetime, limit: int) -> Sequence[Waited]:
    """The steps of the promises made since, of the latest `limit` at most, oldest step first.

    Found by their numbers, which grow with time, so that it costs the same after any number of promises.
    """
    oldest = (tx.scalar(select(func.max(Promise.id))) or 0) - limit
    chosen = (
        select(
            Promise.id,
            Promise.virtual_join,
            func.coalesce(Promise.rung_from, Promise.made_at),
            Promise.owner.is_not(None) | Promise.handed_on_at.is_not(None),
            PromiseStep.event,
            PromiseStep.at,
            PromiseStep.id,
        )
        .join(PromiseStep, PromiseStep.promise_id == Promise.id)
        # said of both, and sorted here, so that no planner reads all steps there ever were
        .where(Promise.id > oldest, PromiseStep.promise_id > oldest, Promise.made_at > since)
    )
    rows = sorted(tx.execute(chosen), key=lambda row: row[-1])
    return [Waited(*row[:-1]) for row in rows]


def put_off(tx: Transaction, chosen: Collection[int], since: datetime) -> dict[int, datetime]:
    """When each of these promises was first put off by a rule, or left alone as its number was in the air."""
    refused = select(RefusalRow.promise_id, RefusalRow.at).where(
        RefusalRow.at > since, RefusalRow.promise_id.in_(chosen)
    )
    in_the_air = (
        select(Promise.id, Attempt.created_at)
        .join(Attempt, Attempt.e164 == Promise.e164)
        .where(
            Promise.id.in_(chosen),
            Attempt.promise_id.is_distinct_from(Promise.id),
            Attempt.created_at > since,
            Attempt.ended_at.is_(None) | (Attempt.ended_at > Promise.made_at),
        )
    )
    first: dict[int, datetime] = {}
    for promise, at in [*tx.execute(refused), *tx.execute(in_the_air)]:
        first[promise] = min(at, first.get(promise, at))
    return first


def find(tx: Transaction, promise: int | None) -> Promise | None:
    """One promise, to look at."""
    return tx.get(Promise, promise) if promise is not None else None
