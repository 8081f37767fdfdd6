"""What a caller who is promised a call says in a call: that they stay, why, another time, or no more call."""

from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.db.queries import audit, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database
from dialer.services.calls.transitions import step_promise
from dialer.services.promises.moves import move_promise
from dialer.services.promises.promises import cancel_promise
from telephony.asterisk.config.names import Names

STAYS: Final = "stays on the line"  # why a call that was promised by default is cancelled
NO_LONGER: Final = "no longer needed"  # why a call that stood is cancelled by who rings in
CALLER: Final = "caller, by key"


def reason_sound(names: Names, reference: str) -> str:
    """What the PBX calls the recording of a promise's caller, below its folder of sounds."""
    return f"{names.prefix}/reasons/{reference}"


def withdraw_promise(database: Database, source_call: str, now: datetime) -> bool:
    """End the promise made in this call, since its caller stays on the line; False where that is too late."""
    with database.write() as tx:
        promise = promises.of_call(tx, source_call, lock=True)
        if promise is None or not PROMISE.allows(promise.state, PromiseEvent.CANCEL):
            return False
        step_promise(tx, promise, PromiseEvent.CANCEL, now, reason=STAYS)
        audit.add(tx, now, CALLER, "promise.cancelled", str(promise.id), {"reason": STAYS})
        return True


def cancel_open(database: Database, e164: str, now: datetime) -> bool:
    """End the promise that is open to this number, as its owner says by key; False where it is too late."""
    with database.read() as tx:
        promise = promises.open_for(tx, e164)
    return promise is not None and cancel_promise(database, promise.id, NO_LONGER, now, CALLER)


def move_open(database: Database, e164: str, start: datetime, now: datetime) -> str | Refusal:
    """Move the promise that is open to this number, as its owner wants by key; its reference.

    Refused as `moves.move_promise` refuses.
    """
    with database.read() as tx:
        promise = promises.open_for(tx, e164)
    if promise is None:
        return Refusal(rule=Rule.PROMISE_UNKNOWN)
    moved = move_promise(database, promise.id, start, CALLER, now)
    return moved if isinstance(moved, Refusal) else promise.reference


def note_recording(database: Database, source_call: str, recording: str) -> bool:
    """Keep under which name the PBX has what this caller said; False without a promise from this call."""
    with database.write() as tx:
        promise = promises.of_call(tx, source_call, lock=True)
        if promise is None:
            return False
        move(tx, promise, promise.state, reason_recording=recording)
        return True
