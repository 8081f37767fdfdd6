"""Who leads which PBX."""

from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.db.models import Lease
from dialer.db.session import Transaction

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def take(tx: Transaction, name: str, holder: str, now: datetime, until: datetime) -> int | None:
    """Take the lease if it is free or run out; the fencing number it now has, or None."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(Lease).values(name=name, holder=holder, fencing=1, expires_at=until)
    taken = fresh.on_conflict_do_update(
        index_elements=[Lease.name],
        set_={"holder": holder, "fencing": Lease.fencing + 1, "expires_at": until},
        where=Lease.expires_at <= now,
    ).returning(Lease.fencing)
    return tx.scalar(taken)


def extend(tx: Transaction, name: str, holder: str, fencing: int, *, now: datetime, until: datetime) -> bool:
    """Hold on to a lease that has not run out."""
    kept = (
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder, Lease.fencing == fencing, Lease.expires_at > now)
        .values(expires_at=until)
        .returning(Lease.name)
    )
    return tx.scalar(kept) is not None


def holds(tx: Transaction, name: str, holder: str, fencing: int, now: datetime) -> bool:
    """Whether the lease is held and not run out; it cannot change hands until the transaction ends."""
    held = select(func.count()).select_from(
        select(Lease.name)
        .where(Lease.name == name, Lease.holder == holder, Lease.fencing == fencing, Lease.expires_at > now)
        .with_for_update(read=True)
        .subquery()
    )
    return bool(tx.scalar(held))


def release(tx: Transaction, name: str, holder: str, fencing: int) -> None:
    """Let a held lease run out; its fencing number stays, so that the next one is greater."""
    tx.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder, Lease.fencing == fencing)
        .values(expires_at=LONG_AGO)
    )
