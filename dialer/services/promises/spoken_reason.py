"""What a customer said of their reason while it was promised to call them: for the agent who calls, audited.

The consent they gave names that colleague alone, so nobody else is given it.
"""

from datetime import datetime
from pathlib import Path

from callbacks.refusals import Refusal
from dialer.db.queries import audit, promises
from dialer.db.session import Database
from dialer.services.agents.agent_call import take_talk


def spoken_reason(
    database: Database, agent: str, attempt: str, sounds: Path, now: datetime
) -> Path | Refusal | None:
    """The recording of the promise that this talk of the agent's keeps, below the PBX's folder of sounds.

    None where nothing was recorded, it is deleted, or the folder is not on this machine.
    Refused as `take_talk`.
    """
    with database.write() as tx:
        row = take_talk(tx, agent, attempt)
        if isinstance(row, Refusal):
            return row
        promise = promises.find(tx, row.promise_id)
        if promise is None or promise.reason_recording is None:
            return None
        file = sounds / f"{promise.reason_recording}.wav"
        if not file.is_file():
            return None
        audit.add(tx, now, agent, "reason.heard", promise.reference, {"call": attempt})
        return file
