"""Customers with their numbers and places; what is imported and what is scored."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, selectinload

from dialer.db.models import (
    AssignmentRow,
    ChurnLabelRow,
    Customer,
    CustomerNumber,
    CustomerSnapshot,
    DialingRegion,
    ImportBatch,
    ModelVersion,
    Score,
)
from dialer.db.queries.bulk_rows import is_one_of, put_columns, put_rows, reserve_ids
from dialer.db.session import Transaction


def get(tx: Transaction, customer: int) -> Customer:
    """A customer that must be there."""
    return tx.get_one(Customer, customer)


def find(tx: Transaction, customer: int | None) -> Customer | None:
    """A customer that may be there."""
    return tx.get(Customer, customer) if customer is not None else None


def by_number(tx: Transaction, e164: str) -> Customer | None:
    """The customer with this number; where several share it, the one who has it first in order."""
    return tx.scalar(
        select(Customer)
        .join(CustomerNumber, CustomerNumber.customer_id == Customer.id)
        .where(CustomerNumber.e164 == e164)
        .order_by(CustomerNumber.position, Customer.id)
        .limit(1)
    )


def all_with_number(tx: Transaction, e164: str) -> Sequence[Customer]:
    """Every customer who has this number, whoever has it first in order first."""
    return tx.scalars(
        select(Customer)
        .join(CustomerNumber, CustomerNumber.customer_id == Customer.id)
        .where(CustomerNumber.e164 == e164)
        .order_by(CustomerNumber.position, Customer.id)
    ).all()


def numbers_of_person(tx: Transaction, e164: str) -> frozenset[str]:
    """The numbers of whoever has this one: of one customer all those that nobody else has.

    Of a number that several customers share, or none has, it alone: nobody can tell whose call it is.
    """
    owner = only_owner(tx, e164)
    if owner is None:
        return frozenset({e164})
    others = aliased(CustomerNumber)
    shared = exists().where(others.e164 == CustomerNumber.e164, others.customer_id != owner)
    own = select(CustomerNumber.e164).where(CustomerNumber.customer_id == owner, ~shared)
    return frozenset(tx.scalars(own))


def only_owner(tx: Transaction, e164: str) -> int | None:
    """The customer who alone has this number; None where several share it, or none has it."""
    owners = tx.scalars(select(CustomerNumber.customer_id).where(CustomerNumber.e164 == e164).limit(2)).all()
    return owners[0] if len(owners) == 1 else None


def with_numbers(tx: Transaction, ids: Sequence[int]) -> list[Customer]:
    """Customers by Winback's own ids, in this order, with their numbers; those who are there."""
    chosen = select(Customer).where(Customer.id.in_(ids)).options(selectinload(Customer.numbers))
    found = {customer.id: customer for customer in tx.scalars(chosen)}
    return [found[key] for key in ids if key in found]


class StoredCustomer(NamedTuple):
    """A customer as the last file left them."""

    id: int
    external_id: str
    name: str
    zone: str | None
    language: str
    household: str | None
    residence: str | None
    attributes: dict[str, Any]
    imported_at: datetime
    row_digest: str | None
    numbers: tuple[str, ...]


OWN: Final = (
    *("external_id", "name", "zone", "language", "household", "residence", "attributes"),
    *("imported_at", "row_digest"),
)


def set_digests(tx: Transaction, digests: Mapping[int, str]) -> None:
    """Give customers, by Winback's own ids, the digest of the row that says just what is known."""
    if digests:
        customer = Customer.__table__.c
        changed = update(Customer.__table__).where(customer.id == bindparam("key"))  # type: ignore[arg-type] # a table
        tx.connection().execute(
            changed.values(row_digest=bindparam("digest")),
            [{"key": key, "digest": digest} for key, digest in digests.items()],
        )


def by_external_ids(tx: Transaction, external: Collection[str]) -> dict[str, StoredCustomer]:
    """Customers by the company's own ids, with their numbers in order."""
    own = [getattr(Customer, name) for name in OWN]
    rows = tx.execute(select(Customer.id, *own).where(is_one_of(tx, Customer.external_id, external))).all()
    if not rows:
        return {}
    numbers: dict[int, list[str]] = defaultdict(list)
    chosen = (
        select(CustomerNumber.customer_id, CustomerNumber.e164)
        .where(is_one_of(tx, CustomerNumber.customer_id, [row[0] for row in rows]))
        .order_by(CustomerNumber.position, CustomerNumber.id)
    )
    for customer, e164 in tx.execute(chosen):
        numbers[customer].append(e164)
    return {row[1]: StoredCustomer._make((*row, tuple(numbers.get(row[0], ())))) for row in rows}


def insert_customers(tx: Transaction, columns: Sequence[Sequence[Any]]) -> dict[str, int]:
    """Write new customers, their values column by column as `OWN` names them; their ids by external id."""
    ids = reserve_ids(tx, "customer", len(columns[0]))
    put_columns(tx, "customer", ("id", *OWN), (ids, *columns))
    return dict(zip(columns[0], ids, strict=True))


