"""Whether what was counted of the calls, call by call, is what the calls themselves add up to."""

from datetime import datetime, timedelta
from typing import Final

from dialer.db.queries import audit, call_counts
from dialer.db.session import Database

LOOKED_BACK: Final = timedelta(days=2)  # a budget asks for a day; older counts are forgotten
SETTLED: Final = timedelta(
    hours=1
)  # calls placed longer ago than this have ended: nobody counts them meanwhile


def recount_calls(database: Database, now: datetime) -> int:
    """Set right what was counted wrong; how many quarters of an hour of a campaign were."""
    with database.write() as tx:
        wrong = call_counts.recount(tx, now - LOOKED_BACK, now - SETTLED)
        if wrong:
            audit.add(tx, now, "schedule", "calls.recounted", "call_count", {"wrong": wrong})
    return wrong
