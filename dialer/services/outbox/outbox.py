"""The outbox: a message is written in the transaction that caused it, and nobody waits for its way out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.core.outbox.message import MESSAGE, MessageChannel, MessageEvent, MessageState
from dialer.db.models import Promise
from dialer.db.queries import audit, outbox
from dialer.db.session import Database, Transaction
from dialer.services.customers.dialing_regions import mask
from telephony.numbers import NumberKind

#: a text that comes later tells of what is long over
TEXT_LIFE: Final = timedelta(hours=6)
#: kinds of numbers that take texts
MOBILE: Final = frozenset({NumberKind.MOBILE, NumberKind.FIXED_OR_MOBILE})
LISTED: Final = 200  # rows; what a page shows at once


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCard:
    """A message as a page shows it; a text's number is masked."""

    id: int
    channel: MessageChannel
    kind: str
    receiver: str
    promise: int | None
    state: MessageState
    tries: int
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    fault: str


def add_text(
    tx: Transaction,
    promise: Promise,
    kind: str,
    now: datetime,
    *,
    key: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Text the customer of a promise, by a kind of `dialer/core/outbox/texts.toml`.

    Whether texts of this kind go out at all, and to this number, is decided when it is sent. `key` names the
    cause: of one cause there is one text, and False is answered for another. It goes out at once, or from
    `due_at` on.
    """
    return outbox.add(
        tx,
        MessageChannel.TEXT,
        kind,
        now,
        key=key,
        e164=promise.e164,
        language=promise.language,
        promise_id=promise.id,
        due_at=due_at or now,
        expires_at=(due_at or now) + TEXT_LIFE,
    )


def latest_messages(
    database: Database, *, state: MessageState | None = None, limit: int = LISTED
) -> tuple[MessageCard, ...]:
    """The newest messages."""
    with database.read() as tx:
        return tuple(
            MessageCard(
                id=row.id,
                channel=row.channel,
                kind=row.kind,
                receiver=row.data.get("to") or row.endpoint or mask(row.e164),
                promise=row.promise_id,
                state=row.state,
                tries=row.tries,
                created_at=row.created_at,
                due_at=row.due_at,
                ended_at=row.ended_at,
                fault=row.fault,
            )
            for row in outbox.latest(tx, limit, state)
        )


def message_counts(database: Database) -> dict[MessageState, int]:
    """How many messages there are in each state, none among them."""
    with database.read() as tx:
        found = outbox.counts(tx)
    return {state: found.get(state, 0) for state in MessageState}


def try_again(database: Database, message: int, actor: str, now: datetime) -> bool:
    """Have one that was given up tried again, from the beginning; False where there is none such."""
    with database.write() as tx:
        row = outbox.find(tx, message)
        if row is None or not MESSAGE.allows(row.state, MessageEvent.TRY_AGAIN):
            return False
        row.state = MESSAGE.after(row.state, MessageEvent.TRY_AGAIN)
        row.tries, row.created_at, row.due_at, row.ended_at = 0, now, now, None
        row.expires_at = now + TEXT_LIFE if row.channel is MessageChannel.TEXT else None
        audit.add(tx, now, actor, "message.tried-again", str(message), {"kind": row.kind})
        return True
