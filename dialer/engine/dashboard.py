"""What the engine has in mind, as the dashboard shows it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite

from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor
from dialer.core.agents.state import AgentState
from dialer.core.dashboard.view import CampaignOnDashboard, EngineOnDashboard
from dialer.core.pacing.facts import Decision
from dialer.services.agents.agents import AgentSeen
from telephony.asterisk.config.model import AgentLine
from telephony.ports import LinkHealth


def engine_on_dashboard(
    *,
    engine: str,
    link: LinkHealth,
    ready: bool,
    floor: FloorState,
    decisions: Mapping[int, Decision],
    sentence: str,
    now: datetime,
    clock_ahead_s: float = 0.0,
    held: str | None = None,
) -> EngineOnDashboard:
    """Who leads, how the link is, the calls on their way and the reason for their number."""
    return EngineOnDashboard(
        engine=engine,
        link=link.state.value,
        ready=ready,
        clock_ahead_s=clock_ahead_s,
        held=held,
        calls_on_the_way=len(floor.on_the_way()),
        callers_waiting=len(floor.waiting()),
        sentence=sentence,
        utilisation=floor.utilisation(now),
        campaigns=tuple(
            CampaignOnDashboard(
                campaign=campaign,
                numbers={
                    name: value if isfinite(value) else None
                    for name, value in decision.reason.numbers.items()
                },
            )
            for campaign, decision in decisions.items()
        ),
    )


def agents_seen(
    floor: FloorState,
    lines: Mapping[str, AgentLine],
    wrap_up_ends: Callable[[AgentOnFloor], datetime],
    now: datetime,
) -> tuple[AgentSeen, ...]:
    """The agents as the pages keep them; those of `lines` whom the PBX does not know are offline."""
    partners = {agent.id: _partner(floor, agent) for agent in floor.agents.values()}
    unseen = (
        AgentSeen(
            id=line.id,
            name=line.name,
            interface=line.interface,
            state=AgentState.OFFLINE,
            reason="",
            since=now,
        )
        for line in lines.values()
        if line.id not in floor.agents
    )
    seen = (
        AgentSeen(
            id=agent.id,
            name=lines[agent.id].name if agent.id in lines else agent.id,
            interface=agent.interface,
            state=agent.state,
            reason=agent.reason,
            since=agent.since,
            attempt=partners[agent.id][0],
            caller=partners[agent.id][1],
            until=wrap_up_ends(agent) if agent.state is AgentState.WRAPPING_UP else None,
            missed=agent.missed,
        )
        for agent in floor.agents.values()
    )
    return tuple(sorted((*seen, *unseen), key=lambda agent: agent.id))


def _partner(floor: FloorState, agent: AgentOnFloor) -> tuple[str | None, str | None]:
    """The attempt or the live caller whom an agent has to do with; or for whom their phone rings."""
    rung = agent.rung if agent.state is AgentState.RINGING else None
    if rung is None:
        return agent.attempt, agent.caller
    return (rung, None) if rung in floor.calls else (None, rung)
