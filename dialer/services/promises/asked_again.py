"""Who asks for a call once more has one promise, at the place it had, whichever of their numbers it is to."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.models import Promise
from dialer.db.queries import promises
from dialer.db.session import Transaction
from dialer.services.calls.transitions import step_promise

AT_THEIR_PHONE: Final = frozenset({PromiseState.DIALLING, PromiseState.CONNECTED})
ANOTHER_NUMBER: Final = "asked again, for another number"  # why the earlier promise is settled


def release_held(tx: Transaction, e164: str) -> None:
    """Ring a promise that an outage made overdue: its customer has just said that they still want it."""
    standing = promises.open_for(tx, e164)
    if standing is not None:
        standing.held_since = None


def take_over(
    tx: Transaction, others: Collection[str], joined: datetime, now: datetime
) -> datetime | Refusal:
    """Settle the person's open promises to their `others` numbers; since when the new one stands in line.

    Refused with `promise.already-open` where one of these is being kept at this moment.
    """
    standing = promises.open_of(tx, None, others)
    if _one_is_kept(standing):  # then its row is left alone: whoever writes it may want this person's turn
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    if standing:
        standing = promises.open_of(tx, None, others, lock=True)
    if _one_is_kept(standing):
        return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
    for row in standing:
        step_promise(tx, row, PromiseEvent.SETTLE, now, reason=ANOTHER_NUMBER)
    return min([joined, *(row.virtual_join for row in standing if _has_come(row, now))])


def _one_is_kept(standing: Collection[Promise]) -> bool:
    return any(row.state in AT_THEIR_PHONE for row in standing)


def _has_come(row: Promise, now: datetime) -> bool:
    """Whether a promise has its place by now: one at a chosen time has it from then on."""
    return row.wanted_from is None or row.wanted_from <= now
