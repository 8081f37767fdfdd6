"""The decision log as it is read: in order, beside the rows it tells of, and what is missing in it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select

from dialer.core.evidence.chain import CUT, ERASED, EXPIRED, Entry, EntryKind
from dialer.db.evidence_log import (
    ONLY,
    OVERLAP,
    SealedRow,
    act_as_decision,
    permit_as_decision,
    refusal_as_decision,
    unsealed_permits,
    unsealed_refusals,
)
from dialer.db.models import Attempt, Audit, EvidenceHead, EvidenceRow, RefusalRow
from dialer.db.session import Transaction

PAGE = 2_000  # entries that are held in memory at once


class Head(NamedTuple):
    """The end of the chain as it is written down beside it."""

    number: int
    digest: str
    acts_before: int
    began_at: datetime | None
    sealed_at: datetime | None


class Shown(NamedTuple):
    """An entry, and the row that it tells of where that is still there."""

    entry: Entry
    campaign: int | None
    row: SealedRow | None


def head(tx: Transaction) -> Head | None:
    """The end of the chain; None where the log has not begun."""
    row = tx.get(EvidenceHead, ONLY)
    if row is None:
        return None
    return Head(row.number, row.digest, row.acts_before, row.began_at, row.sealed_at)


def told(tx: Transaction) -> Iterator[str]:
    """The open parts of the acts that took something out of the log."""
    chosen = select(EvidenceRow.open_part).where(
        EvidenceRow.kind == EntryKind.ACT,
        or_(*(EvidenceRow.open_part.startswith(f'{{"action":"{act}"') for act in (ERASED, EXPIRED, CUT))),
    )
    yield from tx.scalars(chosen.order_by(EvidenceRow.number))


def in_order(
    tx: Transaction,
    *,
    campaign: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[list[Shown]]:
    """The log's entries in pages, each with the row it tells of; all, or a campaign's and a time's."""
    wanted: list[ColumnElement[bool]] = []
    if campaign is not None:
        wanted.append(EvidenceRow.campaign_id == campaign)
    if since is not None:
        wanted.append(EvidenceRow.at >= since)
    if until is not None:
        wanted.append(EvidenceRow.at < until)
    last = 0
    while True:
        chosen = select(EvidenceRow).where(EvidenceRow.number > last, *wanted)
        rows = tx.scalars(chosen.order_by(EvidenceRow.number).limit(PAGE)).all()
        if not rows:
            return
        yield _beside(tx, rows)
        last = rows[-1].number
        tx.expire_all()


def _beside(tx: Transaction, rows: Sequence[EvidenceRow]) -> list[Shown]:
    sources: dict[EntryKind, list[str]] = {kind: [] for kind in EntryKind}
    for row in rows:
        sources[row.kind].append(row.source)
    acts = {
        str(act.id): act
        for act in tx.scalars(select(Audit).where(Audit.id.in_(map(int, sources[EntryKind.ACT]))))
    }
    refused = {
        str(no.id): no
        for no in tx.scalars(
            select(RefusalRow).where(RefusalRow.id.in_(map(int, sources[EntryKind.REFUSAL])))
        )
    }
    permitted = {
        yes.id: yes for yes in tx.scalars(select(Attempt).where(Attempt.id.in_(sources[EntryKind.PERMIT])))
    }

    def decision(row: EvidenceRow) -> SealedRow | None:
        if row.kind is EntryKind.ACT:
            return act_as_decision(acts[row.source], row.campaign_id) if row.source in acts else None
        if row.kind is EntryKind.REFUSAL:
            no = refused.get(row.source)
            return None if no is None else refusal_as_decision(no, row.campaign_id)
        yes = permitted.get(row.source)
        return None if yes is None else permit_as_decision(yes)

    return [
        Shown(
            entry=Entry(
                number=row.number,
                kind=row.kind,
                source=row.source,
                at=row.at,
                open_part=row.open_part,
                commitment=row.commitment,
                salt=row.salt,
                digest=row.digest,
            ),
            campaign=row.campaign_id,
            row=decision(row),
        )
        for row in rows
    ]


def acts_beside(tx: Transaction, after: int) -> Sequence[int]:
    """Rows of the audit after this one that the log does not have: written past it."""
    sealed = exists().where(EvidenceRow.kind == EntryKind.ACT, EvidenceRow.source == cast(Audit.id, String))
    return tx.scalars(select(Audit.id).where(Audit.id > after, ~sealed).order_by(Audit.id).limit(PAGE)).all()


def decisions_beside(tx: Transaction, began: datetime, sealed: datetime) -> int:
    """How many permits and refusals the log passed over: written in later, under an earlier time."""
    settled = sealed - OVERLAP
    no = select(func.count()).where(unsealed_refusals(began), RefusalRow.at < settled)
    yes = select(func.count()).where(unsealed_permits(began), Attempt.consumed_at < settled)
    return int(tx.scalar(no) or 0) + int(tx.scalar(yes) or 0)


def entries_of(tx: Transaction, e164s: Sequence[str], subjects: Sequence[str]) -> Sequence[int]:
    """The entries whose private parts name one of these numbers, or acts about one of these subjects."""
    acts = select(cast(Audit.id, String)).where(Audit.subject.in_([*e164s, *subjects]))
    refused = select(cast(RefusalRow.id, String)).where(RefusalRow.e164.in_(e164s))
    permitted = select(Attempt.id).where(Attempt.e164.in_(e164s))
    chosen = select(EvidenceRow.number).where(
        EvidenceRow.salt.is_not(None),
        or_(
            (EvidenceRow.kind == EntryKind.ACT) & EvidenceRow.source.in_(acts),
            (EvidenceRow.kind == EntryKind.REFUSAL) & EvidenceRow.source.in_(refused),
            (EvidenceRow.kind == EntryKind.PERMIT) & EvidenceRow.source.in_(permitted),
        ),
    )
    return tx.scalars(chosen.order_by(EvidenceRow.number)).all()
