"""What the customer of a promise is to be told in writing, noted in the transaction that caused it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from dialer.db.models import Promise
from dialer.db.queries import audit
from dialer.db.session import Transaction
from dialer.services.outbox.outbox import add_text

NOTED_BY: Final = "winback"
MOST_KEY: Final = 100  # characters, as the outbox holds them


class TextDue(StrEnum):
    """Why a customer is to get a text; each is a kind of text."""

    BUSY = "promise.busy"  # the line was busy again and again
    PUT_OFF = "promise.put_off"  # we closed before it was their turn


def note_text_due(tx: Transaction, promise: Promise, kind: TextDue, now: datetime, *, cause: str) -> None:
    """Note that a text is due to the customer of this promise; of one `cause` there is one text."""
    key = f"{promise.id} {kind} {cause}"[:MOST_KEY]
    if add_text(tx, promise, kind.value, now, key=key):
        details = {"kind": kind.value, "cause": cause}
        audit.add(tx, now, NOTED_BY, "promise.text-due", str(promise.id), details)
