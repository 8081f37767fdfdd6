"""What agents said came of their calls."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, select

from dialer.core.calling.disposition import Disposition as Word
from dialer.db.base import UtcDateTime
from dialer.db.models import Attempt, Customer, DispositionRow, NoteDraft
from dialer.db.session import Transaction

_FORESEEN: Final = "dispositions_foreseen"  # of a transaction


def find(tx: Transaction, attempt: str) -> DispositionRow | None:
    """The disposition of one attempt."""
    foreseen: dict[str, DispositionRow | None] = tx.info.get(_FORESEEN, {})
    if attempt in foreseen:
        return foreseen[attempt]
    return tx.scalar(select(DispositionRow).where(DispositionRow.attempt_id == attempt))


_OF_ATTEMPTS: Final = select(DispositionRow).where(
    DispositionRow.attempt_id.in_(bindparam("attempts", expanding=True))
)


def foresee(tx: Transaction, attempts: Collection[Attempt]) -> None:
    """Look up at once what this transaction is about to ask of these attempts; it writes none itself.

    They are locked, and as they were before it: nothing is said of a call until an agent was known on it.
    """
    found: dict[str, DispositionRow | None] = dict.fromkeys(row.id for row in attempts)
    talked = [row.id for row in attempts if row.connected_at is not None]
    if talked:
        found |= {row.attempt_id: row for row in tx.scalars(_OF_ATTEMPTS, {"attempts": talked})}
    tx.info[_FORESEEN] = found


def add(tx: Transaction, **values: Any) -> DispositionRow:
    """Write a disposition down; the row of it."""
    tx.info.pop(_FORESEEN, None)
    said = DispositionRow(**values)
    tx.add(said)
    tx.flush()
    return said


class LastWord(NamedTuple):
    """What an agent said last, the house's own word for it, and when."""

    disposition: Word
    said_as: str
    at: datetime


def last_of_agents(tx: Transaction, since: datetime) -> Mapping[str, LastWord]:
    """What each agent said last, and when; those who said nothing since then are left out."""
    last = (
        select(DispositionRow.agent, func.max(DispositionRow.id).label("id"))
        .where(DispositionRow.recorded_at >= since)
        .group_by(DispositionRow.agent)
        .subquery()
    )
    chosen = select(DispositionRow).join(last, last.c.id == DispositionRow.id)
    return {
        said.agent: LastWord(said.disposition, said.said_as, said.recorded_at) for said in tx.scalars(chosen)
    }


def counts(tx: Transaction, campaign: int) -> Mapping[tuple[Word, str], int]:
    """How often each disposition was said on one campaign, apart by the house's own words for it."""
    chosen = (
        select(DispositionRow.disposition, DispositionRow.said_as, func.count())
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(Attempt.campaign_id == campaign)
        .group_by(DispositionRow.disposition, DispositionRow.said_as)
    )
    return {(word, said_as): count for word, said_as, count in tx.execute(chosen)}


class TalkRow(NamedTuple):
    """A talk of an agent's, with whom, and what was said of it if anything was."""

    attempt: Attempt
    customer: Customer | None
    said: DispositionRow | None


def _talks() -> Select[Attempt, Customer, DispositionRow]:
    return (
        select(Attempt, Customer, DispositionRow)
        .join(Customer, Customer.id == Attempt.customer_id, isouter=True)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
    )


def due(tx: Transaction, agent: str, since: datetime, limit: int) -> Sequence[TalkRow]:
    """The agent's talks since that are over and of which nothing was said, oldest first."""
    chosen = _talks().where(
        Attempt.agent == agent,
        Attempt.connected_at >= since,
        Attempt.ended_at.is_not(None),
        DispositionRow.id.is_(None),
    )
    return [
        TalkRow(row[0], row[1], row[2])
        for row in tx.execute(chosen.order_by(Attempt.connected_at).limit(limit))
    ]


def due_counts(tx: Transaction, agents: Collection[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """Of these agents' talks since: how many wait for a word, and when the oldest of them began."""
    waiting = (
        select(Attempt.agent, func.count(), func.min(Attempt.connected_at, type_=UtcDateTime))
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(
            Attempt.agent.in_(agents),
            Attempt.connected_at >= since,
            Attempt.ended_at.is_not(None),
            DispositionRow.id.is_(None),
        )
        .group_by(Attempt.agent)
    )
    return {
        agent or "": (count, oldest) for agent, count, oldest in tx.execute(waiting) if oldest is not None
    }


def said_by(tx: Transaction, agent: str, since: datetime, limit: int) -> Sequence[TalkRow]:
    """What the agent said since of their talks, newest word first."""
    chosen = _talks().where(DispositionRow.recorded_at >= since, DispositionRow.agent == agent)
    newest = chosen.order_by(DispositionRow.recorded_at.desc(), DispositionRow.id.desc())
    return [TalkRow(*row) for row in tx.execute(newest.limit(limit))]


def contacts(
    tx: Transaction, customer: int | None, e164: str, limit: int, *, but: str | None = None
) -> Sequence[TalkRow]:
    """The latest talks with a customer, or with a number of nobody's, newest first."""
    whose = Attempt.customer_id == customer if customer is not None else Attempt.e164 == e164
    chosen = _talks().where(whose, Attempt.connected_at.is_not(None), Attempt.id != (but or ""))
    return [
        TalkRow(row[0], row[1], row[2])
        for row in tx.execute(chosen.order_by(Attempt.connected_at.desc()).limit(limit))
    ]


def remove(tx: Transaction, said: DispositionRow) -> None:
    """Take a word off the record; whoever does so has it audited."""
    tx.delete(said)
    tx.flush()


def objected(tx: Transaction, e164: str, customer: int | None, *, but: str) -> bool:
    """Whether this person said in another call that nobody shall ring them."""
    theirs = Attempt.e164 == e164
    if customer is not None:
        theirs |= Attempt.customer_id == customer
    chosen = (
        select(DispositionRow.id)
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(theirs, Attempt.id != but, DispositionRow.disposition == Word.OPT_OUT)
    )
    return tx.scalar(chosen.limit(1)) is not None


def draft_of(tx: Transaction, attempt: str) -> NoteDraft | None:
    """What was typed about an attempt and not sent."""
    return tx.get(NoteDraft, attempt)


def drafts_of(tx: Transaction, attempts: Collection[str]) -> Mapping[str, NoteDraft]:
    """The same of many."""
    chosen = select(NoteDraft).where(NoteDraft.attempt_id.in_(attempts))
    return {draft.attempt_id: draft for draft in tx.scalars(chosen)}


def keep_draft(tx: Transaction, **values: Any) -> None:
    """Keep what was typed about an attempt, in place of what was kept before."""
    tx.merge(NoteDraft(**values))
    tx.flush()


def drop_draft(tx: Transaction, attempt: str) -> None:
    """Nothing typed about this attempt waits any more."""
    tx.execute(delete(NoteDraft).where(NoteDraft.attempt_id == attempt))
