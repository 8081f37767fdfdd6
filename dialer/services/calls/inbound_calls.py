"""Live callers in the book: each call of the inbound queue, from its beginning to its end."""

from datetime import datetime
from typing import Any

from callbacks.limits import read_source
from dialer.db.models import InboundCall
from dialer.db.queries import arrivals, customers
from dialer.db.session import Database, Transaction
from dialer.services.promises.promises import release_promise
from telephony.calls.events import (
    CallerConnected,
    CallerFact,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
)

MOST_NUMBER = 16  # characters of a number as the table keeps it


def is_recorded(fact: CallerFact, queue: str) -> bool:
    """Whether this fact is of a caller of our inbound queue, as far as it tells; others are the site's."""
    return not isinstance(fact, CallerJoined | CallerConnected | CallerLeft) or fact.queue == queue


def record_caller(database: Database, pbx: str, region: str, fact: CallerFact, now: datetime) -> bool:
    """Let the book follow one fact of a live caller; False where it already has, or knows no such call.

    Whoever was promised a call in this one and has hung up may be rung a moment later. `region` is where a
    number without a country code is from.
    """
    with database.write() as tx:
        released = isinstance(fact, CallerGone) and release_promise(tx, fact.caller, now)
        row = arrivals.lock_call(tx, pbx, fact.caller)
        if row is None:
            if not isinstance(fact, CallerJoined | CallerConnected):
                return released
            row = _began(tx, pbx, region, fact)
        return _fold(row, fact) or released


def _began(tx: Transaction, pbx: str, region: str, fact: CallerJoined | CallerConnected) -> InboundCall:
    number = read_source(fact.number, region)[:MOST_NUMBER] if isinstance(fact, CallerJoined) else ""
    customer = customers.by_number(tx, number) if number else None
    row = InboundCall(
        pbx=pbx,
        caller=fact.caller,
        queue=fact.queue,
        e164=number,
        customer_id=customer.id if customer is not None else None,
        joined_at=fact.at,
        abandoned=False,
    )
    tx.add(row)
    return row


def _fold(row: InboundCall, fact: CallerFact) -> bool:
    """Whether the fact says anything new; a caller may come back to the queue, but not from the dead."""
    if row.ended_at is not None:
        return False
    values: dict[str, Any] = {}
    match fact:
        case CallerJoined():
            values = {"left_at": None, "abandoned": False}
        case CallerConnected() if row.connected_at is None:
            values = {"connected_at": fact.at, "agent": fact.agent, "abandoned": False}
        case CallerLeft():
            values = {"left_at": fact.at, "abandoned": fact.abandoned}
        case CallerFinished() if row.talk_s is None:
            values = {"talk_s": fact.talk_s, "agent": fact.agent}
            if fact.handed_to is not None:
                values |= {"handed_over_at": fact.at, "handed_over_to": fact.handed_to or None}
        case CallerGone():
            values = {"ended_at": fact.at}
    for name, value in values.items():
        setattr(row, name, value)
    return bool(values)
