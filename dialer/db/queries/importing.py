"""What an import has to know of the database before it begins."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from dialer.db.models import Customer, CustomerNumber, ImportBatch
from dialer.db.session import Transaction


def first_numbers(tx: Transaction) -> dict[str, str]:
    """The first number of every customer who has one, by the company's own id."""
    chosen = (
        select(Customer.external_id, CustomerNumber.e164)
        .join(CustomerNumber, CustomerNumber.customer_id == Customer.id)
        .where(CustomerNumber.position == 0)
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}


def mappings(tx: Transaction) -> Iterator[dict[str, Any]]:
    """Which column was what in the files that changed anything, the newest first."""
    yield from tx.scalars(select(ImportBatch.mapping).order_by(ImportBatch.id.desc()))
