"""Offers that keep customers: the list of them, and to whom agents gave which."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from dialer.core.calling.disposition import Disposition
from dialer.core.retention.given_offer import GivenState
from dialer.db.models import (
    Agent,
    Attempt,
    DispositionRow,
    GivenOffer,
    InboundCall,
    RetentionOffer,
    TeamAgent,
)
from dialer.db.session import Transaction


def every_offer(tx: Transaction, *, closed: bool = False) -> Sequence[RetentionOffer]:
    """Offers by name; `closed`: with those that no agent sees any more."""
    chosen = select(RetentionOffer).order_by(RetentionOffer.name)
    return tx.scalars(chosen if closed else chosen.where(RetentionOffer.closed_at.is_(None))).all()


def offer(tx: Transaction, key: int, *, lock: bool = False) -> RetentionOffer | None:
    """One offer; locked, nobody else gives one of it until the transaction ends."""
    return tx.get(RetentionOffer, key, with_for_update=True if lock else None)


def offer_named(tx: Transaction, name: str) -> RetentionOffer | None:
    """The offer of this name."""
    return tx.scalar(select(RetentionOffer).where(RetentionOffer.name == name))


def add(tx: Transaction, row: RetentionOffer | GivenOffer) -> None:
    """Write an offer, or one that is given, down."""
    tx.add(row)
    tx.flush()


def given(tx: Transaction, key: int) -> GivenOffer | None:
    """One given offer, which nobody else changes until the transaction ends."""
    return tx.get(GivenOffer, key, with_for_update=True)


def _with_words() -> Select[Any]:
    return (
        select(GivenOffer)
        .join(Attempt, Attempt.id == GivenOffer.attempt_id, isouter=True)
        .join(DispositionRow, DispositionRow.attempt_id == GivenOffer.attempt_id, isouter=True)
        .join(InboundCall, InboundCall.id == GivenOffer.inbound_call_id, isouter=True)
    )


def _counts() -> ColumnElement[bool]:
    """What uses up an allowance: given, and not turned down."""
    return and_(
        GivenOffer.state == GivenState.GIVEN,
        func.coalesce(DispositionRow.disposition, InboundCall.disposition, "") != Disposition.LOST.value,
    )


def given_by_agent(tx: Transaction, since: datetime) -> Mapping[tuple[int, str], int]:
    """How often each agent gave each offer since, those left out that were turned down."""
    chosen = _with_words().with_only_columns(GivenOffer.offer_id, GivenOffer.agent, func.count())
    rows = tx.execute(
        chosen.where(GivenOffer.asked_at >= since, _counts()).group_by(GivenOffer.offer_id, GivenOffer.agent)
    )
    return {(offer, agent): count for offer, agent, count in rows}


def given_to(tx: Transaction, customer: int, since: datetime) -> Mapping[int, int]:
    """How often a customer was given each offer since, in whoever's call."""
    chosen = _with_words().with_only_columns(GivenOffer.offer_id, func.count())
    theirs = or_(Attempt.customer_id == customer, InboundCall.customer_id == customer)
    rows = tx.execute(
        chosen.where(theirs, GivenOffer.asked_at >= since, _counts()).group_by(GivenOffer.offer_id)
    )
    return {row[0]: row[1] for row in rows}


def of_call(tx: Transaction, attempt: str | None, inbound: int | None) -> Sequence[GivenOffer]:
    """What was given or asked for in one call, oldest first; not what was withdrawn."""
    which = GivenOffer.attempt_id == attempt if attempt is not None else GivenOffer.inbound_call_id == inbound
    chosen = select(GivenOffer).where(which, GivenOffer.state != GivenState.WITHDRAWN)
    return tx.scalars(chosen.order_by(GivenOffer.id)).all()


def mates_of(tx: Transaction, agent: str) -> tuple[frozenset[str], ...]:
    """The agents of each team that this one is in."""
    theirs = select(TeamAgent.team_id).where(TeamAgent.agent_id == agent)
    chosen = select(TeamAgent.team_id, TeamAgent.agent_id).where(TeamAgent.team_id.in_(theirs))
    found: dict[str, set[str]] = {}
    for team, mate in tx.execute(chosen):
        found.setdefault(team, set()).add(mate)
    return tuple(frozenset(mates) for mates in found.values())


