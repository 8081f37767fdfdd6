"""Learning who answers when from the attempts in the database; `contact_times` asks what was learned."""

from datetime import datetime
from typing import Final

import polars as pl

from churnmodel.contact_fit import learn_contact
from dialer.db.queries import learning
from dialer.db.session import Database
from dialer.services.analytics.contact_times import local_clock

MOST_ATTEMPTS: Final = 500_000  # the newest are learned from; older habits are no longer theirs
ENOUGH: Final = 500  # attempts from which hours and customers tell more than pacing's own pooled rate
SCHEMA: Final = {
    "customer": pl.String,
    "number": pl.String,
    "hour": pl.Int64,
    "weekday": pl.Int64,
    "before": pl.Int64,
    "answered": pl.Int64,
    "drawn": pl.Boolean,
}


def learn_answering(database: Database, now: datetime) -> int:
    """Learn from the finished attempts and keep it; returns from how many. With too few nothing is kept."""
    with database.read() as tx:
        rows = learning.finished_attempts(tx, MOST_ATTEMPTS)
    before: dict[tuple[int | None, int | None], int] = {}
    lines: list[tuple[str, str, int, int, int, int, bool]] = []
    for row in rows:
        matter = (row.lead, row.promise)
        tries = before.get(matter, 0)
        before[matter] = 0 if row.answered else tries + 1
        clock = local_clock(row.zones, row.made_at)
        if clock is not None:
            said = int(row.answered)
            lines.append((str(row.customer), row.number, clock.hour, clock.weekday(), tries, said, row.drawn))
    if len(lines) >= ENOUGH:
        model = learn_contact(pl.DataFrame(lines, schema=SCHEMA, orient="row"))
        with database.write() as tx:
            learning.add_contact(tx, learned_at=now, attempts=len(lines), body=model.as_dict())
    return len(lines)
