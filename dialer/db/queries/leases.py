"""Who leads which PBX, by the database's own time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.db.base import UtcDateTime
from dialer.db.models import Lease
from dialer.db.session import Transaction

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
#: PostgreSQL ends a transaction that holds the lease and says nothing: its engine is cut off or dead
SILENT_HOLDER_S: Final = 5


class SeenLease(NamedTuple):
    """A lease as it stood when it was looked at; a holder that lives changes it every few seconds."""

    fencing: int
    expires_at: datetime


def take(
    tx: Transaction, name: str, holder: str, life: timedelta, dead: SeenLease | None = None
) -> SeenLease | None:
    """Take the lease if it is free, run out, or still the one that is known to be `dead`."""
    now, until = moment_ahead(tx, timedelta(0)), moment_ahead(tx, life)
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    unchanged = and_(Lease.fencing == dead.fencing, Lease.expires_at == dead.expires_at) if dead else false()
    fresh = insert(Lease).values(name=name, holder=holder, fencing=1, expires_at=until)
    taken = fresh.on_conflict_do_update(
        index_elements=[Lease.name],
        set_={"holder": holder, "fencing": Lease.fencing + 1, "expires_at": until},
        where=or_(Lease.expires_at <= now, unchanged),
    ).returning(Lease.fencing, Lease.expires_at)
    return _seen(tx.execute(taken).one_or_none())


class EngineShare(NamedTuple):
    """One engine of several: leads whose ids leave `part` when divided by `of` are its own to ring first."""

    part: int = 0
    of: int = 1


WHOLE: Final = EngineShare()


def share_of(name: str, names: Sequence[str]) -> EngineShare:
    """This PBX's share among those that an engine leads, by name; all of it where nobody leads it."""
    return EngineShare(names.index(name), len(names)) if name in names else WHOLE


def led(tx: Transaction) -> list[str]:
    """The PBXs that an engine leads at this moment, by name."""
    leading = select(Lease.name).where(Lease.expires_at > moment_ahead(tx, timedelta(0))).order_by(Lease.name)
    return list(tx.scalars(leading))


def look_at(tx: Transaction, name: str) -> SeenLease | None:
    """The lease as it stands."""
    return _seen(tx.execute(select(Lease.fencing, Lease.expires_at).where(Lease.name == name)).one_or_none())


def extend(tx: Transaction, name: str, holder: str, seen: SeenLease, life: timedelta) -> SeenLease | None:
    """Hold on to a lease that has not run out, or that is still as its holder last saw it.

    The latter is one that nobody took, in a database that was not put back to an earlier day.
    """
    now = moment_ahead(tx, timedelta(0))
    kept = (
        update(Lease)
        .where(*_of(name, holder, seen.fencing))
        .where(or_(Lease.expires_at > now, Lease.expires_at == seen.expires_at))
        .values(expires_at=moment_ahead(tx, life))
        .returning(Lease.fencing, Lease.expires_at)
    )
    return _seen(tx.execute(kept).one_or_none())


def holds(tx: Transaction, name: str, holder: str, fencing: int) -> bool:
    """Whether the lease is held and not run out; it cannot change hands until the transaction ends.

    A transaction that then falls silent is ended by PostgreSQL, so that the dead hold no lock.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{SILENT_HOLDER_S}s'"))
    standing = (*_of(name, holder, fencing), Lease.expires_at > moment_ahead(tx, timedelta(0)))
    held = select(func.count()).select_from(
        select(Lease.name).where(*standing).with_for_update(read=True).subquery()
    )
    return bool(tx.scalar(held))


def release(tx: Transaction, name: str, holder: str, fencing: int) -> None:
    """Let a held lease run out; its fencing number stays, so that the next one is greater."""
    tx.execute(update(Lease).where(*_of(name, holder, fencing)).values(expires_at=LONG_AGO))


def _of(name: str, holder: str, fencing: int) -> tuple[ColumnElement[bool], ...]:
    """That the lease is this holder's, by this number, whether or not it has run out."""
    return (Lease.name == name, Lease.holder == holder, Lease.fencing == fencing)


def moment_ahead(tx: Transaction, ahead: timedelta) -> ColumnElement[datetime]:
    """So far ahead by the database's time: one clock for engines on all machines.

    SQLite has none but its machine's, where all its engines are.
    """
    if tx.get_bind().dialect.name == "postgresql":
        return func.clock_timestamp(type_=UtcDateTime()) + literal(ahead)
    return literal(datetime.now(UTC) + ahead, UtcDateTime())


def _seen(row: tuple[int, datetime] | None) -> SeenLease | None:
    return SeenLease(*row) if row is not None else None
