"""Who asks for a call once more has one promise, at the place it had, whichever of their numbers it is to."""

from datetime import datetime
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.db.models import Promise
from dialer.db.queries import customers, promises
from dialer.db.session import Transaction
from dialer.services.calls.transitions import step_promise

ANOTHER_NUMBER: Final = "asked again, for another number"  # why the earlier promise is settled


def release_held(tx: Transaction, e164: str) -> None:
    """Ring a promise that an outage made overdue: its customer has just said that they still want it."""
    standing = promises.open_for(tx, e164)
    if standing is not None:
        standing.held_since = None


def take_over(tx: Transaction, e164: str, joined: datetime, now: datetime) -> datetime | Refusal:
    """Settle the person's open promises to other numbers; since when the new one stands in line.

    Refused with `promise.already-open` where one of these is being kept at this moment.
    """
    others = promises.open_of(tx, None, customers.numbers_of_person(tx, e164) - {e164})
    if not all(PROMISE.allows(row.state, PromiseEvent.SETTLE) for row in others):
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    for row in others:
        step_promise(tx, row, PromiseEvent.SETTLE, now, reason=ANOTHER_NUMBER)
    return min([joined, *(row.virtual_join for row in others if _has_come(row, now))])


def _has_come(row: Promise, now: datetime) -> bool:
    """Whether a promise has its place by now: one at a chosen time has it from then on."""
    return row.wanted_from is None or row.wanted_from <= now
