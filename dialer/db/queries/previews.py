"""Previews: which lead an agent reads about, and whether the call was asked for."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from dialer.db.models import Agent, Lead, Preview
from dialer.db.session import Transaction


def all_of(tx: Transaction, pbx: str) -> Sequence[tuple[Preview, Lead]]:
    """The previews of one PBX's agents, oldest first, with their leads."""
    chosen = (
        select(Preview, Lead)
        .join(Lead, Lead.id == Preview.lead_id)
        .join(Agent, Agent.id == Preview.agent_id)
        .where(Agent.pbx == pbx)
        .order_by(Preview.shown_at, Preview.agent_id)
    )
    return [(row[0], row[1]) for row in tx.execute(chosen)]


def shown(tx: Transaction) -> dict[str, tuple[int, bool]]:
    """The lead each agent reads about, and whether the call was asked for."""
    return {row.agent_id: (row.lead_id, row.asked) for row in tx.scalars(select(Preview))}


def find(tx: Transaction, agent: str) -> Preview | None:
    """What this agent reads about."""
    return tx.get(Preview, agent)


def add(tx: Transaction, agent: str, lead: int, now: datetime, until: datetime) -> bool:
    """Show a lead to an agent; False where somebody else has it, or the agent has one."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = (
        insert(Preview)
        .values(agent_id=agent, lead_id=lead, shown_at=now, until=until, asked=False)
        .on_conflict_do_nothing()
        .returning(Preview.lead_id)
    )
    return tx.scalar(fresh) is not None


def ask(tx: Transaction, agent: str, lead: int) -> bool:
    """Ask for the call to this lead; False where the agent reads about another one, or none."""
    asked = (
        update(Preview)
        .where(Preview.agent_id == agent, Preview.lead_id == lead)
        .values(asked=True)
        .returning(Preview.lead_id)
    )
    return tx.scalar(asked) is not None


def drop(tx: Transaction, agent: str, lead: int) -> bool:
    """Take this lead from the agent; False where they had another one, or none."""
    gone = (
        delete(Preview).where(Preview.agent_id == agent, Preview.lead_id == lead).returning(Preview.lead_id)
    )
    return tx.scalar(gone) is not None
