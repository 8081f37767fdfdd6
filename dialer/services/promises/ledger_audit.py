"""Whether every promise adds up: the ledger by day and queue, and the promises that are at fault."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callbacks.ledger import LedgerAudit, audit_ledger
from dialer.db.queries import promises
from dialer.db.session import Database


def audit_promises(
    database: Database,
    zone: str,
    *,
    first: date | None = None,
    last: date | None = None,
    queue: str | None = None,
) -> LedgerAudit:
    """Audit the promises made from day `first` to day `last` on the clock of `zone`; all of them without."""
    since = _midnight(first, zone) if first is not None else None
    until = _midnight(last + timedelta(days=1), zone) if last is not None else None
    with database.read() as tx:
        return audit_ledger(promises.ledger_records(tx, since=since, until=until, queue=queue), zone)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
