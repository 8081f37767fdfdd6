"""Leaves: what agents plan for themselves, and what a supervisor decides about them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dialer.core.agents.leave import Leave, LeaveKind
from dialer.db.queries import agents, audit
from dialer.db.session import Database

Act = Literal["pause", "resume", "log_out", "tell"]
SAID: dict[Act, str] = {
    "pause": "Your team lead paused you: %(why)s",
    "resume": "Your team lead ended your pause: %(why)s",
    "log_out": "Your team lead logged you out: %(why)s",
    "tell": "Your team lead says: %(why)s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What a supervisor decides about an agent, and why; `reason` is the pause's."""

    act: Act
    why: str
    reason: str = ""


def plan_leave(database: Database, agent: str, leave: Leave | None) -> bool:
    """Plan a leave for the engine to carry out, or none; False where there is no such agent."""
    with database.write() as tx:
        return agents.set_leave(tx, agent, leave)


def direct_agent(database: Database, agent: str, direction: Direction, now: datetime, actor: str) -> bool:
    """Pause, resume or log out an agent, or tell them something: audited, and said on the agent's own page.

    As with an agent's own leave, a customer who is being talked with is not cut off. False where there is
    no such agent.
    """
    with database.write() as tx:
        if agents.find(tx, agent) is None:
            return False
        if direction.act == "resume":
            agents.set_leave(tx, agent, None)
            agents.set_wish(tx, agent, "resume")
        elif direction.act != "tell":
            agents.set_leave(tx, agent, Leave(at=now, kind=LeaveKind(direction.act), reason=direction.reason))
        agents.tell(tx, agent, SAID[direction.act] % {"why": direction.why})
        details = {"why": direction.why, "reason": direction.reason}
        audit.add(tx, now, actor, f"agent.{direction.act}", agent, details)
        return True


def leave_carried_out(database: Database, agent: str, leave: Leave) -> None:
    """The engine did it; a leave planned meanwhile stays."""
    with database.write() as tx:
        row = agents.find(tx, agent)
        if row is not None and agents.leave_of(row) == leave:
            agents.set_leave(tx, agent, None)
