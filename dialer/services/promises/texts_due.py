"""What the customer of a promise is to be told in writing, noted in the transaction that caused it."""

from enum import StrEnum
from typing import Final

from dialer.core.compliance.check import refuse_night
from dialer.db.models import Promise
from dialer.db.queries import audit
from dialer.services.calls.transitions import TransitionContext
from dialer.services.customers.dialing_regions import number_facts
from dialer.services.outbox.outbox import add_text

NOTED_BY: Final = "winback"
MOST_KEY: Final = 100  # characters, as the outbox holds them


class TextDue(StrEnum):
    """Why a customer is to get a text; each is a kind of text."""

    BUSY = "promise.busy"  # the line was busy again and again
    PUT_OFF = "promise.put_off"  # we closed before it was their turn
    OUTAGE = "promise.outage"  # nobody could call for hours, and a person decides when we do


def note_text_due(entry: TransitionContext, promise: Promise, kind: TextDue, *, cause: str) -> None:
    """Note that a text is due to the customer of this promise; of one `cause` there is one text.

    It waits for the customer's day: a telephone that lies by a bed wakes people by a text too (invariant 10).
    """
    tx, now = entry.tx, entry.now
    key = f"{promise.id} {kind} {cause}"[:MOST_KEY]
    night = refuse_night(number_facts(promise.e164).zones, promise.made_at, entry.policy.rulebook, now)
    if add_text(tx, promise, kind.value, now, key=key, due_at=night.until if night is not None else None):
        details = {"kind": kind.value, "cause": cause}
        audit.add(tx, now, NOTED_BY, "promise.text-due", str(promise.id), details)
