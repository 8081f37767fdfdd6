"""Everything that the tables say of one person, and its end."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Table, cast, delete, false, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.evidence.chain import EntryKind
from dialer.db.base import Base
from dialer.db.evidence_log import forget
from dialer.db.models import (
    AssignmentRow,
    Attempt,
    Audit,
    CallbackBlock,
    CallbackWish,
    Customer,
    CustomerNumber,
    CustomerSnapshot,
    DispositionRow,
    DoNotCall,
    ErasedObjection,
    ErasureKey,
    EvidenceRow,
    InboundCall,
    Lead,
    NoteDraft,
    OutboxMessage,
    Preview,
    Prohibition,
    Promise,
    ReceivedFile,
    RefusalRow,
    RememberLine,
    Restriction,
    Score,
    SetAsideFact,
    SourceMember,
    Survey,
    WrongNumber,
)
from dialer.db.session import Transaction

ERASED: Final = "erased"  # what stands where a number was
ONLY: Final = 1  # the id of the one key
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """By what the tables know one person."""

    customer: int
    external_id: str
    name: str
    numbers: tuple[str, ...]  # of this person alone
    shared: tuple[str, ...]  # that another customer has too
    leads: tuple[int, ...]
    promises: tuple[int, ...]
    attempts: tuple[str, ...]


def keys_of(tx: Transaction, external_id: str) -> PersonKeys | None:
    """By what the tables know this customer; None where there is none."""
    row = tx.scalar(select(Customer).where(Customer.external_id == external_id))
    if row is None:
        return None
    leads = tx.scalars(select(Lead.id).where(Lead.customer_id == row.id)).all()
    listed = select(CustomerNumber.e164).where(CustomerNumber.customer_id == row.id)
    rung = select(Attempt.e164).where(Attempt.customer_id == row.id)
    asked = select(Promise.e164).where(Promise.customer_id == row.id)
    numbers = {number for chosen in (listed, rung, asked) for number in tx.scalars(chosen)} - {ERASED}
    others = select(CustomerNumber.e164).where(
        CustomerNumber.e164.in_(numbers), CustomerNumber.customer_id != row.id
    )
    shared = set(tx.scalars(others))
    own = sorted(numbers - shared)
    promises = tx.scalars(
        select(Promise.id).where(or_(Promise.customer_id == row.id, Promise.e164.in_(own)))
    ).all()
    attempts = tx.scalars(
        select(Attempt.id).where(
            or_(
                Attempt.customer_id == row.id,
                Attempt.lead_id.in_(leads),
                Attempt.promise_id.in_(promises),
                Attempt.e164.in_(own),
            )
        )
    ).all()
    return PersonKeys(
        customer=row.id,
        external_id=row.external_id,
        name=row.name,
        numbers=tuple(own),
        shared=tuple(sorted(shared)),
        leads=tuple(leads),
        promises=tuple(promises),
        attempts=tuple(attempts),
    )


def rows_about(tx: Transaction, keys: PersonKeys) -> dict[str, list[dict[str, Any]]]:
    """Every row about a person, by table: whatever has their id, a number of theirs or a call with them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        rows = [dict(row) for row in tx.execute(select(table).where(_about(table, keys))).mappings()]
        if rows:
            found[table.name] = rows
    found["audit"] = [
        {"at": act.at, "actor": act.actor, "action": act.action, "details": act.details}
        for act in _acts(tx, keys)
    ]
    return found


def _about(table: Table, keys: PersonKeys) -> ColumnElement[bool]:
    """Which rows of a table are about this person, told by its columns."""
    known: dict[str, Collection[Any]] = {
        "customer_id": (keys.customer,),
        "e164": keys.numbers,
        "source": keys.numbers if table.name == "promise" else (),
        "attempt_id": keys.attempts,
        "lead_id": keys.leads,
        "promise_id": keys.promises,
    }
    chosen = [table.c[name].in_(values) for name, values in known.items() if name in table.c and values]
    for name, ids in (
        ("customer", (keys.customer,)),
        ("lead", keys.leads),
        ("promise", keys.promises),
        ("attempt", keys.attempts),
    ):
        if table.name == name:
            chosen.append(table.c.id.in_(ids))
    return or_(*chosen) if chosen else false()


def subjects_of(keys: PersonKeys) -> dict[str, list[str]]:
    """What acts on a person are about, by how their kind begins; for looking them up."""
    calls, numbers = list(keys.attempts), [*keys.numbers, *keys.shared]
    return {
        **_subjects(keys),
        "number.": [str(keys.customer)],
        **dict.fromkeys(("reason.", "numbers.", "recording."), calls),
        **dict.fromkeys(("do-not-call.", "callback."), numbers),
    }


