"""What is kept for how long: rows whose time is over go at night, and the decision log says so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from dialer.core.evidence import chain
from dialer.core.evidence.chain import EntryKind, moment
from dialer.db.queries import audit, retention
from dialer.db.session import Database, Transaction
from dialer.retention_settings import RetentionSettings
from dialer.services.evidence.decision_log import seal

ACTOR: Final = "retention"

Taking = Callable[[Transaction, datetime], int]


def let_go(database: Database, kept: RetentionSettings, now: datetime) -> dict[str, int]:
    """Take out what is older than its setting allows; how many rows of each kind.

    What a row of attempts or refusals was sealed with stays in the decision log without its person, until the
    log itself is cut.
    """
    seal(database, now)
    gone: dict[str, int] = {}
    for name, days, take, kind in (
        ("notes", kept.notes_d, retention.old_notes, None),
        ("wishes", kept.refusals_d, retention.old_wishes, None),
        ("messages", kept.refusals_d, retention.old_messages, None),
        ("refusals", kept.refusals_d, retention.old_refusals, EntryKind.REFUSAL),
        ("attempts", kept.attempts_d, retention.old_attempts, EntryKind.PERMIT),
        ("promises", kept.attempts_d, retention.old_promises, None),
        ("inbound calls", kept.attempts_d, retention.old_inbound_calls, None),
    ):
        gone[name] = _take(database, now, days, take, kind)
    gone["audit"] = _cut(database, now, kept.audit_d)
    return gone


def _take(database: Database, now: datetime, days: int, take: Taking, kind: EntryKind | None) -> int:
    """Take one kind of rows out, transaction by transaction."""
    if not days:
        return 0
    before, total = now - timedelta(days=days), 0
    if kind is not None:
        # first: until the entries say that their persons may be gone, a row that is gone is a break
        with database.write() as tx:
            if retention.forget_private(tx, kind, before):
                details = {"kind": kind.value, "before": moment(before)}
                audit.add(tx, now, ACTOR, chain.EXPIRED, "", details)
    while True:
        with database.write() as tx:
            taken = take(tx, before)
        total += taken
        if taken < retention.AT_ONCE:
            return total


def _cut(database: Database, now: datetime, days: int) -> int:
    """Cut the beginning off the decision log, with the acts that it tells of."""
    if not days:
        return 0
    before = now - timedelta(days=days)
    with database.write() as tx:
        end = retention.log_end(tx, before)
        if end is None:
            return 0
        number, digest = end
        audit.add(tx, now, ACTOR, chain.CUT, "", {"through": number, "digest": digest})
        return retention.cut_log(tx, number, before)
