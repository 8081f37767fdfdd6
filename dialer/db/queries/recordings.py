"""The talks that may have been recorded, newest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import literal, select, union_all

from dialer.db.models import Attempt, Customer, InboundCall
from dialer.db.session import Transaction


class RecordedTalk(NamedTuple):
    """One talk: the call's id, which is the recording's name, and whom it was with."""

    call: str
    rang_in: bool
    at: datetime
    agent: str
    queue: str
    talk_s: float | None
    customer: int | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTalks:
    """Talks of calls that began in this time; None: whoever's, with whomever."""

    since: datetime
    until: datetime
    agents: Collection[str] | None = None
    customer: int | None = None


def talks(tx: Transaction, chosen: ChosenTalks, limit: int) -> Sequence[RecordedTalk]:
    """The latest of these talks."""
    parts = []
    for table, key, began, rang_in in (
        (Attempt, Attempt.id, Attempt.created_at, False),
        (InboundCall, InboundCall.caller, InboundCall.joined_at, True),
    ):
        part = (
            select(
                key.label("call"),
                literal(rang_in).label("rang_in"),
                table.connected_at.label("at"),
                table.agent,
                table.queue,
                table.talk_s,
                table.customer_id,
                Customer.name,
            )
            .join(Customer, Customer.id == table.customer_id, isouter=True)
            .where(began >= chosen.since, began < chosen.until)
            .where(table.connected_at.is_not(None), table.ended_at.is_not(None), table.agent.is_not(None))
            .order_by(began.desc())
            .limit(limit)
        )
        if chosen.agents is not None:
            part = part.where(table.agent.in_(chosen.agents))
        if chosen.customer is not None:
            part = part.where(table.customer_id == chosen.customer)
        parts.append(select(part.subquery()))
    every = union_all(*parts).subquery()
    rows = tx.execute(select(every).order_by(every.c.at.desc()).limit(limit))
    return [RecordedTalk(*row) for row in rows]


def talk(tx: Transaction, call: str) -> tuple[str | None, int | None] | None:
    """Agent and customer of a call that was connected and is over; None where there is none such."""
    for key, table in ((Attempt.id, Attempt), (InboundCall.caller, InboundCall)):
        found = tx.execute(
            select(table.agent, table.customer_id)
            .where(key == call, table.connected_at.is_not(None))
            .limit(1)
        ).first()
        if found is not None:
            return found[0], found[1]
    return None
