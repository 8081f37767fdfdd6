"""What whoever holds a promise's link may see of it: its time and its end, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.slots import Slot
from dialer.db.models import Promise
from dialer.db.queries import promises
from dialer.db.session import Database
from dialer.services.outbox.delivery import promise_link, text_facts
from dialer.services.promises.moves import booked_hour
from dialer.services.promises.slots import open_slots
from dialer.settings import Settings

BY_CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPromise:
    """One's own promised call. No number is in it: whoever found the telephone's text learns none."""

    id: int
    reference: str
    state: PromiseState
    window: tuple[datetime, datetime | None] | None
    zone: str
    language: str
    can_move: bool
    can_cancel: bool


def own_promise(database: Database, settings: Settings, promise: int, now: datetime) -> OwnPromise | None:
    """One promise as its customer sees it; None where there is none any more."""
    with database.read() as tx:
        row = promises.find(tx, promise)
        if row is None:
            return None
        facts = text_facts(settings, row.e164, row, now=now)
        return OwnPromise(
            id=row.id,
            reference=row.reference,
            state=row.state,
            window=facts.window,
            zone=facts.zone,
            language=row.language,
            can_move=PROMISE.allows(row.state, PromiseEvent.MOVE),
            can_cancel=PROMISE.allows(row.state, PromiseEvent.CANCEL),
        )


def own_slots(database: Database, promise: int, now: datetime) -> tuple[Slot, ...]:
    """The hours to which one may move one's own promise: not the one it has."""
    row = _row(database, promise)
    if row is None:
        return ()
    booked = booked_hour(row)
    free = open_slots(database, row.queue, row.e164, now)
    return tuple(slot for slot in free if booked is None or slot.start != booked.start)


def own_link(database: Database, settings: Settings, promise: int, now: datetime) -> str | None:
    """The address of a promise's own page; None where there is no such promise any more."""
    row = _row(database, promise)
    return promise_link(settings, row, now) if row is not None else None


def _row(database: Database, promise: int) -> Promise | None:
    with database.read() as tx:
        return promises.find(tx, promise)
