"""Codes spoken by a call: which are due, and what whoever picks up asks for, written before it is said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.core.outbox.signed_links import proof_code
from dialer.db.models import CallbackWish
from dialer.db.queries import attempts, audit, callback_wishes
from dialer.db.session import Database, Transaction
from dialer.services.calls.code_attempts import is_wanted
from dialer.services.calls.next_calls import CodeWork
from dialer.services.promises.callback_blocks import block
from dialer.services.promises.return_calls import BY_KEY, ON_THE_LINE
from dialer.services.promises.wishes import CODE_TRIES

AT_ONCE: Final = 5  # codes a turn; more wait for the next


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenCode:
    """The code that one call speaks."""

    wish: int
    code: str


def due_codes(database: Database, now: datetime) -> tuple[CodeWork, ...]:
    """The wishes whose number is to be rung with the code now, the oldest first."""
    policy = database.policy
    with database.read() as tx:
        return tuple(
            CodeWork(wish=wish, queue=policy.outbound_queue, ring_s=policy.ring_s)
            for wish in callback_wishes.due(tx, now, AT_ONCE)
        )


def code_of_call(database: Database, attempt: str, key: bytes, now: datetime) -> SpokenCode | None:
    """The code that this call is for, "" where it is of no use any more; None where it is no such call."""
    with database.read() as tx:
        row = attempts.find_attempt(tx, attempt)
        if row is None or row.wish_id is None:
            return None
        wish = callback_wishes.find(tx, row.wish_id)
        if wish is None or not key or row.state not in ON_THE_LINE or not is_wanted(wish, now):
            return SpokenCode(wish=row.wish_id, code="")
        return SpokenCode(wish=wish.id, code=proof_code(wish.id, wish.e164, key))


def note_heard(database: Database, wish: int, now: datetime) -> bool:
    """The code is about to be said: it is not rung for again. False where it was said, or is of no use."""
    with database.write() as tx:
        row = callback_wishes.lock_wish(tx, wish)
        if row is None or not is_wanted(row, now):
            return False
        _end(tx, row)
        row.spoken_at = now
        audit.add(tx, now, BY_KEY, "code.spoken", str(wish), {"address": row.address})
        return True


def note_refused(database: Database, wish: int, now: datetime) -> bool:
    """Nobody there asked for it: the number is blocked for good, and the code is nobody's any more."""
    with database.write() as tx:
        row = callback_wishes.lock_wish(tx, wish)
        if row is None:
            return False
        _end(tx, row)
        row.code_tries = CODE_TRIES
        block(tx, row.e164, f"not asked for on the web, said by key (wish {wish})", BY_KEY, now)
        audit.add(tx, now, BY_KEY, "code.refused", str(wish), {"address": row.address})
        return True


def _end(tx: Transaction, row: CallbackWish) -> None:
    row.rung_from = None
    tx.flush()
