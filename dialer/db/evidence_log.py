"""Adds to the decision log: an entry is chained to the one before it under a lock held as briefly as can be.

A chain has one end, so whoever adds to it excludes everybody else until the commit. An act (a row of the
audit) is chained in its own transaction, as the last thing before the commit (`Database.write`): the lock is
held for that commit alone, and since it is always the last one taken, nobody waits for each other in a ring.
SQLite has one writer at a time anyway.

The dial permit adds nothing itself: a permit or a refusal is a row of its own already, and a second lock in
the call path would let permits wait for each other. Such decisions are chained together every few seconds by
`seal_decisions`, under the same lock. What was committed at that time is in; a transaction that ends later
is found by the next one, which looks back over `OVERLAP`.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dialer.core.evidence.chain import (
    CUT,
    ERASED,
    EXPIRED,
    START,
    EntryKind,
    canonical,
    commit,
    link,
    moment,
)
from dialer.db.models import Attempt, Audit, Campaign, EvidenceHead, EvidenceRow, Lead, RefusalRow

_ACTS: Final = "acts to be sealed"  # where a transaction keeps them
ONLY: Final = 1  # the id of the one head
SALT_BYTES: Final = 16  # more than can be tried
OVERLAP: Final = timedelta(minutes=15)  # above the longest transaction, and the longest life of an intent
AT_ONCE: Final = 5_000  # decisions of one transaction: a tenth of a second under the lock


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRow:
    """A row that belongs into the log, in its two parts."""

    kind: EntryKind
    source: str
    at: datetime
    campaign: int | None
    open_part: str
    private_part: str


def will_seal(tx: Session, act: Audit) -> None:
    """Have an act chained when this transaction is about to commit."""
    tx.info.setdefault(_ACTS, []).append(act)


def seal_acts(tx: Session) -> None:
    """Chain the acts of this transaction; the last thing that it does."""
    acts: Sequence[Audit] = tx.info.pop(_ACTS, ())
    if acts:
        tx.flush()
        campaigns = [_campaign_of(tx, act) for act in acts]
        append(
            tx,
            # they are flushed already: a log that begins with them has them in it
            lock_head(tx, acts_before=min(act.id for act in acts) - 1),
            [act_as_decision(act, campaign) for act, campaign in zip(acts, campaigns, strict=True)],
        )


def seal_decisions(tx: Session, now: datetime) -> int:
    """Chain the permits and refusals that are not in the log yet; how many, `AT_ONCE` at most."""
    head = lock_head(tx)
    if head.began_at is None:
        head.began_at = now
    since = max(head.began_at, (head.sealed_at or head.began_at) - OVERLAP)
    found = [*_refusals(tx, unsealed_refusals(since)), *_permits(tx, unsealed_permits(since))]
    chosen = sorted(found, key=lambda decision: (decision.at, decision.source))[:AT_ONCE]
    if len(found) < AT_ONCE:
        head.sealed_at = max(now, head.sealed_at or now)
    elif chosen:
        head.sealed_at = max(chosen[-1].at, head.sealed_at or chosen[-1].at)
    append(tx, head, chosen)
    return len(chosen)


def append(tx: Session, head: EvidenceHead, decisions: Iterable[SealedRow]) -> None:
    """Chain these decisions to the end, in the order given."""
    rows: list[dict[str, Any]] = []
    number, digest = head.number, head.digest
    for decision in decisions:
        number += 1
        salt = secrets.token_hex(SALT_BYTES)
        commitment = commit(salt, decision.private_part)
        digest = link(
            digest,
            number,
            decision.kind,
            decision.source,
            decision.at,
            decision.open_part,
            commitment,
        )
        rows.append(
            {
                "number": number,
                "kind": decision.kind,
                "source": decision.source,
                "at": decision.at,
                "campaign_id": decision.campaign,
                "open_part": decision.open_part,
                "commitment": commitment,
                "salt": salt,
                "digest": digest,
            }
        )
    if rows:
        head.number, head.digest = number, digest
        head.began_at = head.began_at or rows[0]["at"]
        tx.execute(insert(EvidenceRow), rows)
        tx.flush()


def lock_head(tx: Session, *, acts_before: int | None = None) -> EvidenceHead:
    """The end of the chain, which nobody else adds to until the transaction ends.

    Where there is none yet the log begins here, after the act `acts_before` or after all there are: what was
    there earlier cannot be proven any more, and is not said to be.
    """
    chosen = select(EvidenceHead).where(EvidenceHead.id == ONLY)
    locked = chosen.with_for_update().execution_options(populate_existing=True)
    head = tx.scalar(locked)
    if head is None:
        before = tx.scalar(select(func.max(Audit.id))) or 0 if acts_before is None else acts_before
        fresh = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
        first = fresh(EvidenceHead).values(id=ONLY, number=0, digest=START, acts_before=before)
        tx.execute(first.on_conflict_do_nothing())
        head = tx.scalars(locked).one()
    return head


def forget(tx: Session, chosen: ColumnElement[bool]) -> int:
    """Take the salts of these entries, and with them whatever their commitments could say; how many."""
    gone = update(EvidenceRow).where(chosen, EvidenceRow.salt.is_not(None)).values(salt=None)
    return int(tx.execute(gone, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


def act_as_decision(act: Audit, campaign: int | None) -> SealedRow:
    """An act in its two parts: who did what is open; to whom, and the words said, are not."""
    said: dict[str, Any] = {"action": act.action, "actor": act.actor, "campaign": campaign}
    if act.action in {ERASED, EXPIRED, CUT}:
        said["facts"] = act.details  # these name entries, never a person
    return SealedRow(
        kind=EntryKind.ACT,
        source=str(act.id),
        at=act.at,
        campaign=campaign,
        open_part=canonical(said),
        private_part=canonical({"subject": act.subject, "details": act.details}),
    )


def refusal_as_decision(row: RefusalRow, campaign: int | None) -> SealedRow:
    """A refusal in its two parts: the number is the private one."""
    said = {
        "rule": row.rule,
        "until": None if row.until is None else moment(row.until),
        "attempt": row.attempt_id,
        "lead": row.lead_id,
        "promise": row.promise_id,
        "campaign": campaign,
    }
    return SealedRow(
        kind=EntryKind.REFUSAL,
        source=str(row.id),
        at=row.at,
        campaign=campaign,
        open_part=canonical(said),
        private_part=canonical({"e164": row.e164}),
    )


def permit_as_decision(row: Attempt) -> SealedRow:
    """A permit in its two parts: what of an attempt is settled once it may ring; the number is private."""
    said = {
        "lead": row.lead_id,
        "promise": row.promise_id,
        "campaign": row.campaign_id,
        "queue": row.queue,
        "trunk": row.trunk,
        "caller_id": row.caller_id,
        "reserved_agent": row.reserved_agent,
    }
    return SealedRow(
        kind=EntryKind.PERMIT,
        source=row.id,
        at=row.consumed_at or row.created_at,
        campaign=row.campaign_id,
        open_part=canonical(said),
        private_part=canonical({"e164": row.e164}),
    )


def unsealed_refusals(since: datetime) -> ColumnElement[bool]:
    """Refusals since a moment that the log does not have."""
    sealed = exists().where(
        EvidenceRow.kind == EntryKind.REFUSAL, EvidenceRow.source == cast(RefusalRow.id, String)
    )
    return (RefusalRow.at >= since) & ~sealed


def unsealed_permits(since: datetime) -> ColumnElement[bool]:
    """Attempts since a moment that were let through, and that the log does not have."""
    sealed = exists().where(EvidenceRow.kind == EntryKind.PERMIT, EvidenceRow.source == Attempt.id)
    opened = Attempt.created_at >= since - OVERLAP  # found by its index; let through a little later
    return opened & (Attempt.consumed_at >= since) & ~sealed


def _refusals(tx: Session, chosen: ColumnElement[bool]) -> list[SealedRow]:
    asked = select(RefusalRow, refusal_campaign()).where(chosen)
    rows = tx.execute(asked.order_by(RefusalRow.at, RefusalRow.id).limit(AT_ONCE))
    return [refusal_as_decision(row, campaign) for row, campaign in rows]


def _permits(tx: Session, chosen: ColumnElement[bool]) -> list[SealedRow]:
    rows = tx.scalars(select(Attempt).where(chosen).order_by(Attempt.consumed_at).limit(AT_ONCE))
    return [permit_as_decision(row) for row in rows]


def refusal_campaign() -> ColumnElement[int | None]:
    """Which campaign a refusal was about, as a column."""
    return select(Lead.campaign_id).where(Lead.id == RefusalRow.lead_id).scalar_subquery()


def _campaign_of(tx: Session, act: Audit) -> int | None:
    """Which campaign an act is about, by what its subject is; None where it is about none."""
    about = act.action.partition(".")[0]
    if about == "campaign":
        return tx.scalar(select(Campaign.id).where(Campaign.name == act.subject))
    if about == "lead" and act.subject.isdigit():
        return tx.scalar(select(Lead.campaign_id).where(Lead.id == int(act.subject)))
    if about in {"disposition", "word", "fact"}:
        return tx.scalar(select(Attempt.campaign_id).where(Attempt.id == act.subject))
    return None