def _subjects(keys: PersonKeys) -> dict[str, list[str]]:
    return {
        "person.": [str(keys.customer), keys.external_id],
        "lead.": [str(lead) for lead in keys.leads],
        "promise.": [str(promise) for promise in keys.promises],
        "disposition.": list(keys.attempts),
        "word.": list(keys.attempts),
        "fact.": list(keys.attempts),
    }


def _acts(tx: Transaction, keys: PersonKeys) -> Sequence[Audit]:
    """The acts about a person: by what they are about, and by what they say."""
    subjects = _subjects(keys)
    about = [Audit.action.startswith(kind) & Audit.subject.in_(names) for kind, names in subjects.items()]
    said = [cast(Audit.details, String).contains(word, autoescape=True) for word in _words(keys)]
    numbers = Audit.subject.in_(keys.numbers)
    return tx.scalars(select(Audit).where(or_(numbers, *about, *said)).order_by(Audit.id)).all()


def _words(keys: PersonKeys) -> list[str]:
    """What tells of a person wherever it stands: numbers, however they begin, and the whole name."""
    return [number.removeprefix("+") for number in keys.numbers] + ([keys.name] if " " in keys.name else [])


def in_the_air(tx: Transaction, keys: PersonKeys) -> bool:
    """Whether a call with this person is on its way."""
    open_one = select(Attempt.id).where(Attempt.id.in_(keys.attempts), Attempt.ended_at.is_(None))
    return tx.scalar(open_one.limit(1)) is not None


def calls_of(tx: Transaction, keys: PersonKeys) -> tuple[str, ...]:
    """Every call with this person by its id, placed or of their own: recordings have these names."""
    own = tx.scalars(select(InboundCall.caller).where(_about(_table(InboundCall), keys)))
    return (*keys.attempts, *sorted(own))


def has_objected(tx: Transaction, keys: PersonKeys) -> list[str]:
    """The numbers, and the own id, for which this person said no."""
    listed = tx.scalars(select(DoNotCall.e164).where(DoNotCall.e164.in_(keys.numbers)))
    blocked = tx.scalars(select(CallbackBlock.e164).where(CallbackBlock.e164.in_(keys.numbers)))
    person = tx.scalar(select(Prohibition.kind).where(Prohibition.customer_id == keys.customer))
    said = {*listed, *blocked}
    if person is not None:
        said |= {keys.external_id, *keys.numbers}
    return sorted(said)


def keep_objections(tx: Transaction, said: Collection[str], now: datetime) -> None:
    """Keep these as digests: they bind the next file that brings the same number or id."""
    if not said:
        return
    key = tx.get(ErasureKey, ONLY)
    if key is None:
        key = ErasureKey(id=ONLY, key=secrets.token_hex(KEY_BYTES))
        tx.add(key)
        tx.flush()
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"digest": _digest(key.key, word), "added_at": now} for word in said]
    tx.execute(insert(ErasedObjection).on_conflict_do_nothing(), rows)


def objection_kept(tx: Transaction, e164: str, external_id: str | None) -> bool:
    """Whether somebody who was erased objected under this number or this id."""
    key = tx.get(ErasureKey, ONLY)
    if key is None:
        return False
    words = [e164] if external_id is None else [e164, external_id]
    digests = [_digest(key.key, word) for word in words]
    found = select(ErasedObjection.digest).where(ErasedObjection.digest.in_(digests))
    return tx.scalar(found.limit(1)) is not None


def _digest(key: str, word: str) -> str:
    return hmac.new(bytes.fromhex(key), word.encode(), hashlib.sha256).hexdigest()


def erase(tx: Transaction, keys: PersonKeys) -> list[int]:
    """Take a person out of every table; what is counted stays, of nobody. The log's entries that lost theirs.

    SQLite is told to overwrite what it takes out: a page that is only let go of can still be read.
    """
    if tx.get_bind().dialect.name == "sqlite":
        tx.execute(text("PRAGMA secure_delete=ON"))
    acts = [act.id for act in _acts(tx, keys)]
    refused = tx.scalars(select(RefusalRow.id).where(_about(_table(RefusalRow), keys))).all()
    sources = {
        EntryKind.ACT: [str(act) for act in acts],
        EntryKind.REFUSAL: [str(no) for no in refused],
        EntryKind.PERMIT: list(keys.attempts),
    }
    chosen = or_(
        *((EvidenceRow.kind == kind) & EvidenceRow.source.in_(names) for kind, names in sources.items())
    )
    entries = list(tx.scalars(select(EvidenceRow.number).where(chosen, EvidenceRow.salt.is_not(None))))
    forget(tx, chosen)
    _delete(tx, keys, acts)
    _blank(tx, keys, refused)
    tx.expire_all()
    return sorted(entries)


