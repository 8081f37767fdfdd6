"""What the customer of a promise is told by text of how its calls go, in the transaction that says so."""

from datetime import datetime
from enum import StrEnum

from dialer.db.models import Promise
from dialer.db.session import Transaction
from dialer.services.outbox.outbox import add_text


class TextDue(StrEnum):
    """Why a customer gets a text; each is a kind of text."""

    BUSY = "promise.busy"  # the line was busy again and again
    PUT_OFF = "promise.put_off"  # we closed before it was their turn


def note_text_due(tx: Transaction, promise: Promise, kind: TextDue, now: datetime, *, cause: str) -> None:
    """Have the customer of this promise told by text; of one `cause` there is one text."""
    add_text(tx, promise, kind.value, now, key=f"{kind.value}-{promise.id}-{cause}")
