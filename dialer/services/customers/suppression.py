"""The centre's own do-not-call list: it binds for every offer, whoever the customer is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.refusals import Rule
from dialer.db.models import DoNotCall, Lead
from dialer.db.queries import audit, due_leads, leads, learning, registers, suppression
from dialer.db.session import Database

LISTED: Final = 200  # rows; what a page shows at once


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedNumber:
    """One number on the list."""

    e164: str
    reason: str
    source: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStanding:
    """What stands against ringing a number for marketing: the own list's entry, registers that hold it."""

    e164: str
    listed: SuppressedNumber | None
    registers: tuple[str, ...]


def look_up_number(database: Database, e164: str) -> NumberStanding:
    """What the list and the registers say of one number."""
    with database.read() as tx:
        row = suppression.find(tx, e164)
        return NumberStanding(
            e164=e164,
            listed=_shown(row) if row is not None else None,
            registers=tuple(registers.names_holding(tx, e164)),
        )


def _shown(row: DoNotCall) -> SuppressedNumber:
    return SuppressedNumber(e164=row.e164, reason=row.reason, source=row.source, added_at=row.added_at)


def add_do_not_call(database: Database, e164: str, reason: str, source: str, now: datetime) -> bool:
    """Never ring this number for marketing or service again; False where it is listed already.

    An attempt on its way is refused by the compliance check if it has not passed it yet.
    """
    with database.write() as tx:
        entry = DoNotCall(e164=e164, reason=reason[:200], source=source[:60], added_at=now)
        added = suppression.add(tx, entry)
        if added:
            audit.add(tx, now, source, "do-not-call.added", e164, {"reason": reason})
        return added


def remove_do_not_call(database: Database, e164: str, actor: str, now: datetime) -> bool:
    """Take a number off the list; False where it was not on it."""
    with database.write() as tx:
        removed = suppression.remove(tx, e164)
        if removed:
            due_leads.free_from(tx, Rule.DNC_LISTED, now, leads.at_number(e164))
            audit.add(tx, now, actor, "do-not-call.removed", e164, {})
        return removed


def allow_person(database: Database, external_id: str, actor: str, reason: str, now: datetime) -> bool:
    """Let a person be rung again whom a file or their own word put off; False where nothing did.

    Their numbers stay on the list: each is taken off by itself.
    """
    with database.write() as tx:
        ids = learning.ids_by_external(tx, [external_id])
        allowed = external_id in ids and suppression.allow(tx, ids[external_id])
        if allowed:
            due_leads.free_from(tx, Rule.DNC_PERSON, now, Lead.customer_id == ids[external_id])
            audit.add(tx, now, actor, "person.allowed", str(ids[external_id]), {"reason": reason})
        return allowed


def list_do_not_call(database: Database, *, limit: int = LISTED) -> tuple[SuppressedNumber, ...]:
    """The newest entries."""
    with database.read() as tx:
        return tuple(map(_shown, suppression.latest(tx, limit)))
