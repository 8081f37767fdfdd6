"""An agent's talks, the other contacts of the same people, calls agreed on, and a coach's notes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import func, or_, select

from callbacks.lifecycle import PromiseState
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.models import Attempt, CoachNote, Customer, DispositionRow, InboundCall, Lead, Promise
from dialer.db.session import Transaction

AT_ONCE: Final = 500  # values in one IN list: fewer than any database allows


class TalkOfDay(NamedTuple):
    """One talk of an agent's, and what came of it."""

    at: datetime
    customer: int | None
    e164: str
    word: Disposition | None
    kept: bool


def talks_of(tx: Transaction, agent: str, since: datetime) -> Sequence[TalkOfDay]:
    """An agent's talks since, those of live callers too."""
    rung = (
        select(
            Attempt.connected_at, Attempt.customer_id, Attempt.e164, DispositionRow.disposition, Promise.state
        )
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .join(Promise, Promise.id == Attempt.promise_id, isouter=True)
        .where(Attempt.agent == agent, Attempt.connected_at >= since)
    )
    rang_in = select(
        InboundCall.connected_at, InboundCall.customer_id, InboundCall.e164, InboundCall.disposition
    ).where(InboundCall.agent == agent, InboundCall.joined_at >= since, InboundCall.connected_at.is_not(None))
    found = [
        TalkOfDay(at, customer, e164, word, state is PromiseState.KEPT)
        for at, customer, e164, word, state in tx.execute(rung)
        if at is not None
    ]
    found += [
        TalkOfDay(at, customer, e164, word, False)
        for at, customer, e164, word in tx.execute(rang_in)
        if at is not None
    ]
    return found


def contacts_of(
    tx: Transaction, customers: Sequence[int], numbers: Sequence[str], since: datetime
) -> tuple[Mapping[int, list[datetime]], Mapping[str, list[datetime]]]:
    """When anybody of the centre talked with these customers, or with these numbers of nobody's, since."""
    by_customer: dict[int, list[datetime]] = defaultdict(list)
    by_number: dict[str, list[datetime]] = defaultdict(list)
    for table in (Attempt, InboundCall):
        for start in range(0, len(customers), AT_ONCE):
            some = customers[start : start + AT_ONCE]
            chosen = select(table.customer_id, table.connected_at).where(table.customer_id.in_(some))
            for customer, at in tx.execute(chosen.where(table.connected_at >= since)):
                if customer is not None and at is not None:
                    by_customer[customer].append(at)
        for start in range(0, len(numbers), AT_ONCE):
            few = numbers[start : start + AT_ONCE]
            called = select(table.e164, table.connected_at).where(table.e164.in_(few))
            for e164, at in tx.execute(called.where(table.connected_at >= since)):
                if at is not None:
                    by_number[e164].append(at)
    return by_customer, by_number


class AgreedCall(NamedTuple):
    """A call that an agent agreed on, and that is still to come."""

    at: datetime
    name: str | None
    external_id: str | None
    e164: str


def agreed_by(tx: Transaction, agent: str, again: str, limit: int) -> Sequence[AgreedCall]:
    """Calls to come that this agent agreed on; `again`: how a promise names the call it was agreed in."""
    of_leads = (
        select(Lead.next_at, Customer.name, Customer.external_id, Lead.e164)
        .join(Attempt, Attempt.lead_id == Lead.id)
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id)
        .join(Customer, Customer.id == Lead.customer_id)
        .where(
            DispositionRow.agent == agent,
            DispositionRow.call_again_at == Lead.next_at,
            Lead.state == LeadState.LISTED,
            Lead.asked_again,
        )
        .limit(limit)
    )
    mine = or_(
        Promise.source_call.in_(
            select(again + DispositionRow.attempt_id).where(
                DispositionRow.agent == agent, DispositionRow.call_again_at.is_not(None)
            )
        ),
        Promise.source_call.in_(
            select(again + InboundCall.caller).where(
                InboundCall.agent == agent, InboundCall.call_again_at.is_not(None)
            )
        ),
    )
    of_promises = (
        select(Promise.next_action_at, Customer.name, Customer.external_id, Promise.e164)
        .join(Customer, Customer.id == Promise.customer_id, isouter=True)
        .where(Promise.ended_at.is_(None), Promise.next_action_at.is_not(None), mine)
        .limit(limit)
    )
    found = [
        AgreedCall(at, name, external_id, e164)
        for chosen in (of_leads, of_promises)
        for at, name, external_id, e164 in tx.execute(chosen)
        if at is not None
    ]
    return sorted(found, key=lambda call: call.at)[:limit]


def notes_for(tx: Transaction, agent: str, limit: int) -> Sequence[CoachNote]:
    """A coach's latest notes to an agent, newest first."""
    chosen = select(CoachNote).where(CoachNote.agent == agent)
    return tx.scalars(chosen.order_by(CoachNote.written_at.desc(), CoachNote.id.desc()).limit(limit)).all()


def note(tx: Transaction, key: int) -> CoachNote | None:
    """One note."""
    return tx.get(CoachNote, key)


def add_note(tx: Transaction, **values: Any) -> None:
    """Write a note down."""
    tx.add(CoachNote(**values))


class ReasonCount(NamedTuple):
    """How often a reason was said, in calls of one kind, and how many of these customers were kept."""

    reason: ContactReason | None
    rang_in: bool
    talks: int
    saved: int
    lost: int


def reasons_since(tx: Transaction, since: datetime, until: datetime | None = None) -> Sequence[ReasonCount]:
    """Talks since, and before `until`, by reason; None: none was said."""
    rung = (
        select(Attempt.contact_reason.label("reason"), DispositionRow.disposition.label("word"))
        .join(DispositionRow, DispositionRow.attempt_id == Attempt.id, isouter=True)
        .where(Attempt.created_at >= since, Attempt.connected_at.is_not(None))
    )
    rang_in = select(InboundCall.contact_reason.label("reason"), InboundCall.disposition.label("word")).where(
        InboundCall.joined_at >= since, InboundCall.connected_at.is_not(None)
    )
    if until is not None:
        rung, rang_in = rung.where(Attempt.created_at < until), rang_in.where(InboundCall.joined_at < until)
    found = []
    for kind, chosen in ((False, rung), (True, rang_in)):
        talks = chosen.subquery()
        counted = select(talks.c.reason, talks.c.word, func.count()).group_by(talks.c.reason, talks.c.word)
        by_reason: dict[ContactReason | None, list[int]] = {}
        for reason, word, count in tx.execute(counted):
            sums = by_reason.setdefault(reason, [0, 0, 0])
            sums[0] += count
            sums[1] += count if word == Disposition.SAVED else 0
            sums[2] += count if word == Disposition.LOST else 0
        found += [ReasonCount(reason, kind, *sums) for reason, sums in by_reason.items()]
    return found
