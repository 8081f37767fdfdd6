"""Takes out rows whose time is over, some thousands at a time, so that nobody waits for it."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete as deletion
from sqlalchemy import func, or_, select
from sqlalchemy import update as updating

from dialer.core.evidence.chain import EntryKind
from dialer.db.evidence_log import ONLY, forget
from dialer.db.models import (
    Agent,
    Attempt,
    Audit,
    CallbackWish,
    DispositionRow,
    EvidenceHead,
    EvidenceRow,
    InboundCall,
    NoteDraft,
    Promise,
    PromiseStep,
    RefusalRow,
    ToldWait,
)
from dialer.db.queries import ledger_balance, outbox
from dialer.db.session import Transaction

AT_ONCE: Final = 5_000  # rows of one transaction: others wait for a tenth of a second at most


def old_attempts(tx: Transaction, before: datetime) -> int:
    """Take out attempts that were over by then, with what was said of them; how many, `AT_ONCE` at most."""
    held = select(Agent.attempt_id).where(Agent.attempt_id.is_not(None))
    chosen = (
        select(Attempt.id)
        .where(
            Attempt.created_at < before,
            func.coalesce(Attempt.consumed_at, Attempt.created_at) < before,
            Attempt.ended_at < before,
            Attempt.id.not_in(held),
        )
        .order_by(Attempt.created_at)
        .limit(AT_ONCE)
    )
    ids = list(tx.scalars(chosen))
    for table, column in (
        (DispositionRow, DispositionRow.attempt_id),
        (NoteDraft, NoteDraft.attempt_id),
        (Attempt, Attempt.id),
    ):
        _run(tx, deletion(table).where(column.in_(ids)))
    return len(ids)


def reasons_over(tx: Transaction, before: datetime) -> dict[int, str]:
    """The recordings of promises that ended before, by promise; `AT_ONCE` at most."""
    chosen = select(Promise.id, Promise.reason_recording).where(*_spoken(before)).limit(AT_ONCE)
    return {promise: str(recording) for promise, recording in tx.execute(chosen)}


def count_reasons_over(tx: Transaction, before: datetime) -> int:
    """How many there are."""
    return tx.scalar(select(func.count()).select_from(Promise).where(*_spoken(before))) or 0


def forget_reasons(tx: Transaction, chosen: list[int]) -> None:
    """These recordings are deleted."""
    _run(tx, updating(Promise).where(Promise.id.in_(chosen)).values(reason_recording=None))


def _spoken(before: datetime) -> tuple[Any, ...]:
    return Promise.ended_at < before, Promise.reason_recording.is_not(None)


def old_promises(tx: Transaction, before: datetime) -> int:
    """Take out promises that ended before, with their steps, once no attempt tells of them any more."""
    called = select(Attempt.id).where(Attempt.promise_id == Promise.id).exists()
    spoken = Promise.reason_recording.is_not(None)  # its file is to be deleted first
    chosen = select(Promise.id).where(Promise.ended_at < before, ~called, ~spoken).limit(AT_ONCE)
    ids = list(tx.scalars(chosen))
    ledger_balance.forget_if_newer(tx, ids)
    _run(tx, deletion(PromiseStep).where(PromiseStep.promise_id.in_(ids)))
    _run(tx, deletion(Promise).where(Promise.id.in_(ids)))
    return len(ids)


def old_inbound_calls(tx: Transaction, before: datetime) -> int:
    """Take out live callers' calls from before, and what was guessed of waits; `AT_ONCE` of each at most."""
    guessed = select(ToldWait.call).where(ToldWait.asked_at < before).limit(AT_ONCE)
    _run(tx, deletion(ToldWait).where(ToldWait.call.in_(list(tx.scalars(guessed)))))
    ids = list(tx.scalars(select(InboundCall.id).where(InboundCall.joined_at < before).limit(AT_ONCE)))
    _run(tx, deletion(InboundCall).where(InboundCall.id.in_(ids)))
    return len(ids)


def old_notes(tx: Transaction, before: datetime) -> int:
    """Empty the notes that were written before; what came of the call stays."""
    chosen = select(DispositionRow.id).where(DispositionRow.recorded_at < before, DispositionRow.note != "")
    ids = list(tx.scalars(chosen.limit(AT_ONCE)))
    _run(tx, updating(DispositionRow).where(DispositionRow.id.in_(ids)).values(note=""))
    noted = or_(InboundCall.note != "", InboundCall.draft_note != "")
    calls = list(
        tx.scalars(select(InboundCall.id).where(InboundCall.joined_at < before, noted).limit(AT_ONCE))
    )
    _run(tx, updating(InboundCall).where(InboundCall.id.in_(calls)).values(note="", draft_note=""))
    return max(len(ids), len(calls))


def old_refusals(tx: Transaction, before: datetime) -> int:
    """Take out refusals from before; rule and time stay in the decision log."""
    ids = list(tx.scalars(select(RefusalRow.id).where(RefusalRow.at < before).limit(AT_ONCE)))
    _run(tx, deletion(RefusalRow).where(RefusalRow.id.in_(ids)))
    return len(ids)


def old_wishes(tx: Transaction, before: datetime) -> int:
    """Take out what was asked for on the web before; how many, `AT_ONCE` at most."""
    ids = list(tx.scalars(select(CallbackWish.id).where(CallbackWish.made_at < before).limit(AT_ONCE)))
    _run(tx, deletion(CallbackWish).where(CallbackWish.id.in_(ids)))
    return len(ids)


def old_messages(tx: Transaction, before: datetime) -> int:
    """Take out texts and events that were over by then; how many, `AT_ONCE` at most."""
    return outbox.old(tx, before, AT_ONCE)


def forget_private(tx: Transaction, kind: EntryKind, before: datetime) -> int:
    """Take the private parts out of the log's entries of one kind from before; how many."""
    return forget(tx, (EvidenceRow.kind == kind) & (EvidenceRow.at < before))


def log_end(tx: Transaction, before: datetime) -> tuple[int, str] | None:
    """The last entry of the log's beginning that is from before, with its digest, or None."""
    newer = tx.scalar(select(func.min(EvidenceRow.number)).where(EvidenceRow.at >= before))
    older = select(EvidenceRow.number, EvidenceRow.digest).where(EvidenceRow.at < before)
    if newer is not None:
        older = older.where(EvidenceRow.number < newer)
    found = tx.execute(older.order_by(EvidenceRow.number.desc()).limit(1)).first()
    return None if found is None else (found[0], found[1])


def cut_log(tx: Transaction, through: int, before: datetime) -> int:
    """Take out the log's entries up to one, and the acts that they tell of; how many."""
    acts = select(EvidenceRow.source).where(EvidenceRow.number <= through, EvidenceRow.kind == EntryKind.ACT)
    ids = [int(source) for source in tx.scalars(acts)]
    unproven = select(EvidenceHead.acts_before).where(EvidenceHead.id == ONLY).scalar_subquery()
    for start in range(0, len(ids), AT_ONCE):
        _run(tx, deletion(Audit).where(Audit.id.in_(ids[start : start + AT_ONCE])))
    _run(tx, deletion(Audit).where(Audit.id <= unproven, Audit.at < before))
    return _run(tx, deletion(EvidenceRow).where(EvidenceRow.number <= through))


def _run(tx: Transaction, statement: Any) -> int:
    done = tx.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]
