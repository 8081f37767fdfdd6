"""Who has to be made a member of which team's queue, and who to be taken out of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from dialer.core.agents.membership import WRAPPING_UP
from dialer.core.agents.on_floor import AgentOnFloor
from dialer.core.agents.state import AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSeat:
    """A membership of a team's queue that is to begin, paused where there is a reason, or to end."""

    agent: str
    interface: str
    queue: str
    joins: bool
    reason: str | None = None


def seats_to_change(
    agents: Iterable[AgentOnFloor], wanted: Mapping[str, Collection[str]], team_queues: Collection[str]
) -> tuple[TeamSeat, ...]:
    """What makes those who are at work members of exactly their own teams' queues.

    `wanted`: the queues by agent; `team_queues`: all that are any team's, or were. An agent who is kept for a
    call that reaches nobody else is left alone until that is over.
    """
    changes: list[TeamSeat] = []
    for agent in agents:
        if agent.state is AgentState.OFFLINE or agent.alone:
            continue
        own = set(wanted.get(agent.id, ()))
        changes += [
            TeamSeat(
                agent=agent.id,
                interface=agent.interface,
                queue=queue,
                joins=joins,
                reason=_pause_of(agent) if joins else None,
            )
            for queues, joins in (
                (own - agent.members.keys(), True),
                ((agent.members.keys() & set(team_queues)) - own, False),
            )
            for queue in sorted(queues)
        ]
    return tuple(changes)


def _pause_of(agent: AgentOnFloor) -> str | None:
    """The pause in which a new seat begins: nothing may ring whom nothing may ring elsewhere."""
    if agent.state in {AgentState.TALKING, AgentState.WRAPPING_UP}:
        return WRAPPING_UP
    return agent.reason if agent.state is AgentState.PAUSED else None
