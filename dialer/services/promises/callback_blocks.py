"""Blocked for callbacks: whoever did not ask is never called back, until staff undo it with a reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.refusals import Rule
from dialer.db.queries import audit, callback_blocks, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.transitions import step_promise
from dialer.services.customers.dialing_regions import mask

LISTED: Final = 200  # rows; what a page shows at once
MOST_REASON: Final = 200  # characters, as the column holds them
MOST_SOURCE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedNumber:
    """One number that is not called back; `number` is masked, `id` is for undoing it."""

    id: int
    number: str
    reason: str
    source: str
    added_at: datetime


def block_number(database: Database, e164: str, reason: str, actor: str, now: datetime) -> bool:
    """Never call this number back; its open promise ends. False where it is blocked already."""
    with database.write() as tx:
        return block(tx, e164, reason, actor, now)


def block(tx: Transaction, e164: str, reason: str, actor: str, now: datetime) -> bool:
    """The same inside a transaction."""
    added = callback_blocks.add(tx, e164, reason[:MOST_REASON], actor[:MOST_SOURCE], now)
    if added:
        audit.add(tx, now, actor, "callback.blocked", e164, {"reason": reason})
    promise = promises.open_for(tx, e164)
    if promise is not None and PROMISE.allows(promise.state, PromiseEvent.CANCEL):
        step_promise(tx, promise, PromiseEvent.CANCEL, now, reason=Rule.NUMBER_BLOCKED.value)
    return added


def unblock_number(database: Database, entry: int, reason: str, actor: str, now: datetime) -> bool:
    """Let a number be called back again, for a reason that stays on record; False where it is not blocked."""
    with database.write() as tx:
        row = callback_blocks.get(tx, entry)
        if row is None:
            return False
        audit.add(tx, now, actor, "callback.unblocked", row.e164, {"reason": reason})
        callback_blocks.remove(tx, row)
        return True


def blocked_numbers(database: Database, *, limit: int = LISTED) -> tuple[BlockedNumber, ...]:
    """The newest entries."""
    with database.read() as tx:
        return tuple(
            BlockedNumber(
                id=row.id,
                number=mask(row.e164),
                reason=row.reason,
                source=row.source,
                added_at=row.added_at,
            )
            for row in callback_blocks.latest(tx, limit)
        )
