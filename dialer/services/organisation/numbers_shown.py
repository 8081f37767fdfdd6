"""Whole telephone numbers are shown to those who may see them, and it is written down who saw them."""

from datetime import datetime

from dialer.db.queries import audit
from dialer.db.session import Database


def note_numbers_shown(database: Database, where: str, count: int, *, actor: str, now: datetime) -> None:
    """Write down that somebody was shown whole numbers; what cannot be written down is not shown."""
    with database.write() as tx:
        audit.add(tx, now, actor, "numbers.shown", where, {"numbers": count})
