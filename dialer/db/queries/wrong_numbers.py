"""Numbers at which a customer is not to be found, and the numbers that are left to them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from dialer.db.models import CustomerNumber, WrongNumber
from dialer.db.queries.bulk_rows import is_one_of
from dialer.db.session import Transaction


def find(tx: Transaction, customer: int, e164: str) -> WrongNumber | None:
    """The entry for a number of a customer's."""
    return tx.get(WrongNumber, (customer, e164))


def of_customer(tx: Transaction, customer: int) -> Sequence[WrongNumber]:
    """The numbers struck off a customer, oldest first."""
    chosen = select(WrongNumber).where(WrongNumber.customer_id == customer)
    return tx.scalars(chosen.order_by(WrongNumber.added_at, WrongNumber.e164)).all()


def of_customers(tx: Transaction, customers: Collection[int]) -> Mapping[int, frozenset[str]]:
    """The numbers struck off each of these customers; those without any are left out."""
    chosen = select(WrongNumber.customer_id, WrongNumber.e164)
    chosen = chosen.where(is_one_of(tx, WrongNumber.customer_id, customers))
    found: dict[int, set[str]] = {}
    for customer, e164 in tx.execute(chosen):
        found.setdefault(customer, set()).add(e164)
    return {customer: frozenset(numbers) for customer, numbers in found.items()}


def strike(  # noqa: PLR0917 - whose number, and who says so in which call
    tx: Transaction, customer: int, e164: str, attempt: str, agent: str, now: datetime
) -> bool:
    """Strike a number off a customer; False where it is struck off already."""
    if find(tx, customer, e164) is not None:
        return False
    row = _number(tx, customer, e164)
    entry = WrongNumber(
        customer_id=customer,
        e164=e164,
        position=row.position if row is not None else 0,
        attempt_id=attempt,
        agent=agent,
        added_at=now,
    )
    tx.add(entry)
    if row is not None:
        tx.execute(delete(CustomerNumber).where(CustomerNumber.id == row.id))
        _shift(tx, customer, row.position, -1)
    tx.flush()
    return True


def put_back(tx: Transaction, entry: WrongNumber, dialing_region: int) -> None:
    """Let a number be the customer's again, at its old place."""
    customer, e164, position = entry.customer_id, entry.e164, entry.position
    tx.delete(entry)
    tx.flush()
    if _number(tx, customer, e164) is None:
        _shift(tx, customer, position - 1, 1)
        values = {"customer_id": customer, "e164": e164, "position": position}
        tx.execute(insert(CustomerNumber).values(**values, dialing_region_id=dialing_region))


def _number(tx: Transaction, customer: int, e164: str) -> CustomerNumber | None:
    owned = (CustomerNumber.customer_id == customer) & (CustomerNumber.e164 == e164)
    return tx.scalar(select(CustomerNumber).where(owned))


def _shift(tx: Transaction, customer: int, after: int, by: int) -> None:
    """Move the numbers behind a place, so that the first one is always at 0."""
    behind = (CustomerNumber.customer_id == customer) & (CustomerNumber.position > after)
    tx.execute(
        update(CustomerNumber)
        .where(behind)
        .values(position=CustomerNumber.position + by)
        .execution_options(synchronize_session=False)
    )
