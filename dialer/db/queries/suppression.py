"""The numbers and the persons that must not be rung."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, select

from dialer.db.models import DoNotCall, Prohibition
from dialer.db.session import Transaction

#: how the reason begins of an entry that an agent's word made; the call's id follows
SAID_SO: Final = "said so in"


def find(tx: Transaction, e164: str) -> DoNotCall | None:
    """The entry for a number."""
    return tx.get(DoNotCall, e164)


def add(tx: Transaction, entry: DoNotCall) -> bool:
    """Put a number on the list; False where it stands there already, with its first reason and date.

    An agent may take back a word that listed a number. Where somebody else lists it meanwhile, the entry
    becomes theirs, so that it stays.
    """
    listed = find(tx, entry.e164)
    if listed is not None:
        if listed.reason.startswith(SAID_SO) and not entry.reason.startswith(SAID_SO):
            listed.reason, listed.source = entry.reason, entry.source
            tx.flush()
        return False
    tx.add(entry)
    tx.flush()
    return True


def remove(tx: Transaction, e164: str) -> bool:
    """Take a number off the list; False where it was not on it."""
    gone = delete(DoNotCall).where(DoNotCall.e164 == e164).returning(DoNotCall.e164)
    return tx.scalar(gone) is not None


def person(tx: Transaction, customer: int) -> Prohibition | None:
    """What puts a person off, if something does."""
    return tx.get(Prohibition, customer)


def persons(tx: Transaction, chosen: Collection[int]) -> frozenset[int]:
    """Those of the customers who are put off."""
    found = select(Prohibition.customer_id).where(Prohibition.customer_id.in_(chosen))
    return frozenset(tx.scalars(found))


def listed(tx: Transaction, chosen: Collection[str]) -> frozenset[str]:
    """Those of the numbers that are on the list."""
    return frozenset(tx.scalars(select(DoNotCall.e164).where(DoNotCall.e164.in_(chosen))))


def add_all(tx: Transaction, entries: Sequence[Prohibition | DoNotCall]) -> None:
    """Put persons and numbers on the list that are not on it."""
    tx.add_all(entries)
    tx.flush()


def allow(tx: Transaction, customer: int) -> bool:
    """No longer put a person off; False where nothing did."""
    gone = delete(Prohibition).where(Prohibition.customer_id == customer).returning(Prohibition.customer_id)
    return tx.scalar(gone) is not None


def latest(tx: Transaction, limit: int) -> Sequence[DoNotCall]:
    """The newest entries."""
    return tx.scalars(
        select(DoNotCall).order_by(DoNotCall.added_at.desc(), DoNotCall.e164).limit(limit)
    ).all()