class OfferAsked(NamedTuple):
    """A request of an agent's, for what, and whom it is for."""

    given: GivenOffer
    offer: RetentionOffer
    customer: int | None


def asked(tx: Transaction, since: datetime) -> Sequence[OfferAsked]:
    """Requests that nobody has answered, oldest first."""
    chosen = (
        _with_words()
        .join(RetentionOffer, RetentionOffer.id == GivenOffer.offer_id)
        .with_only_columns(
            GivenOffer, RetentionOffer, func.coalesce(Attempt.customer_id, InboundCall.customer_id)
        )
        .where(GivenOffer.state == GivenState.ASKED, GivenOffer.asked_at >= since)
        .order_by(GivenOffer.id)
    )
    return [OfferAsked(row[0], row[1], row[2]) for row in tx.execute(chosen)]


def marks(tx: Transaction, agent: str | None = None) -> Mapping[str, str]:
    """By agent, of one or of all, what changes when an offer in the call before them does."""
    of_attempts = select(Agent.id, GivenOffer.id, GivenOffer.state).join(
        GivenOffer, GivenOffer.attempt_id == Agent.attempt_id
    )
    of_callers = (
        select(Agent.id, GivenOffer.id, GivenOffer.state)
        .join(InboundCall, and_(InboundCall.pbx == Agent.pbx, InboundCall.caller == Agent.caller))
        .join(GivenOffer, GivenOffer.inbound_call_id == InboundCall.id)
    )
    found: dict[str, str] = {}
    for chosen in (of_attempts, of_callers):
        wanted = chosen if agent is None else chosen.where(Agent.id == agent)
        for name, key, state in tx.execute(wanted.order_by(GivenOffer.id)):
            found[name] = f"{found.get(name, '')} {key}{state.value[0]}"
    return found


class OfferOutcome(NamedTuple):
    """One given offer with what came of its call."""

    offer: int
    state: GivenState
    cost: float
    word: Disposition | None
    campaign: int | None
    customer: int | None
    above: bool  # a limit was reached


def outcomes(tx: Transaction, since: datetime) -> Sequence[OfferOutcome]:
    """Everything given, asked for or refused since, with what came of it."""
    chosen = (
        _with_words()
        .with_only_columns(
            GivenOffer.offer_id,
            GivenOffer.state,
            GivenOffer.cost,
            func.coalesce(DispositionRow.disposition, InboundCall.disposition),
            Attempt.campaign_id,
            func.coalesce(Attempt.customer_id, InboundCall.customer_id),
            GivenOffer.limit_reached,
        )
        .where(GivenOffer.asked_at >= since)
    )
    return [
        OfferOutcome(
            offer, state, cost, Disposition(word) if word else None, campaign, customer, limit is not None
        )
        for offer, state, cost, word, campaign, customer, limit in tx.execute(chosen)
    ]


def given_in_contacts(
    tx: Transaction, attempts: Collection[str], inbound: Collection[int]
) -> tuple[Mapping[str, str], Mapping[int, str]]:
    """By attempt and by live call, the names of the offers that were given in it."""
    chosen = (
        select(GivenOffer.attempt_id, GivenOffer.inbound_call_id, RetentionOffer.name)
        .join(RetentionOffer, RetentionOffer.id == GivenOffer.offer_id)
        .where(
            GivenOffer.state == GivenState.GIVEN,
            or_(GivenOffer.attempt_id.in_(attempts), GivenOffer.inbound_call_id.in_(inbound)),
        )
    )
    by_attempt: dict[str, str] = {}
    by_call: dict[int, str] = {}
    for attempt, call, name in tx.execute(chosen.order_by(GivenOffer.id)):
        if attempt is not None:
            by_attempt[attempt] = f"{by_attempt[attempt]}, {name}" if attempt in by_attempt else name
        elif call is not None:
            by_call[call] = f"{by_call[call]}, {name}" if call in by_call else name
    return by_attempt, by_call
