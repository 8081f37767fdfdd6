"""One engine leads each PBX: a lease in the database, with a number that only grows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.db.queries import leases
from dialer.db.queries.leases import SeenLease
from dialer.db.session import Database

LEASE_S: Final = 10.0  # seconds; a dead engine's calls are adopted this late


@dataclass(frozen=True, slots=True, kw_only=True)
class Leadership:
    """The right to place calls on one PBX until `expires_at`, a moment of the database's clock.

    `fencing` tells it from any other's.
    """

    name: str
    holder: str
    fencing: int
    expires_at: datetime


class LeaseWatch:
    """What a standby saw of another's lease, and for how long by its own steady clock.

    A holder that lives renews its lease; one that was not renewed for its whole life is dead, whatever
    the moment written in it: the clock that wrote it may have been set back since.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: SeenLease | None = None
        self._since = monotonic()

    def see(self, lease: SeenLease | None) -> None:
        """Note how the lease stands."""
        if lease != self._seen:
            self._seen, self._since = lease, self._monotonic()

    def dead(self, ttl_s: float) -> SeenLease | None:
        """The lease that was seen unchanged for its whole life; None while its holder may live."""
        return self._seen if self._monotonic() - self._since >= ttl_s else None


def acquire_lease(
    database: Database, name: str, holder: str, ttl_s: float = LEASE_S, *, watch: LeaseWatch | None = None
) -> Leadership | None:
    """Lead this PBX, if nobody does; None while another engine holds the lease.

    A restarted engine is another engine: it waits for its own old lease to run out. With a `watch` that
    is brought to every try, a lease whose holder died is taken also where its moment never comes.
    """
    dead = watch.dead(ttl_s) if watch is not None else None
    with database.write() as tx:
        taken = leases.take(tx, name, holder, timedelta(seconds=ttl_s), dead)
        standing = leases.look_at(tx, name) if taken is None else None
    if watch is not None:
        watch.see(standing)
    if taken is None:
        return None
    return Leadership(name=name, holder=holder, fencing=taken.fencing, expires_at=taken.expires_at)


def renew_lease(database: Database, lead: Leadership, ttl_s: float = LEASE_S) -> Leadership | None:
    """Lead on; None where the lease is another's, or was given up, after which no call may be placed.

    One that ran out is kept as long as nobody took it: a machine that stood still for a while goes on with
    what it sees of the PBX. Until this has been asked, it opens nothing.
    """
    seen = SeenLease(lead.fencing, lead.expires_at)
    with database.write() as tx:
        kept = leases.extend(tx, lead.name, lead.holder, seen, timedelta(seconds=ttl_s))
    if kept is None:
        return None
    return Leadership(name=lead.name, holder=lead.holder, fencing=lead.fencing, expires_at=kept.expires_at)


def release_lease(database: Database, lead: Leadership) -> None:
    """Let another engine take over at once; does nothing where it already has."""
    with database.write() as tx:
        leases.release(tx, lead.name, lead.holder, lead.fencing)
