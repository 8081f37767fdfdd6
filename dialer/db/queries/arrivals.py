"""Callers who rang in: each call, and how many half hour by half hour."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from callbacks.ring_in import CallAt
from dialer.core.calling.arrivals import Heard
from dialer.core.calling.caller_story import CallerStory
from dialer.core.calling.disposition import Disposition
from dialer.db.base import UtcDateTime
from dialer.db.models import InboundArrival, InboundCall, Promise
from dialer.db.queries.dispositions import LastWord
from dialer.db.session import Transaction

LONGEST_WAIT: Final = timedelta(hours=2)  # whoever seems to wait for longer has hung up unseen
LONGEST_CALL: Final = timedelta(days=7)  # and its word: for so long it is due


def add(tx: Transaction, pbx: str, heard: Mapping[datetime, Heard]) -> None:
    """Add what was heard to what the database has of the same half hours."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    for began_at, more in heard.items():
        row = insert(InboundArrival).values(
            pbx=pbx, began_at=began_at, callers=more.callers, seen_s=more.seen_s
        )
        tx.execute(
            row.on_conflict_do_update(
                index_elements=["pbx", "began_at"],
                set_={
                    "callers": InboundArrival.callers + row.excluded.callers,
                    "seen_s": InboundArrival.seen_s + row.excluded.seen_s,
                },
            )
        )


def heard_between(
    tx: Transaction, pbx: str, since: datetime, until: datetime
) -> list[tuple[datetime, Heard]]:
    """What was heard in each half hour that began in this time, oldest first."""
    chosen = (
        select(InboundArrival.began_at, InboundArrival.callers, InboundArrival.seen_s)
        .where(InboundArrival.pbx == pbx, InboundArrival.began_at >= since, InboundArrival.began_at < until)
        .order_by(InboundArrival.began_at)
    )
    return [(at, Heard(callers=callers, seen_s=seen_s)) for at, callers, seen_s in tx.execute(chosen)]


def lock_call(tx: Transaction, pbx: str, caller: str) -> InboundCall | None:
    """One live caller's call, which nobody else changes until the transaction ends."""
    chosen = select(InboundCall).where(InboundCall.pbx == pbx, InboundCall.caller == caller)
    return tx.scalar(chosen.with_for_update())


def stories(tx: Transaction, since: datetime, until: datetime, queue: str | None) -> Iterator[CallerStory]:
    """Every live caller's call that began in this time, of one queue or of all."""
    promised = select(Promise.id).where(Promise.source_call == InboundCall.caller).exists()
    chosen = select(
        InboundCall.queue, InboundCall.joined_at, InboundCall.left_at, InboundCall.connected_at,
        InboundCall.abandoned, promised, InboundCall.talk_s,
    ).where(InboundCall.joined_at >= since, InboundCall.joined_at < until)  # fmt: skip
    if queue is not None:
        chosen = chosen.where(InboundCall.queue == queue)
    for name, joined_at, left_at, connected_at, abandoned, asked, talk_s in tx.execute(chosen):
        yield CallerStory(
            queue=name, joined_at=joined_at, left_at=left_at, connected_at=connected_at,
            abandoned=abandoned, promised=bool(asked), talk_s=talk_s,
        )  # fmt: skip


def find_call(tx: Transaction, pbx: str, caller: str) -> InboundCall | None:
    """One live caller's call."""
    return tx.scalar(select(InboundCall).where(InboundCall.pbx == pbx, InboundCall.caller == caller))


def calls_named(tx: Transaction, caller: str) -> Sequence[InboundCall]:
    """The calls of this channel, of whatever PBX."""
    return tx.scalars(select(InboundCall).where(InboundCall.caller == caller)).all()


def call_of_agent(tx: Transaction, agent: str, caller: str, *, lock: bool = False) -> InboundCall | None:
    """A live caller's call that this agent took; an agent is of one PBX."""
    chosen = select(InboundCall).where(InboundCall.caller == caller, InboundCall.agent == agent)
    return tx.scalar(chosen.with_for_update() if lock else chosen)


def rang_in_since(tx: Transaction, numbers: Collection[str], since: datetime) -> bool:
    """Whether anybody with one of these numbers rang in since."""
    chosen = exists().where(InboundCall.e164.in_(numbers), InboundCall.joined_at >= since)
    return bool(tx.scalar(select(chosen)))


def with_disposition(tx: Transaction, pbx: str, callers: Collection[str]) -> frozenset[str]:
    """Those of the callers of whose call an agent has said what came of it."""
    chosen = select(InboundCall.caller).where(
        InboundCall.pbx == pbx, InboundCall.caller.in_(callers), InboundCall.disposition.is_not(None)
    )
    return frozenset(tx.scalars(chosen))


