"""Customers as they come from the company's files: stored once, changed where they changed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from dialer.core.importing.rows import CustomerRow, ProhibitionKind
from dialer.db.models import DoNotCall, Prohibition
from dialer.db.queries import audit, customers, importing, leads, learning, suppression, wrong_numbers
from dialer.db.queries.customers import OWN, StoredCustomer
from dialer.db.session import Database, Transaction
from dialer.services.customers.dialing_regions import DialingRegions, KnownRegions
from dialer.services.customers.objections import relist

__all__ = [
    "CHUNK",
    "Batch",
    "BatchRecord",
    "CustomerRow",
    "KeptCustomers",
    "Stored",
    "count_customers",
    "customer_frame_rows",
    "end_batch",
    "known_numbers",
    "label_columns",
    "last_label",
    "last_mapping",
    "list_batches",
    "store_customers",
]

#: rows in one transaction: long enough for speed, short enough that the engine's commits are not held up
CHUNK: Final = 1000
MOST_REASON: Final = 200  # characters, as wide as the database's columns
MOST_SOURCE: Final = 255


class KeptCustomers(NamedTuple):
    """Winback's own ids of stored customers by the company's: those known before, and the new ones."""

    known: Mapping[str, int]
    fresh: Mapping[str, int]


Also = Callable[[Transaction, Sequence[CustomerRow], KeptCustomers], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of the rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    put_off: int = 0  # persons who may be rung no longer, and could be until now

    def __add__(self, other: "Stored") -> "Stored":
        """Two parts of one file."""
        return Stored(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            put_off=self.put_off + other.put_off,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """One file that was read."""

    id: int
    file_name: str
    sha256: str
    imported_at: datetime
    stored: Stored
    bad: int
    mapping: Mapping[str, Any]
    ended_at: datetime | None  # None: it goes on, or it broke off and the rest is missing


@dataclass(slots=True, kw_only=True)
class Batch:
    """A file that is being read; on record with the first of its rows that changes anything."""

    file_name: str
    sha256: str
    mapping: Mapping[str, Any]
    stored: Stored = field(default_factory=Stored)
    id: int | None = None
    regions: KnownRegions = field(default_factory=dict)  # met so far


def store_customers(
    database: Database,
    rows: Iterable[CustomerRow],
    now: datetime,
    *,
    keep: Collection[str] = (),
    batch: Batch | None = None,
    neighbours: Mapping[str, str] = MappingProxyType({}),
    also: Also = lambda *_: None,
) -> Stored:
    """Store rows by external id, 1,000 a transaction; storing the same again changes nothing.

    Where an external id comes twice, the later row holds. What a known customer was until now is kept.
    `keep` are attributes that stay as they are where a row does not have them: outcomes. What became of the
    rows is added to their `batch` in the same transaction, so that no row is in without its file being on
    record. `neighbours` are numbers with another one of the same country and zones, where that is known;
    `also` writes in the same transaction what else is said of these customers.
    """
    total = Stored()
    regions: KnownRegions = batch.regions if batch is not None else {}
    for chunk in _chunks(rows):
        with database.write() as tx:
            places = DialingRegions(tx, regions, neighbours)
            stored, kept = _store_chunk(tx, chunk, now, keep, places)
            source = batch.file_name if batch is not None else ""
            stored = replace(stored, put_off=_put_off(tx, chunk, source, now))
            also(tx, chunk, kept)
            number = _note_chunk(tx, batch, stored, now) if batch is not None else None
        if batch is not None:
            batch.id, batch.stored = number, batch.stored + stored
        total += stored
    return total


def customer_frame_rows(database: Database, *, before_outcome: bool = False) -> Iterator[dict[str, Any]]:
    """Every customer as a flat row for training: `customer_id`, `external_id`, `household`, attributes.

    `before_outcome`: the attributes are those from before what was told last of whether the customer left.
    """
    last = 0
    while True:
        with database.read() as tx:
            found = customers.stream(tx, last, CHUNK)
            past = (
                customers.attributes_before_outcome(tx, [each.id for each in found]) if before_outcome else {}
            )
        for customer in found:
            yield {
                **past.get(customer.id, customer.attributes),
                "customer_id": customer.id,
                "external_id": customer.external_id,
                "household": customer.household,
            }
        if len(found) < CHUNK:
            return
        last = found[-1].id


def count_customers(database: Database) -> int:
    """How many customers there are."""
    with database.read() as tx:
        return customers.count_all(tx)


def known_numbers(database: Database) -> dict[str, str]:
    """The first number of every customer who has one, by external id."""
    with database.read() as tx:
        return importing.first_numbers(tx)


def last_label(database: Database) -> str | None:
    """The column that held the outcome in the last file that had one."""
    return next(iter(label_columns(database)), None)


def label_columns(database: Database) -> tuple[str, ...]:
    """Every column that held the outcome in a file that was read, the newest first."""
    with database.read() as tx:
        named = [mapping.get("label") for mapping in importing.mappings(tx)]
    return tuple(dict.fromkeys(str(label) for label in named if label))


def last_mapping(database: Database) -> Mapping[str, Any]:
    """Which column was what in the last file that changed anything; empty before any."""
    with database.read() as tx:
        return next(importing.mappings(tx), {})


def end_batch(database: Database, batch: Batch, *, bad: int, now: datetime) -> None:
    """Write down that a file was read to its end; one that changed nothing is not on record."""
    if batch.id is not None:
        with database.write() as tx:
            unchanged = batch.stored.unchanged  # rows that needed no transaction are in no record yet
            customers.update_batch(tx, batch.id, ended_at=now, rows_bad=bad, rows_unchanged=unchanged)


def list_batches(database: Database, *, limit: int = 20) -> tuple[BatchRecord, ...]:
    """The files that were read, newest first."""
    with database.read() as tx:
        return tuple(
            BatchRecord(
                id=row.id,
                file_name=row.file_name,
                sha256=row.sha256,
                imported_at=row.imported_at,
                stored=Stored(added=row.rows_added, changed=row.rows_changed, unchanged=row.rows_unchanged),
                bad=row.rows_bad,
                mapping=row.mapping,
                ended_at=row.ended_at,
            )
            for row in customers.batches(tx, limit)
        )


def _chunks(rows: Iterable[CustomerRow]) -> Iterator[list[CustomerRow]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _store_chunk(
    tx: Transaction,
    chunk: Sequence[CustomerRow],
    now: datetime,
    keep: Collection[str],
    places: DialingRegions,
) -> tuple[Stored, KeptCustomers]:
    by_id = {row.external_id: row for row in chunk}
    known = customers.by_external_ids(tx, by_id)
    struck = wrong_numbers.of_customers(tx, [customer.id for customer in known.values()]) if known else {}
    fresh = [row for key, row in by_id.items() if key not in known] if known else list(by_id.values())
    ids = _insert(tx, fresh, now)
    numbered = [(ids[row.external_id], row) for row in fresh]
    changed = 0
    renumbered: list[int] = []
    past: list[dict[str, Any]] = []
    digests: dict[int, str] = {}
    for key, customer in known.items():
        row = _with_kept(by_id[key], customer, keep)
        wrong = struck.get(customer.id)
        if wrong:
            row = row._replace(numbers=tuple(e164 for e164 in row.numbers if e164 not in wrong))
        own_changed = _own(row) != customer[1:8]
        numbers_changed = (
            row.zone != customer.zone
            or row.residence != customer.residence
            or customer.numbers != row.numbers
        )
        if own_changed and customer.imported_at < now:
            past.append({"customer_id": customer.id, "until": now, "attributes": customer.attributes})
        if own_changed or (numbers_changed and row.digest is None):
            own = (*_own(row), now if own_changed else customer.imported_at, row.digest)
            customers.update_customer(tx, customer.id, dict(zip(OWN, own, strict=True)))
        elif row.digest is not None and row.digest != customer.row_digest:
            digests[customer.id] = row.digest
        if numbers_changed:
            renumbered.append(customer.id)
            numbered.append((customer.id, row))
        changed += own_changed or numbers_changed
    customers.set_digests(tx, digests)
    customers.keep_past(tx, past)
    customers.replace_numbers(
        tx, renumbered, places.rows((key, row.numbers, row.zone, row.residence) for key, row in numbered)
    )
    if renumbered:
        leads.refresh_numbers(tx, renumbered)
        relist(tx, renumbered, now)
    kept = KeptCustomers({key: customer.id for key, customer in known.items()}, ids)
    return Stored(added=len(fresh), changed=changed, unchanged=len(known) - changed), kept


def _insert(tx: Transaction, rows: Sequence[CustomerRow], now: datetime) -> dict[str, int]:
    """Write new customers; their ids by external id."""
    if not rows:
        return {}
    columns = dict(zip(CustomerRow._fields, zip(*rows, strict=True), strict=True))
    columns |= {"imported_at": (now,) * len(rows), "row_digest": columns["digest"]}
    return customers.insert_customers(tx, [columns[name] for name in OWN])


def _put_off(tx: Transaction, chunk: Sequence[CustomerRow], source: str, now: datetime) -> int:
    """Put the persons of whom the file says so off; how many could be rung until now.

    A later file that says nothing, or no, takes nothing back: whoever objected has objected.
    """
    said = {row.external_id: row for row in chunk if row.prohibition is not None}
    if not said:
        return 0
    ids = learning.ids_by_external(tx, list(said))
    known = suppression.persons(tx, list(ids.values()))
    numbers: dict[str, str] = {}
    fresh = []
    for external_id, row in said.items():
        prohibition = row.prohibition
        if prohibition is None:
            continue
        reason = prohibition.reason[:MOST_REASON]
        if prohibition.kind is ProhibitionKind.OBJECTION:
            numbers |= dict.fromkeys(row.numbers, reason)
        if ids[external_id] not in known:
            fresh.append(
                Prohibition(
                    customer_id=ids[external_id],
                    kind=prohibition.kind,
                    reason=reason,
                    source=source[-MOST_SOURCE:],
                    added_at=now,
                )
            )
    listed = suppression.listed(tx, list(numbers))
    entries = [
        DoNotCall(e164=e164, reason=reason, source="customer file", added_at=now)
        for e164, reason in numbers.items()
        if e164 not in listed
    ]
    suppression.add_all(tx, [*fresh, *entries])
    for each in fresh:
        audit.add(tx, now, "import", "person.put-off", str(each.customer_id), {"reason": each.reason})
    return len(fresh)


def _note_chunk(tx: Transaction, batch: Batch, stored: Stored, now: datetime) -> int | None:
    """Bring the batch's record up to these rows; its id, or None where there is nothing to record."""
    total = batch.stored + stored
    counts = {
        "rows_added": total.added,
        "rows_changed": total.changed,
        "rows_unchanged": total.unchanged,
    }
    if batch.id is not None:
        customers.update_batch(tx, batch.id, **counts)
    elif total.added or total.changed:
        return customers.add_batch(
            tx,
            file_name=batch.file_name[-255:],
            sha256=batch.sha256,
            imported_at=now,
            rows_bad=0,
            mapping=dict(batch.mapping),
            **counts,
        )
    return batch.id


def _with_kept(row: CustomerRow, customer: StoredCustomer, keep: Collection[str]) -> CustomerRow:
    kept = {
        name: customer.attributes[name]
        for name in keep
        if name in customer.attributes and name not in row.attributes
    }
    return row._replace(attributes={**row.attributes, **kept}) if kept else row


def _own(row: CustomerRow) -> tuple[Any, ...]:
    """What `OWN` names, but the moment."""
    told = (row.zone, row.language, row.household, row.residence)
    return (row.external_id, row.name, *told, dict(row.attributes))
