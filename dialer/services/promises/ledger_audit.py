"""Whether every promise adds up: the ledger by day and queue, and the promises that are at fault."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callbacks.ledger import LedgerAudit, audit_ledger
from dialer.db.queries import ledger_balance, promises
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


def carry_forward(database: Database, now: datetime) -> None:
    """Bring the ledger forward, so that whoever shows it counts only what comes from now on.

    To be called once an audit found that everything adds up. Nobody who writes waits for the counting.
    """
    with database.write() as tx:
        until = ledger_balance.newest(tx)
    with database.read() as tx:
        counts = ledger_balance.counted_until(tx, until)
    with database.write() as tx:
        ledger_balance.carry_forward(tx, until, counts, now)


def forget_balance(database: Database) -> None:
    """Something does not add up: until that is put right everything is counted, wherever it is shown."""
    with database.write() as tx:
        ledger_balance.forget(tx)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))
