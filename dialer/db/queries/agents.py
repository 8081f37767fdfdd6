"""Agents as last seen, what they wish for, and what the engine last had in mind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.core.agents.leave import Leave
from dialer.core.agents.state import AgentState
from dialer.core.dashboard.view import EngineOnDashboard
from dialer.db.base import UtcDateTime
from dialer.db.models import Agent, EngineDashboard, LastRoster
from dialer.db.session import Transaction


def all_of(tx: Transaction, pbx: str | None = None) -> Sequence[Agent]:
    """Agents by id, of one PBX or of all."""
    chosen = select(Agent).order_by(Agent.id)
    return tx.scalars(chosen if pbx is None else chosen.where(Agent.pbx == pbx)).all()


def find(tx: Transaction, agent: str) -> Agent | None:
    """One agent."""
    return tx.get(Agent, agent)


def add(tx: Transaction, **values: Any) -> None:
    """Write down an agent that was not seen before."""
    tx.add(Agent(**values))


def set_wish(tx: Transaction, agent: str, wish: str) -> bool:
    """Keep a wish for the engine; a newer one replaces it. False where there is no such agent."""
    asked = update(Agent).where(Agent.id == agent).values(wish=wish).returning(Agent.id)
    return tx.scalar(asked) is not None


def pending_wishes(tx: Transaction, pbx: str) -> Sequence[tuple[str, str]]:
    """Wishes nobody took yet: agent, wish."""
    chosen = select(Agent.id, Agent.wish).where(Agent.pbx == pbx, Agent.wish.is_not(None))
    return [(agent, wish or "") for agent, wish in tx.execute(chosen.order_by(Agent.id))]


def clear_wishes(tx: Transaction, taken: Sequence[tuple[str, str]]) -> None:
    """Take these wishes away, where they are still the same."""
    for agent, wish in taken:
        tx.execute(update(Agent).where(Agent.id == agent, Agent.wish == wish).values(wish=None))


def is_asked_for(tx: Transaction, pbx: str) -> bool:
    """Whether somebody of this PBX wishes something, or is to be listened to, that nobody took yet."""
    asking = or_(Agent.wish.is_not(None), Agent.listen_mode.is_not(None))
    return tx.scalar(select(Agent.id).where(Agent.pbx == pbx, asking).limit(1)) is not None


def set_listening(tx: Transaction, agent: str, mode: str | None, listener: str | None) -> None:
    """Keep that somebody is to be put on this agent's call, or that nobody is any more."""
    tx.execute(update(Agent).where(Agent.id == agent).values(listen_mode=mode, listener=listener))


def set_leave(tx: Transaction, agent: str, leave: Leave | None) -> bool:
    """Plan a leave, in place of one that was planned, or none. False where there is no such agent."""
    row = tx.get(Agent, agent, with_for_update=True)
    if row is None:
        return False
    row.leave_at = leave.at if leave else None
    row.leave_kind = leave.kind if leave else None
    row.leave_reason = leave.reason if leave else None
    tx.flush()
    return True


def leave_of(row: Agent) -> Leave | None:
    """The leave that is planned for this agent."""
    if row.leave_at is None or row.leave_kind is None:
        return None
    return Leave(at=row.leave_at, kind=row.leave_kind, reason=row.leave_reason or "")


def with_wish_or_leave(tx: Transaction, pbx: str) -> Sequence[Agent]:
    """Agents of a PBX who wish something, plan to leave, or are to be listened to."""
    return tx.scalars(select(Agent).where(*is_asking(pbx))).all()


def is_asking(pbx: str | BindParameter[str]) -> tuple[ColumnElement[bool], ...]:
    """That an agent of a PBX wishes something, plans to leave, or is to be listened to."""
    asking = or_(Agent.wish.is_not(None), Agent.leave_at.is_not(None), Agent.listen_mode.is_not(None))
    return Agent.pbx == pbx, asking


def tell(tx: Transaction, agent: str, words: str) -> None:
    """Say something on an agent's page, until they go on; nothing takes it away."""
    tx.execute(update(Agent).where(Agent.id == agent).values(told=words[:200]))


def counts(rows: Sequence[Agent]) -> dict[AgentState, int]:
    """How many agents are in each state."""
    return {state: sum(1 for row in rows if row.state is state) for state in AgentState}


def save_engine(tx: Transaction, pbx: str, taken_at: datetime, said: EngineOnDashboard) -> None:
    """Keep what the engine of a PBX has in mind."""
    _put(tx, EngineDashboard, pbx=pbx, taken_at=taken_at, body=said)


def last_roster(tx: Transaction, pbx: str) -> LastRoster | None:
    """Who was at work when an engine last saw this PBX."""
    return tx.get(LastRoster, pbx)


def last_seen(tx: Transaction) -> datetime | None:
    """When an engine last saw its PBX, whichever of them; None where none ever did."""
    return tx.scalar(select(func.max(LastRoster.seen_at, type_=UtcDateTime)))


def save_roster(tx: Transaction, **values: Any) -> None:
    """Keep who is at work on a PBX."""
    _put(tx, LastRoster, **values)


def _put(tx: Transaction, kind: type[EngineDashboard | LastRoster], **values: Any) -> None:
    """Write the row of one PBX, in place of the one before it."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(kind).values(**values)
    tx.execute(
        fresh.on_conflict_do_update(
            index_elements=["pbx"], set_={name: fresh.excluded[name] for name in values if name != "pbx"}
        )
    )


def put_changed(tx: Transaction, pbx: str, changed: Sequence[Mapping[str, Any]]) -> None:
    """Write these values of agents of one PBX, each with its `id`, in one statement; nothing is read."""
    if not changed:
        return
    table = cast("Table", Agent.__table__)
    names = [name for name in changed[0] if name != "id"]
    change = (
        update(table)
        .where(table.c.id == bindparam("agent"), table.c.pbx == pbx)
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )
    rows = [{"agent": each["id"], **{f"new_{name}": each[name] for name in names}} for each in changed]
    tx.connection().execute(change, rows)


def engines(tx: Transaction) -> Sequence[EngineDashboard]:
    """What every engine last had in mind."""
    return tx.scalars(select(EngineDashboard).order_by(EngineDashboard.pbx)).all()
