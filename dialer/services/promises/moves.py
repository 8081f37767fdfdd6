"""A promised call is moved: one by its customer or by staff, a day's by staff; each customer is told."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from dialer.db.models import Promise
from dialer.db.queries import audit, one_at_a_time, promises, slots
from dialer.db.session import Database, Transaction
from dialer.services.calls.transitions import step_promise
from dialer.services.outbox.outbox import add_text
from dialer.services.promises.slots import slot_at, slots_for

HOURS_A_DAY: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDay:
    """What became of a day's promises: the ids of those moved, and of those that found no room."""

    moved: tuple[int, ...]
    left: tuple[int, ...]


def move_promise(
    database: Database, promise: int, start: datetime, actor: str, now: datetime
) -> Slot | Refusal:
    """Move a promise to the hour that begins at `start`; its customer is told by text.

    To the hour it has already nothing is moved, and nobody told. Refused with `promise.unknown`,
    `promise.not-open` while it is being kept or once it is over, and `slot.taken` where that hour cannot be
    promised.
    """
    with database.write() as tx:
        one_at_a_time.book_hours(tx)
        row = promises.lock_promise(tx, promise)
        if row is None:
            return Refusal(rule=Rule.PROMISE_UNKNOWN)
        if not PROMISE.allows(row.state, PromiseEvent.MOVE):
            return Refusal(rule=Rule.PROMISE_NOT_OPEN)
        booked = booked_hour(row)
        if booked is not None and booked.start == start and booked.end > now:
            return booked
        slot = slot_at(tx, database, row.queue, row.e164, start, now)
        if slot is None:
            return Refusal(rule=Rule.SLOT_TAKEN)
        _move(tx, row, slot, actor, now)
        return slot


def booked_hour(row: Promise) -> Slot | None:
    """The hour in which a promise is to be called, as it was chosen; None where that is not so (any more)."""
    wanted, start, end = row.wanted_from, row.said_from, row.said_until
    if wanted is None or start is None or end is None or row.next_action_at != wanted:
        return None
    return Slot(start=start, end=end, quarter=wanted, room=0)


def move_day(
    database: Database, day: date, to: date, actor: str, now: datetime, *, queue: str | None = None
) -> MovedDay:
    """Move what was to be called on one day, on the centre's clock, to another; each customer is told.

    Those who chose a time get the same hour where there is room, all others the next that has; the order is
    that of before. Who finds no room keeps the time they have, and is named.
    """
    zone = ZoneInfo(database.policy.rulebook.queue.zone)
    since, until = (datetime.combine(each, time(), tzinfo=zone) for each in (day, day + timedelta(days=1)))
    moved, left = [], []
    with database.read() as tx:
        found = [row.id for row in slots.wanted_between(tx, since, until) if queue in {None, row.queue}]
    for promise in found:  # each in a transaction of its own: a long one would hold up whoever calls
        with database.write() as tx:
            one_at_a_time.book_hours(tx)
            row = promises.lock_promise(tx, promise)
            if row is None or not PROMISE.allows(row.state, PromiseEvent.MOVE):
                left.append(promise)
                continue
            slot = _next_free(tx, database, row, to, now)
            if slot is None:
                left.append(promise)
                continue
            _move(tx, row, slot, actor, now)
            moved.append(promise)
    return MovedDay(moved=tuple(moved), left=tuple(left))


def _next_free(tx: Transaction, database: Database, row: Promise, to: date, now: datetime) -> Slot | None:
    """The same hour on that day, or the first after it that has room, or the first of the day at all."""
    zone = ZoneInfo(database.policy.rulebook.queue.zone)
    hours = [datetime.combine(to, time(hour), tzinfo=zone) for hour in range(HOURS_A_DAY)]
    free = slots_for(tx, database, row.queue, row.e164, hours, now)
    same = row.wanted_from.astimezone(zone).hour if row.wanted_from is not None else 0
    later = [slot for slot in free if slot.start.astimezone(zone).hour >= same]
    return next(iter([*later, *free]), None)


def _move(tx: Transaction, row: Promise, slot: Slot, actor: str, now: datetime) -> None:
    before = row.wanted_from or row.next_action_at
    step_promise(
        tx,
        row,
        PromiseEvent.MOVE,
        now,
        reason=f"moved by {actor}"[:80],
        wanted_from=slot.quarter,
        rung_from=slot.quarter,
        next_action_at=slot.quarter,
        said_from=slot.start,
        said_until=slot.end,
        held_since=None,  # whoever has it moved has decided on it
    )
    add_text(tx, row, "promise.moved", now)
    details = {"from": before.isoformat() if before else None, "to": slot.start.isoformat()}
    audit.add(tx, now, actor, "promise.moved", str(row.id), details)
