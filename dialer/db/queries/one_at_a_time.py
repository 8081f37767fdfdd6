"""What only one transaction does at a time: asking for one person, counting who asked, booking an hour.

Each looks at what others have and then adds to it; two of them side by side would see neither. Where a
database takes one writer at a time it is so by itself. Elsewhere a transaction waits here for the one before,
and then sees what that one wrote. Who needs several takes them in the order of this file, and before rows of
promises.
"""

from typing import Final

from sqlalchemy import func, select

from dialer.db.queries import customers
from dialer.db.session import Transaction

ASKING: Final = "promises asked for"
WISHING: Final = "wishes from the web"
BOOKING: Final = "hours of calls"


def ask_for_person(tx: Transaction, e164: str) -> frozenset[str]:
    """The numbers of whoever has this one; nobody else asks for a call for them until this is committed."""
    owner = customers.only_owner(tx, e164)
    _take(tx, f"promise {e164 if owner is None else owner}")
    return customers.numbers_of_person(tx, e164)


def count_askers(tx: Transaction) -> None:
    """Nobody else is counted against the caps of promises until the transaction ends.

    One lock for all of them: an hour has few promises, and one cap is of all together.
    """
    _take(tx, ASKING)


def count_wishes(tx: Transaction) -> None:
    """Nobody else is counted against the caps of wishes from the web until the transaction ends."""
    _take(tx, WISHING)


def book_hours(tx: Transaction) -> None:
    """Nobody else books an hour for a call until the transaction ends."""
    _take(tx, BOOKING)


def _take(tx: Transaction, what: str) -> None:
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
