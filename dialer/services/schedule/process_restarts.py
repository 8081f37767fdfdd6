"""Processes that ended unasked and were started again: kept in the audit, counted for pages and doctor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.db.queries import audit
from dialer.db.session import Database

ENDED: Final = "process.ended"
LOOKED_BACK: Final = timedelta(days=1)  # an end further back is the log's affair


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRestarts:
    """How often one part ended unasked in the last day."""

    part: str
    times: int
    last_at: datetime
    last_code: int | None

    @property
    def last_end(self) -> str:
        """What the system said of the last end."""
        if self.last_code is None:
            return "it could not be started"
        return f"signal {-self.last_code}" if self.last_code < 0 else f"exit code {self.last_code}"


def note_end(
    database: Database, now: datetime, actor: str, part: str, *, code: int | None, again_in_s: float
) -> None:
    """Write down that a part ended unasked; `code` as the system tells it, None: it could not be started."""
    with database.write() as tx:
        audit.add(tx, now, actor, ENDED, part, {"code": code, "again_in_s": again_in_s})


def process_restarts(database: Database, now: datetime) -> Sequence[ProcessRestarts]:
    """The parts that ended unasked in the last day, by name."""
    with database.read() as tx:
        lines = audit.of_action(tx, ENDED, now - LOOKED_BACK)
    last = {line.subject: line for line in lines}
    return [
        ProcessRestarts(
            part=part,
            times=sum(line.subject == part for line in lines),
            last_at=line.at,
            last_code=line.details["code"],
        )
        for part, line in sorted(last.items())
    ]
