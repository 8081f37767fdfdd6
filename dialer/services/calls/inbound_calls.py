"""Live callers in the book: each call of the inbound queue, from its beginning to its end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    PbxSnapshot,
)
from telephony.calls.reconcile import talk_ended_at

MOST_NUMBER = 16  # characters of a number as the table keeps it
OPEN_FOR = timedelta(days=7)  # a call without an end for longer began before anybody looked for ends


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInboundCall:
    """A live caller's call that the book has no end of."""

    caller: str
    queue: str
    in_queue: bool
    connected_at: datetime | None  # of a talk that is not over in the book
    agent: str | None


def is_recorded(fact: CallerFact, queues: Collection[str]) -> bool:
    """Whether this fact is of a caller of our inbound queues, as far as it tells; others are the site's."""
    return not isinstance(fact, CallerJoined | CallerConnected | CallerLeft) or fact.queue in queues


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


def open_calls(database: Database, pbx: str, until: datetime) -> tuple[OpenInboundCall, ...]:
    """Every call that began until then and has no end in the book."""
    with database.read() as tx:
        return tuple(
            OpenInboundCall(
                caller=row.caller,
                queue=row.queue,
                in_queue=row.left_at is None,
                connected_at=row.connected_at if row.talk_s is None else None,
                agent=row.agent,
            )
            for row in arrivals.open_calls(tx, pbx, until - OPEN_FOR, until)
        )


def ended_unseen(call: OpenInboundCall, snapshot: PbxSnapshot, now: datetime) -> tuple[CallerFact, ...]:
    """What is to be written of a call that the PBX has no more; its own record says how long they talked."""
    caller, talked = call.caller, call.agent is not None
    over_at = talk_ended_at(call.agent, call.connected_at, snapshot, now)
    found: list[CallerFact] = []
    if call.in_queue:
        found.append(CallerLeft(at=now, queue=call.queue, caller=caller, abandoned=not talked))
    if call.agent is not None and call.connected_at is not None:
        talk_s = max(0.0, (over_at - call.connected_at).total_seconds())
        found.append(CallerFinished(at=over_at, caller=caller, agent=call.agent, talk_s=talk_s))
    return (*found, CallerGone(at=over_at, caller=caller))


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
            # told apart from it, and by a busy PBX later than it was
            values["left_at"] = row.left_at and min(row.left_at, fact.at)
        case CallerLeft():
            values = {"left_at": fact.at, "abandoned": fact.abandoned}
        case CallerFinished() if row.talk_s is None:
            values = {"talk_s": fact.talk_s, "agent": fact.agent}
            if fact.handed_to is not None:
                values |= {"handed_over_at": fact.at, "handed_over_to": fact.handed_to or None}
            if row.connected_at is None:
                # nobody heard them being connected; their wait was over when the talk began
                began = max(row.joined_at, fact.at - timedelta(seconds=fact.talk_s))
                values |= {"connected_at": began, "left_at": row.left_at or began, "abandoned": False}
        case CallerGone():
            values = {"ended_at": fact.at}
    for name, value in values.items():
        setattr(row, name, value)
    return bool(values)
