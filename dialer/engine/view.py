"""What the engine has in mind, as the live page shows it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialer.core.agent import AgentState
from dialer.core.floor import Floor
from dialer.services.agents import AgentSeen
from dialer.settings import Settings

if TYPE_CHECKING:
    from dialer.engine.engine import Term


def view_body(term: "Term", engine: str, now: datetime) -> dict[str, Any]:
    """A plain value: who leads, how the link is, the calls on their way and the reason for their number."""
    floor, health = term.floor, term.link.health()
    return {
        "engine": engine,
        "link": health.state,
        "ready": term.ready,
        "calls_on_the_way": len(floor.on_the_way()),
        "calls_connected": len(floor.calls) - len(floor.on_the_way()),
        "waiting_callers": [
            {"number": caller.number, "waited_s": (now - caller.joined_at).total_seconds()}
            for caller in floor.waiting()
        ],
        "sentence": term.desk.sentence,
        "numbers": {
            str(campaign): dict(decision.reason.numbers)
            for campaign, decision in term.paces.decisions.items()
        },
        "utilisation": floor.utilisation(now),
        "agents": {state.value: len(floor.in_state(state)) for state in AgentState},
    }


def agents_seen(floor: Floor, settings: Settings) -> tuple[AgentSeen, ...]:
    """The agents as the pages keep them."""
    names = {agent.id: agent.name or agent.id for agent in settings.agents}
    return tuple(
        AgentSeen(
            id=agent.id,
            name=names.get(agent.id, agent.id),
            interface=agent.interface,
            state=agent.state,
            reason=agent.reason,
            since=agent.since,
            attempt=agent.attempt,
        )
        for agent in sorted(floor.agents.values(), key=lambda agent: agent.id)
    )