def due_of(tx: Transaction, agent: str, since: datetime, limit: int) -> Sequence[InboundCall]:
    """The agent's live calls since whose talk is over and of which nothing was said, oldest first."""
    chosen = select(InboundCall).where(
        InboundCall.joined_at >= since,
        InboundCall.agent == agent,
        InboundCall.talk_s.is_not(None),
        InboundCall.disposition.is_(None),
    )
    return tx.scalars(chosen.order_by(InboundCall.joined_at).limit(limit)).all()


def due_counts(tx: Transaction, agents: Collection[str], since: datetime) -> dict[str, tuple[int, datetime]]:
    """Of these agents' live calls since: how many wait for a word, and when the oldest of them began."""
    waiting = (
        select(InboundCall.agent, func.count(), func.min(InboundCall.joined_at, type_=UtcDateTime))
        .where(
            InboundCall.agent.in_(agents),
            InboundCall.joined_at >= since,
            InboundCall.talk_s.is_not(None),
            InboundCall.disposition.is_(None),
        )
        .group_by(InboundCall.agent)
    )
    return {agent or "": (count, oldest) for agent, count, oldest in tx.execute(waiting)}


def said_by(tx: Transaction, agent: str, since: datetime, limit: int) -> Sequence[InboundCall]:
    """The agent's live calls of which they said since what came of them, newest word first."""
    chosen = select(InboundCall).where(
        InboundCall.agent == agent,
        InboundCall.recorded_at >= since,
        InboundCall.joined_at >= since - LONGEST_CALL,
    )
    return tx.scalars(chosen.order_by(InboundCall.recorded_at.desc()).limit(limit)).all()


def objected(tx: Transaction, e164: str, customer: int | None, *, but: str) -> bool:
    """Whether this person said in another call of their own that nobody shall ring them."""
    theirs = InboundCall.e164 == e164
    if customer is not None:
        theirs |= InboundCall.customer_id == customer
    chosen = select(InboundCall.id).where(
        theirs, InboundCall.caller != but, InboundCall.disposition == Disposition.OPT_OUT
    )
    return tx.scalar(chosen.limit(1)) is not None


def last_words(tx: Transaction, since: datetime) -> Mapping[str, LastWord]:
    """What each agent said last of a live caller's call since then, and when."""
    chosen = select(InboundCall.agent, InboundCall.disposition, InboundCall.said_as, InboundCall.recorded_at)
    said = chosen.where(InboundCall.recorded_at >= since, InboundCall.joined_at >= since - LONGEST_CALL)
    found: dict[str, LastWord] = {}
    for agent, disposition, said_as, at in tx.execute(said.order_by(InboundCall.recorded_at)):
        if agent is not None and disposition is not None and at is not None:
            found[agent] = LastWord(disposition, said_as, at)
    return found


def waiting(tx: Transaction, now: datetime) -> Sequence[tuple[str, int, datetime]]:
    """Callers who wait for an agent: by queue how many, and when the first joined."""
    chosen = (
        select(InboundCall.queue, func.count(), func.min(InboundCall.joined_at, type_=UtcDateTime))
        .where(
            InboundCall.joined_at >= now - LONGEST_WAIT,
            InboundCall.left_at.is_(None),
            InboundCall.connected_at.is_(None),
            InboundCall.ended_at.is_(None),
        )
        .group_by(InboundCall.queue)
        .order_by(InboundCall.queue)
    )
    return [(queue, count, first) for queue, count, first in tx.execute(chosen)]


def open_calls(tx: Transaction, pbx: str, since: datetime, until: datetime) -> Sequence[InboundCall]:
    """Calls that began in this time and have no end in the book."""
    chosen = select(InboundCall).where(
        InboundCall.pbx == pbx,
        InboundCall.joined_at >= since,
        InboundCall.joined_at < until,
        InboundCall.ended_at.is_(None),
    )
    return tx.scalars(chosen).all()


def on_line(tx: Transaction, pbxs: Collection[str], since: datetime) -> dict[CallAt, str]:
    """The numbers of those who are on the line of one of these PBXs, as far as they showed one."""
    chosen = select(InboundCall.pbx, InboundCall.caller, InboundCall.e164).where(
        InboundCall.pbx.in_(pbxs), InboundCall.joined_at >= since, InboundCall.ended_at.is_(None)
    )
    return {CallAt(pbx, caller): number for pbx, caller, number in tx.execute(chosen) if number}


def calls_of(tx: Transaction, customer: int | None, number: str, limit: int) -> Sequence[InboundCall]:
    """The latest calls of a customer, or of a number of nobody's, newest first."""
    whose = InboundCall.customer_id == customer if customer is not None else InboundCall.e164 == number
    chosen = select(InboundCall).where(whose).order_by(InboundCall.joined_at.desc())
    return tx.scalars(chosen.limit(limit)).all()
