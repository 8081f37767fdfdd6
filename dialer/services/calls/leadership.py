"""One engine leads each PBX: a lease in the database, with a number that only grows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.db.queries import leases
from dialer.db.session import Database

LEASE_S: Final = (
    10.0  # seconds; a dead engine's calls are adopted this late, a pause this long costs the lead
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leadership:
    """The right to place calls on one PBX until `expires_at`; `fencing` tells it from any other's."""

    name: str
    holder: str
    fencing: int
    expires_at: datetime


def acquire_lease(
    database: Database, name: str, holder: str, now: datetime, ttl_s: float = LEASE_S
) -> Leadership | None:
    """Lead this PBX, if nobody does; None while another engine holds the lease.

    A restarted engine is another engine: it waits for its own old lease to run out.
    """
    until = now + timedelta(seconds=ttl_s)
    with database.write() as tx:
        fencing = leases.take(tx, name, holder, now, until)
    if fencing is None:
        return None
    return Leadership(name=name, holder=holder, fencing=fencing, expires_at=until)


def renew_lease(
    database: Database, lead: Leadership, now: datetime, ttl_s: float = LEASE_S
) -> Leadership | None:
    """Lead on; None where the lease has run out or is another's, after which no call may be placed."""
    until = now + timedelta(seconds=ttl_s)
    with database.write() as tx:
        if not leases.extend(tx, lead.name, lead.holder, lead.fencing, now=now, until=until):
            return None
    return Leadership(name=lead.name, holder=lead.holder, fencing=lead.fencing, expires_at=until)


def release_lease(database: Database, lead: Leadership) -> None:
    """Let another engine take over at once; does nothing where it already has."""
    with database.write() as tx:
        leases.release(tx, lead.name, lead.holder, lead.fencing)
