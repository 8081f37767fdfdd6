"""Who rings in while a call is promised to them has its place, and an agent they reach settles it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.ring_in import MISSED_WITHIN, ON_THE_LINE, HeldPlace
from dialer.db.queries import customers, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.transitions import step_promise
from telephony.calls.events import CallerFact

Caller = TypeVar("Caller", bound=Hashable)  # however callers are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerServed(CallerFact):
    """A live caller and an agent hear each other; `number` is the one the PBX told of the caller."""

    number: str


def held_places(
    database: Database, numbers: Mapping[Caller, str], now: datetime
) -> dict[Caller, tuple[HeldPlace, ...]]:
    """By caller: the promises of the person whose number they show.

    All numbers that one customer alone has are one person's. Promises that ended are among them where a call
    to them was missed so lately that this is likely the answer to it.
    """
    with database.read() as tx:
        return {caller: _held_by(tx, number, now - MISSED_WITHIN) for caller, number in numbers.items()}


def _held_by(tx: Transaction, number: str, since: datetime) -> tuple[HeldPlace, ...]:
    numbers = customers.numbers_of_person(tx, number)
    found = promises.of_person(tx, numbers, since)
    # an open promise is settled by an agent they reach, so it is asked of the others alone
    given_up = any(row.ended_at is not None for row, _ in found)
    served = promises.person_served(tx, numbers, since) if given_up else None
    return tuple(
        HeldPlace(
            promise=row.id,
            virtual_join=row.virtual_join,
            missed_at=missed,
            ended_at=row.ended_at,
            wanted_from=row.wanted_from,
            served_at=max((at for at in (served, row.followed_up_at) if at is not None), default=None),
        )
        for row, missed in found
    )


def owner_awaited(database: Database, number: str) -> str | None:
    """The agent whose own promise to the person of this number is open; of several the earliest."""
    with database.read() as tx:
        held = promises.open_of(tx, None, customers.numbers_of_person(tx, number))
        return next((row.owner for row in held if row.owner is not None), None)


def settle_served(database: Database, served: CallerServed, now: datetime) -> tuple[int, ...]:
    """A caller who has an agent needs no call any more: their open promises are settled, and named.

    A call that is on its way to them is refused by the dial permit, where it has not rung yet; one that rings
    is hung up by the engine.
    """
    with database.read() as tx:
        numbers = customers.numbers_of_person(tx, served.number)
        found = [row.id for row in promises.open_of(tx, None, numbers)]
    if not found:  # as for almost everybody
        return ()
    settled = []
    with database.write() as tx:
        for promise in found:
            row = promises.lock_promise(tx, promise)
            if row is not None and PROMISE.allows(row.state, PromiseEvent.SETTLE):
                step_promise(tx, row, PromiseEvent.SETTLE, now, reason=ON_THE_LINE)
                settled.append(promise)
    return tuple(settled)