def update_customer(tx: Transaction, customer: int, values: Mapping[str, Any]) -> None:
    """Change one customer's own columns."""
    tx.execute(
        update(Customer)
        .where(Customer.id == customer)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def replace_numbers(tx: Transaction, customers: Collection[int], rows: Sequence[tuple[Any, ...]]) -> None:
    """Give these customers exactly these numbers: customer, E.164, position, dialing region."""
    if customers:
        tx.execute(
            delete(CustomerNumber)
            .where(CustomerNumber.customer_id.in_(customers))
            .execution_options(synchronize_session=False)
        )
    if rows:
        put_rows(tx, "customer_number", ("customer_id", "e164", "position", "dialing_region_id"), rows)


def dialing_region_id(
    tx: Transaction, key: str, country: str, zones: Sequence[str], residence: Sequence[str]
) -> int:
    """The id of a place, written down if it is a new one."""
    dialect = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = dialect(DialingRegion).values(
        key=key, country=country, zones=list(zones), residence=" ".join(residence)
    )
    tx.execute(fresh.on_conflict_do_nothing(index_elements=[DialingRegion.key]))
    return tx.scalars(select(DialingRegion.id).where(DialingRegion.key == key)).one()


def count_all(tx: Transaction) -> int:
    """How many customers there are."""
    return tx.scalar(select(func.count()).select_from(Customer)) or 0


class ReadCustomer(NamedTuple):
    """One customer as models see them."""

    id: int
    external_id: str
    household: str | None
    attributes: dict[str, Any]


def stream(tx: Transaction, after: int, limit: int) -> list[ReadCustomer]:
    """The next customers by id, for reading all of them piece by piece; nobody who was erased."""
    columns = (Customer.id, Customer.external_id, Customer.household, Customer.attributes)
    chosen = select(*columns).where(Customer.id > after, Customer.external_id.not_like("erased-%"))
    # past the session, which makes each row anew
    return list(map(ReadCustomer._make, tx.connection().execute(chosen.order_by(Customer.id).limit(limit))))


def keep_past(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what these customers were until now."""
    if rows:
        tx.execute(insert(CustomerSnapshot), rows)


def attributes_at(tx: Transaction, campaign: int, moment: datetime) -> dict[int, dict[str, Any]]:
    """Attributes at a moment of those who were considered for a list and have changed since."""
    first = (
        select(CustomerSnapshot.customer_id, func.min(CustomerSnapshot.until).label("until"))
        .join(AssignmentRow, AssignmentRow.customer_id == CustomerSnapshot.customer_id)
        .where(AssignmentRow.campaign_id == campaign, CustomerSnapshot.until > moment)
        .group_by(CustomerSnapshot.customer_id)
    ).subquery()
    chosen = select(CustomerSnapshot.customer_id, CustomerSnapshot.attributes).join(
        first,
        (first.c.customer_id == CustomerSnapshot.customer_id) & (first.c.until == CustomerSnapshot.until),
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}


def attributes_before_outcome(tx: Transaction, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Attributes, of those who have changed since, before the moment of what was told last of each customer.

    Of whom nothing is from before that moment, the first there is: a file that tells the outcome of all its
    customers has their columns beside it.
    """
    last = (
        select(func.max(ChurnLabelRow.id))
        .where(ChurnLabelRow.customer_id.in_(ids))
        .group_by(ChurnLabelRow.customer_id)
    )
    first = (
        select(CustomerSnapshot.customer_id, func.min(CustomerSnapshot.until).label("until"))
        .join(ChurnLabelRow, ChurnLabelRow.customer_id == CustomerSnapshot.customer_id)
        .where(ChurnLabelRow.id.in_(last), CustomerSnapshot.until >= ChurnLabelRow.at)
        .group_by(CustomerSnapshot.customer_id)
    ).subquery()
    chosen = select(CustomerSnapshot.customer_id, CustomerSnapshot.attributes).join(
        first,
        (first.c.customer_id == CustomerSnapshot.customer_id) & (first.c.until == CustomerSnapshot.until),
    )
    return {row[0]: row[1] for row in tx.execute(chosen)}


def add_batch(tx: Transaction, **values: Any) -> int:
    """Write down that a file was read."""
    batch = ImportBatch(**values)
    tx.add(batch)
    tx.flush()
    return batch.id


def update_batch(tx: Transaction, batch: int, **values: Any) -> None:
    """Write down how far a file was read."""
    tx.execute(update(ImportBatch).where(ImportBatch.id == batch).values(**values))


def batches(tx: Transaction, limit: int) -> Sequence[ImportBatch]:
    """The files that were read, newest first."""
    return tx.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(limit)).all()


def champion(tx: Transaction, task: str = "risk") -> ModelVersion | None:
    """The model in use for a task: risk or uplift."""
    chosen = select(ModelVersion).where(ModelVersion.role == "champion", ModelVersion.task == task)
    return tx.scalar(chosen.order_by(ModelVersion.id.desc()).limit(1))


def models(tx: Transaction, limit: int) -> Sequence[ModelVersion]:
    """Model versions, newest first."""
    return tx.scalars(select(ModelVersion).order_by(ModelVersion.id.desc()).limit(limit)).all()


def retire_champions(tx: Transaction, task: str) -> None:
    """Let no model be the one in use for a task."""
    in_use = (ModelVersion.role == "champion") & (ModelVersion.task == task)
    tx.execute(update(ModelVersion).where(in_use).values(role="retired"))


def add_model(tx: Transaction, **values: Any) -> int:
    """Write down a trained model."""
    model = ModelVersion(**values)
    tx.add(model)
    tx.flush()
    return model.id


def replace_scores(tx: Transaction, model: int, rows: Sequence[dict[str, Any]]) -> None:
    """Give these customers exactly these scores of one model; each row has the same columns in one order."""
    if not rows:
        return
    tx.execute(
        delete(Score)
        .where(Score.model_id == model)
        .where(is_one_of(tx, Score.customer_id, [row["customer_id"] for row in rows]))
        .execution_options(synchronize_session=False)
    )
    columns = tuple(rows[0])
    put_rows(tx, "score", columns, [tuple(row.values()) for row in rows])


def score_of(tx: Transaction, customer: int, model: int | None) -> Score | None:
    """What one model says of one customer."""
    return tx.scalar(select(Score).where(Score.customer_id == customer, Score.model_id == model))
