"""A call back before its agent: what the customer asked for by key, written before it is confirmed."""

from datetime import datetime
from typing import Final

from callbacks.lead_time import REMEMBERED_LEADS
from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.return_call import ReturnAnswer
from dialer.core.calling.attempt import AttemptState
from dialer.db.queries import attempts, audit, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database
from dialer.services.calls.transitions import step_promise
from dialer.services.promises.callback_blocks import block

BY_KEY: Final = "customer, by key"  # who cancelled or blocked
#: the answer may be heard over the dialplan before it is over the manager interface
ON_THE_LINE: Final = frozenset({AttemptState.DIALLING, AttemptState.ANSWERED})


def expects_key(database: Database, attempt: str) -> bool:
    """Whether this is a call back on its way, whose customer may be asked for a key."""
    with database.read() as tx:
        row = attempts.find_attempt(tx, attempt)
        return row is not None and row.promise_id is not None and row.state in ON_THE_LINE


def known_leads(database: Database) -> list[float]:
    """Seconds from the order to the key of the latest calls that got an agent."""
    with database.read() as tx:
        return attempts.return_leads(tx, REMEMBERED_LEADS)


def write_answer(database: Database, attempt: str, answer: ReturnAnswer, now: datetime) -> bool:
    """Write what a customer who is called back asked for; only after this may it be confirmed.

    Later: the promise waits at its old place once the call is over. Cancel: it is cancelled. Not asked: the
    number is blocked for good, which cancels it too. False where there is no such call any more.
    """
    with database.write() as tx:
        row = attempts.lock_attempt(tx, attempt)
        if row is None or row.promise_id is None or row.state not in ON_THE_LINE:
            return False
        promise = promises.lock_promise(tx, row.promise_id)
        if promise is None or promise.state in PROMISE.ends:
            return False
        move(tx, row, row.state, said_by_key=answer)
        audit.add(tx, now, BY_KEY, f"promise.{answer.value}", str(promise.id), {"attempt": attempt})
        if answer is ReturnAnswer.CANCEL:
            step_promise(
                tx, promise, PromiseEvent.CANCEL, now, attempt=attempt, reason="cancelled by the customer"
            )
        elif answer is ReturnAnswer.NOT_ASKED:
            block(tx, row.e164, f"not asked for, said by key ({attempt})", BY_KEY, now)
        return True