def _delete(tx: Transaction, keys: PersonKeys, acts: Sequence[int]) -> None:
    facts = [SetAsideFact.fact.contains(word, autoescape=True) for word in _words(keys)]
    gone: list[tuple[type[Base], ColumnElement[bool]]] = [
        (Audit, Audit.id.in_(acts)),
        (CallbackBlock, CallbackBlock.e164.in_(keys.numbers)),
        (CallbackWish, _about(_table(CallbackWish), keys)),
        (CustomerNumber, CustomerNumber.customer_id == keys.customer),
        (CustomerSnapshot, CustomerSnapshot.customer_id == keys.customer),
        (DoNotCall, DoNotCall.e164.in_(keys.numbers)),
        (NoteDraft, NoteDraft.attempt_id.in_(keys.attempts)),
        (OutboxMessage, _about(_table(OutboxMessage), keys)),
        (Preview, Preview.lead_id.in_(keys.leads)),
        (Prohibition, Prohibition.customer_id == keys.customer),
        (RememberLine, RememberLine.customer_id == keys.customer),
        (Restriction, Restriction.customer_id == keys.customer),
        (Score, Score.customer_id == keys.customer),
        (SourceMember, SourceMember.customer_id == keys.customer),
        (Survey, Survey.customer_id == keys.customer),
        (WrongNumber, or_(WrongNumber.customer_id == keys.customer, WrongNumber.e164.in_(keys.numbers))),
        (SetAsideFact, or_(SetAsideFact.attempt_id.in_(keys.attempts), *facts)),
    ]
    for table, chosen in gone:
        tx.execute(delete(table).where(chosen), execution_options={"synchronize_session": False})


def _blank(tx: Transaction, keys: PersonKeys, refused: Sequence[int]) -> None:
    husk: dict[str, Any] = {
        "external_id": f"{ERASED}-{keys.customer}",
        "name": "",
        "zone": None,
        "language": "en",
        "household": None,
        "attributes": {},
        "row_digest": None,
    }
    blanked: list[tuple[type[Base], ColumnElement[bool], dict[str, Any]]] = [
        (AssignmentRow, AssignmentRow.customer_id == keys.customer, {"household": None}),
        (Attempt, Attempt.id.in_(keys.attempts), {"e164": ERASED}),
        (Customer, Customer.id == keys.customer, husk),
        (DispositionRow, DispositionRow.attempt_id.in_(keys.attempts), {"note": ""}),
        (
            InboundCall,
            _about(_table(InboundCall), keys),
            {"e164": ERASED, "handed_over_to": None, "note": "", "draft_note": ""},
        ),
        (Lead, Lead.id.in_(keys.leads), {"e164": ERASED, "reasons": []}),
        (Promise, Promise.id.in_(keys.promises), {"e164": ERASED, "source": ""}),
        (Promise, Promise.source.in_(keys.numbers), {"source": ""}),
        (ReceivedFile, _shows(keys), {"seen": {}}),
        (RefusalRow, RefusalRow.id.in_(refused), {"e164": ERASED}),
    ]
    for table, chosen, values in blanked:
        tx.execute(
            update(table).where(chosen).values(**values), execution_options={"synchronize_session": False}
        )


def _shows(keys: PersonKeys) -> ColumnElement[bool]:
    """Files whose first rows, kept for a person to check the columns by, may show this one."""
    words = [*_words(keys), keys.external_id]
    return or_(*(cast(ReceivedFile.seen, String).contains(word, autoescape=True) for word in words))


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def truncate_log(tx: Transaction) -> None:
    """Have SQLite empty its write-ahead log, in which the former rows stand; at a transaction's beginning."""
    if tx.get_bind().dialect.name == "sqlite":
        connection = tx.connection()
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def restrict(tx: Transaction, entry: Restriction) -> bool:
    """Restrict a customer; False where they are already."""
    if tx.get(Restriction, entry.customer_id) is not None:
        return False
    tx.add(entry)
    tx.flush()
    return True


def lift(tx: Transaction, customer: int) -> bool:
    """No longer restrict a customer; False where they were not."""
    gone = delete(Restriction).where(Restriction.customer_id == customer).returning(Restriction.customer_id)
    return tx.scalar(gone) is not None


def is_restricted(tx: Transaction, e164: str, customer: int | None = None) -> bool:
    """Whether the customer, or anybody with this number, is restricted."""
    with_number = select(CustomerNumber.customer_id).where(CustomerNumber.e164 == e164)
    chosen: ColumnElement[bool] = Restriction.customer_id.in_(with_number)
    if customer is not None:
        chosen = or_(chosen, Restriction.customer_id == customer)
    return tx.scalar(select(Restriction.customer_id).where(chosen).limit(1)) is not None
