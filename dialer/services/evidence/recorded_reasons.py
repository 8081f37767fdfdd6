"""What callers said once they were promised a call is deleted soon after their promise is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dialer.db.queries import retention
from dialer.db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsDeleted:
    """How many recordings are gone, and how many stay since their folder is not on this machine."""

    deleted: int = 0
    left: int = 0


def delete_reasons(database: Database, sounds: Path, days: int, now: datetime) -> ReasonsDeleted:
    """Delete recordings of promises that ended `days` ago; one without a file counts too.

    `sounds` is Asterisk's folder of sounds, as this machine sees it. A name goes with its file, not before:
    what cannot be deleted is tried again every night.
    """
    before = now - timedelta(days=days)
    deleted = 0
    while True:
        with database.write() as tx:
            over = retention.reasons_over(tx, before)
            if over and not sounds.is_dir():
                return ReasonsDeleted(deleted=deleted, left=retention.count_reasons_over(tx, before))
            for recording in over.values():
                (sounds / f"{recording}.wav").unlink(missing_ok=True)
            retention.forget_reasons(tx, list(over))
        deleted += len(over)
        if len(over) < retention.AT_ONCE:
            return ReasonsDeleted(deleted=deleted)
