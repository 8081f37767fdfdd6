"""The promises that could not be kept: a list for a person to work off, never a silent end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PromiseState
from dialer.db.queries import audit, promises
from dialer.db.session import Database

MOST_NOTE: Final = 200  # characters, as the column holds them
LISTED: Final = 200  # rows; more than a person works off at once


@dataclass(frozen=True, slots=True, kw_only=True)
class UnkeptPromise:
    """A call that was promised and came to nothing.

    The number is whole here, unlike elsewhere: somebody has to call it by hand.
    """

    id: int
    reference: str
    number: str
    queue: str
    customer: int | None
    made_at: datetime
    ended_at: datetime
    reason: str
    attempts_made: int


def unkept_promises(database: Database, *, limit: int = LISTED) -> tuple[UnkeptPromise, ...]:
    """Those that nobody has seen to, the longest-waiting caller first."""
    with database.read() as tx:
        return tuple(
            UnkeptPromise(
                id=row.id,
                reference=row.reference,
                number=row.e164,
                queue=row.queue,
                customer=row.customer_id,
                made_at=row.made_at,
                ended_at=row.ended_at or row.made_at,
                reason=row.end_reason or "",
                attempts_made=row.attempts_made,
            )
            for row in promises.unkept(tx, limit)
        )


def follow_up(database: Database, promise: int, note: str, actor: str, now: datetime) -> bool:
    """Take one off the list, with what was done about it; False where it is not on it."""
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None or row.state is not PromiseState.CLOSED or row.followed_up_at is not None:
            return False
        row.followed_up_at, row.followed_up = now, note[:MOST_NOTE]
        audit.add(tx, now, actor, "promise.followed-up", str(promise), {"note": note[:MOST_NOTE]})
        return True
