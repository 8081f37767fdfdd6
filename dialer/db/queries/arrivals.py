"""Callers who rang in: each call, and how many half hour by half hour."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.calling.arrivals import Heard
from dialer.db.models import InboundArrival, InboundCall
from dialer.db.session import Transaction


def add(tx: Transaction, pbx: str, heard: Mapping[datetime, Heard]) -> None:
    """Add what was heard to what the database has of the same half hours."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    for began_at, more in heard.items():
        row = insert(InboundArrival).values(
            pbx=pbx, began_at=began_at, callers=more.callers, seen_s=more.seen_s
        )
        tx.execute(
            row.on_conflict_do_update(
                index_elements=["pbx", "began_at"],
                set_={
                    "callers": InboundArrival.callers + row.excluded.callers,
                    "seen_s": InboundArrival.seen_s + row.excluded.seen_s,
                },
            )
        )


def heard_between(
    tx: Transaction, pbx: str, since: datetime, until: datetime
) -> list[tuple[datetime, Heard]]:
    """What was heard in each half hour that began in this time, oldest first."""
    chosen = (
        select(InboundArrival.began_at, InboundArrival.callers, InboundArrival.seen_s)
        .where(InboundArrival.pbx == pbx, InboundArrival.began_at >= since, InboundArrival.began_at < until)
        .order_by(InboundArrival.began_at)
    )
    return [(at, Heard(callers=callers, seen_s=seen_s)) for at, callers, seen_s in tx.execute(chosen)]


def lock_call(tx: Transaction, pbx: str, caller: str) -> InboundCall | None:
    """One live caller's call, which nobody else changes until the transaction ends."""
    chosen = select(InboundCall).where(InboundCall.pbx == pbx, InboundCall.caller == caller)
    return tx.scalar(chosen.with_for_update())


def open_calls(tx: Transaction, pbx: str, since: datetime, until: datetime) -> Sequence[InboundCall]:
    """Calls that began in this time and have no end in the book."""
    chosen = select(InboundCall).where(
        InboundCall.pbx == pbx,
        InboundCall.joined_at >= since,
        InboundCall.joined_at < until,
        InboundCall.ended_at.is_(None),
    )
    return tx.scalars(chosen).all()


def calls_of(tx: Transaction, customer: int | None, number: str, limit: int) -> Sequence[InboundCall]:
    """The latest calls of a customer, or of a number of nobody's, newest first."""
    whose = InboundCall.customer_id == customer if customer is not None else InboundCall.e164 == number
    chosen = select(InboundCall).where(whose).order_by(InboundCall.joined_at.desc())
    return tx.scalars(chosen.limit(limit)).all()
