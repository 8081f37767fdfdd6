"""Messages that leave the house: added where their cause is, taken by one courier at a time."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.outbox.message import MESSAGE, MessageChannel, MessageState, NextTry
from dialer.db.models import OutboxMessage
from dialer.db.session import Transaction

KEY_BYTES: Final = 12  # of a message that is nobody's copy


def add(
    tx: Transaction,
    channel: MessageChannel,
    kind: str,
    now: datetime,
    *,
    key: str | None = None,
    **values: Any,
) -> bool:
    """Write a message, due at once; False where one of this key was written before."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "key": key or secrets.token_hex(KEY_BYTES),
        "channel": channel,
        "kind": kind,
        "created_at": now,
        "due_at": now,
        **values,
    }
    fresh = insert(OutboxMessage).values(**row).on_conflict_do_nothing().returning(OutboxMessage.id)
    return tx.scalar(fresh) is not None


def take(
    tx: Transaction,
    channel: MessageChannel,
    now: datetime,
    until: datetime,
    limit: int,
    *,
    but: Collection[str] = (),
) -> Sequence[OutboxMessage]:
    """Take the messages that are due, oldest first; nobody else does before `until`.

    `but` are endpoints that are left alone.
    """
    chosen = (
        select(OutboxMessage)
        .where(
            OutboxMessage.due_at <= now,
            OutboxMessage.channel == channel,
            OutboxMessage.endpoint.not_in(but),
        )
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.scalars(chosen).all()
    for row in rows:
        row.due_at, row.tries = until, row.tries + 1
    tx.flush()
    return rows


def end_try(tx: Transaction, message: int, tries: int, plan: NextTry, now: datetime) -> bool:
    """Write down what came of a try; False where the message was taken by somebody else since."""
    row = tx.scalar(select(OutboxMessage).where(OutboxMessage.id == message).with_for_update())
    if row is None or row.tries != tries or row.state is not MessageState.WAITING:
        return False
    row.state = MESSAGE.after(row.state, plan.event)
    row.due_at, row.fault = plan.due_at, plan.fault
    row.ended_at = None if plan.due_at is not None else now
    tx.flush()
    return True


def remove(tx: Transaction, message: int) -> None:
    """Take out an event that was passed on: its copies tell of it."""
    tx.execute(delete(OutboxMessage).where(OutboxMessage.id == message))


def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether anything is to be done at this moment."""
    return tx.scalar(select(OutboxMessage.id).where(OutboxMessage.due_at <= now).limit(1)) is not None


def find(tx: Transaction, message: int) -> OutboxMessage | None:
    """One message, which nobody else changes until the transaction ends."""
    return tx.scalar(select(OutboxMessage).where(OutboxMessage.id == message).with_for_update())


def latest(tx: Transaction, limit: int, state: MessageState | None = None) -> Sequence[OutboxMessage]:
    """The newest messages to somebody, those of one state only where it is named."""
    chosen = select(OutboxMessage).where(OutboxMessage.channel != MessageChannel.EVENT)
    if state is not None:
        chosen = chosen.where(OutboxMessage.state == state)
    return tx.scalars(chosen.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def counts(tx: Transaction) -> dict[MessageState, int]:
    """How many messages there are in each state."""
    chosen = select(OutboxMessage.state, func.count()).where(OutboxMessage.channel != MessageChannel.EVENT)
    return {row[0]: row[1] for row in tx.execute(chosen.group_by(OutboxMessage.state))}


def old(tx: Transaction, before: datetime, limit: int) -> int:
    """Take out messages that were over by then; how many, `limit` at most."""
    ids = list(tx.scalars(select(OutboxMessage.id).where(OutboxMessage.ended_at < before).limit(limit)))
    tx.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))
    return len(ids)
