"""What a caller who was just promised a call adds in the same call: that they stay, or why they called."""

from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent
from dialer.db.queries import audit, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database
from dialer.services.calls.transitions import step_promise
from telephony.asterisk.config.names import Names

STAYS: Final = "stays on the line"  # why a call that was promised by default is cancelled
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


def note_recording(database: Database, source_call: str, recording: str) -> bool:
    """Keep under which name the PBX has what this caller said; False without a promise from this call."""
    with database.write() as tx:
        promise = promises.of_call(tx, source_call, lock=True)
        if promise is None:
            return False
        move(tx, promise, promise.state, reason_recording=recording)
        return True
