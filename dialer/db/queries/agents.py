"""Agents as last seen, what they wish for, and what the engine last had in mind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from dialer.core.agent import AgentState
from dialer.db.models import Agent, EngineView
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


def set_wish(tx: Transaction, agent: str, wish: str, reason: str) -> bool:
    """Keep a wish for the engine; a newer one replaces it. False where there is no such agent."""
    asked = update(Agent).where(Agent.id == agent).values(wish=wish, wish_reason=reason).returning(Agent.id)
    return tx.scalar(asked) is not None


def pending_wishes(tx: Transaction, pbx: str) -> Sequence[tuple[str, str, str]]:
    """Wishes nobody took yet: agent, wish, reason."""
    chosen = select(Agent.id, Agent.wish, Agent.wish_reason).where(Agent.pbx == pbx, Agent.wish.is_not(None))
    return [
        (agent, wish or "", reason or "") for agent, wish, reason in tx.execute(chosen.order_by(Agent.id))
    ]


def clear_wishes(tx: Transaction, taken: Sequence[tuple[str, str, str]]) -> None:
    """Take these wishes away, where they are still the same."""
    for agent, wish, _reason in taken:
        tx.execute(
            update(Agent).where(Agent.id == agent, Agent.wish == wish).values(wish=None, wish_reason=None)
        )


def counts(rows: Sequence[Agent]) -> dict[AgentState, int]:
    """How many agents are in each state."""
    return {state: sum(1 for row in rows if row.state is state) for state in AgentState}


def save_view(tx: Transaction, pbx: str, taken_at: datetime, body: Mapping[str, Any]) -> None:
    """Keep what the engine of a PBX has in mind."""
    tx.merge(EngineView(pbx=pbx, taken_at=taken_at, body=dict(body)))


def views(tx: Transaction) -> Sequence[EngineView]:
    """What every engine last had in mind."""
    return tx.scalars(select(EngineView).order_by(EngineView.pbx)).all()
