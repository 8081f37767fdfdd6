"""Callers who rang in, half hour by half hour."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.arrivals import Heard
from dialer.db.models import CallersHeard
from dialer.db.session import Transaction


def add(tx: Transaction, pbx: str, heard: Mapping[datetime, Heard]) -> None:
    """Add what was heard to what the book has of the same half hours."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    for began_at, more in heard.items():
        row = insert(CallersHeard).values(
            pbx=pbx, began_at=began_at, callers=more.callers, seen_s=more.seen_s
        )
        tx.execute(
            row.on_conflict_do_update(
                index_elements=["pbx", "began_at"],
                set_={
                    "callers": CallersHeard.callers + row.excluded.callers,
                    "seen_s": CallersHeard.seen_s + row.excluded.seen_s,
                },
            )
        )


def heard_between(
    tx: Transaction, pbx: str, since: datetime, until: datetime
) -> list[tuple[datetime, Heard]]:
    """What was heard in each half hour that began in this time, oldest first."""
    chosen = (
        select(CallersHeard.began_at, CallersHeard.callers, CallersHeard.seen_s)
        .where(CallersHeard.pbx == pbx, CallersHeard.began_at >= since, CallersHeard.began_at < until)
        .order_by(CallersHeard.began_at)
    )
    return [(at, Heard(callers=callers, seen_s=seen_s)) for at, callers, seen_s in tx.execute(chosen)]
