"""The report on live callers by queue and day, and the same as a table for a spreadsheet."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from dialer.core.calling.caller_story import SOON_S, InboundLine, report_inbound
from dialer.core.importing.spreadsheet import guarded
from dialer.db.queries import arrivals
from dialer.db.session import Database


def waiting_now(database: Database, now: datetime) -> tuple[tuple[str, int, datetime], ...]:
    """Who waits for an agent at this moment: by queue how many, and when the first of them joined."""
    with database.read() as tx:
        return tuple(arrivals.waiting(tx, now))


def inbound_report(
    database: Database,
    zone: str,
    first: date,
    last: date,
    *,
    queue: str | None = None,
    soon_s: float = SOON_S,
) -> tuple[InboundLine, ...]:
    """The callers who rang in from day `first` to day `last` on the clock of `zone`."""
    clock = ZoneInfo(zone)
    since = datetime.combine(first, time(), tzinfo=clock)
    until = datetime.combine(last + timedelta(days=1), time(), tzinfo=clock)
    with database.read() as tx:
        return report_inbound(arrivals.stories(tx, since, until, queue), clock, soon_s=soon_s)


def report_as_csv(lines: Iterable[InboundLine]) -> str:
    """One row a line under its names; no spreadsheet takes a cell of it for a formula."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(field.name for field in fields(InboundLine))
    for line in lines:
        rows.writerow(_cell(value) for value in asdict(line).values())
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else guarded(str(value))
