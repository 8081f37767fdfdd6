"""Named sources of customer files, who is in each, and the files that were handed in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, insert, select, update
from sqlalchemy.orm import aliased

from dialer.core.calling.campaign import LeadState
from dialer.db.models import Customer, ImportSource, Lead, ReceivedFile, SourceMember
from dialer.db.session import Transaction


class KnownMember(NamedTuple):
    """A customer of a source, as its files up to now say."""

    customer: int
    external_id: str
    name: str
    missing_since: datetime | None
    closed_at: datetime | None


def find_source(tx: Transaction, name: str) -> ImportSource | None:
    """The source of this name."""
    return tx.scalar(select(ImportSource).where(ImportSource.name == name))


def every_source(tx: Transaction) -> Sequence[ImportSource]:
    """All of them, by name."""
    return tx.scalars(select(ImportSource).order_by(ImportSource.name)).all()


def put_source(tx: Transaction, name: str, values: dict[str, Any]) -> int:
    """Write down how a source's files are read; its id."""
    row = tx.scalar(select(ImportSource).where(ImportSource.name == name).with_for_update())
    if row is None:
        row = ImportSource(name=name, **values)
        tx.add(row)
        tx.flush()
    else:
        tx.execute(update(ImportSource).where(ImportSource.id == row.id).values(**values))
    return row.id


def members(tx: Transaction, source: int) -> list[KnownMember]:
    """Everybody who ever was in the source's files."""
    chosen = (
        select(
            Customer.id,
            Customer.external_id,
            Customer.name,
            SourceMember.missing_since,
            SourceMember.closed_at,
        )
        .join(SourceMember, SourceMember.customer_id == Customer.id)
        .where(SourceMember.source_id == source)
    )
    return [KnownMember._make(row) for row in tx.execute(chosen)]


def add_members(tx: Transaction, source: int, external_ids: Collection[str]) -> None:
    """Write these customers down as being in the source; an id that is no customer is passed over."""
    chosen = select(Customer.id).where(Customer.external_id.in_(external_ids))
    known = select(SourceMember.customer_id).where(SourceMember.source_id == source)
    rows = [
        {"source_id": source, "customer_id": customer}
        for customer in tx.scalars(chosen.where(Customer.id.not_in(known)))
    ]
    if rows:
        tx.execute(insert(SourceMember), rows)


def change_members(tx: Transaction, source: int, customers: Collection[int], **values: Any) -> None:
    """Change what is known of some of the source's customers."""
    tx.execute(
        update(SourceMember)
        .where(SourceMember.source_id == source, SourceMember.customer_id.in_(customers))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def closed_customers() -> Select[int]:
    """Customers who were closed because a source's file is without them, and are in no other one's."""
    other = aliased(SourceMember)
    kept = exists().where(other.customer_id == SourceMember.customer_id, other.missing_since.is_(None))
    return select(SourceMember.customer_id).where(SourceMember.closed_at.is_not(None), ~kept)


def waiting_leads(tx: Transaction, customers: Collection[int]) -> Sequence[Lead]:
    """Leads of these customers that wait to be called and whose customers no source's file has any more."""
    chosen = select(Lead).where(
        Lead.customer_id.in_(customers),
        Lead.customer_id.in_(closed_customers()),
        Lead.state == LeadState.LISTED,
    )
    return tx.scalars(chosen.with_for_update(of=Lead)).all()


def of_customer(tx: Transaction, customer: int) -> list[tuple[str, datetime | None, datetime | None]]:
    """The sources a customer is or was in: name, missing since, closed at."""
    chosen = (
        select(ImportSource.name, SourceMember.missing_since, SourceMember.closed_at)
        .join(SourceMember, SourceMember.source_id == ImportSource.id)
        .where(SourceMember.customer_id == customer)
        .order_by(ImportSource.name)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(chosen)]


# Files that were handed in -----------------------------------------------------------------------------


def add_file(tx: Transaction, row: ReceivedFile) -> int:
    """Write a file down; its id."""
    tx.add(row)
    tx.flush()
    return row.id


def find_file(tx: Transaction, file: int) -> ReceivedFile | None:
    """One file."""
    return tx.get(ReceivedFile, file)


def newest_files(tx: Transaction, limit: int) -> Sequence[ReceivedFile]:
    """The files that came last, newest first."""
    return tx.scalars(select(ReceivedFile).order_by(ReceivedFile.id.desc()).limit(limit)).all()


def move_file(
    tx: Transaction, file: int, states: Collection[str], state: str, now: datetime, **values: Any
) -> bool:
    """Bring a file that is in one of these states into another; False where it is in none of them."""
    moved = tx.execute(
        update(ReceivedFile)
        .where(ReceivedFile.id == file, ReceivedFile.state.in_(states))
        .values(state=state, heard_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def touch_files(tx: Transaction, files: Collection[int], states: Collection[str], **values: Any) -> None:
    """Change what is said of files that are in one of these states."""
    chosen = update(ReceivedFile).where(ReceivedFile.id.in_(files), ReceivedFile.state.in_(states))
    tx.execute(chosen.values(**values).execution_options(synchronize_session=False))


def files_before(tx: Transaction, moment: datetime) -> Sequence[ReceivedFile]:
    """Files that came before a moment and may still be on disk."""
    chosen = select(ReceivedFile).where(ReceivedFile.received_at < moment, ReceivedFile.path != "")
    return tx.scalars(chosen.order_by(ReceivedFile.id)).all()
