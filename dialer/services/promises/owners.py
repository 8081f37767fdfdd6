"""Whose a promise is: an agent's own, or anybody's. Staff assign it; an owner who is away hands it on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.db.models import Promise
from dialer.db.queries import agents, audit, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.outbox.outbox import add_text

HANDED_ON: Final = "promise.handed_on"  # the text that tells the customer
BY_WINBACK: Final = "winback"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSuchAgent:
    """Nobody of that name was ever seen at work."""


def assign_promise(
    database: Database, promise: int, owner: str | None, actor: str, now: datetime
) -> Refusal | NoSuchAgent | None:
    """Let this agent call, or with None whoever is free; a customer who was told whom to expect hears of it.

    Refused with `promise.unknown`, and `promise.not-open` while it is being kept or once it is over.
    """
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None:
            return Refusal(rule=Rule.PROMISE_UNKNOWN)
        if row.state is not PromiseState.WAITING:
            return Refusal(rule=Rule.PROMISE_NOT_OPEN)
        if owner is not None and agents.find(tx, owner) is None:
            return NoSuchAgent()
        before = row.owner
        if before == owner:
            return None
        _give(tx, row, owner, now)
        audit.add(tx, now, actor, "promise.assigned", str(promise), {"from": before, "to": owner})
        return None


def hand_on(database: Database, promise: int, pbx: str, why: str, now: datetime) -> bool:
    """An agent's own promise becomes the team's, and its customer is told.

    False where it is nobody's own any more or on its way, and where the owner is at work at another PBX than
    this one: then it is theirs still.
    """
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None or row.owner is None or row.state is not PromiseState.WAITING:
            return False
        owner = agents.find(tx, row.owner)
        if owner is not None and owner.pbx != pbx and owner.state is not AgentState.OFFLINE:
            return False
        details = {"from": row.owner, "to": None, "why": why}
        _give(tx, row, None, now)
        audit.add(tx, now, BY_WINBACK, "promise.handed-on", str(promise), details)
        return True


def _give(tx: Transaction, row: Promise, owner: str | None, now: datetime) -> None:
    told = row.owner
    handed_on = now if told is not None else row.handed_on_at
    move(tx, row, row.state, owner=owner, handed_on_at=handed_on)
    if told is not None:
        add_text(tx, row, HANDED_ON, now, key=f"{row.id} {HANDED_ON} {now.isoformat()}"[:100])
