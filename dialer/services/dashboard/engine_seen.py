"""All that an engine lets others see of itself, in one commit: twice a second, for as long as it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dialer.core.dashboard.view import EngineOnDashboard
from dialer.db.queries import agents
from dialer.db.session import Database
from dialer.services.agents.agents import AgentSeen, mirror_agents, mirror_changed
from dialer.services.agents.last_roster import RosterSeen, put_roster


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSeen:
    """What an engine has in mind, its agents, and who is at work where that has changed.

    `said`: None where what was said a moment ago still does. `everybody`: these are all agents of the PBX;
    else they are those of whom something changed.
    """

    said: EngineOnDashboard | None
    agents: Sequence[AgentSeen]
    everybody: bool
    roster: RosterSeen | None


def save_engine_seen(database: Database, pbx: str, seen: EngineSeen, now: datetime) -> None:
    """Keep it in place of what was kept before."""
    with database.write() as tx:
        if seen.said is not None:
            agents.save_engine(tx, pbx, now, seen.said)
        if seen.everybody:
            mirror_agents(tx, pbx, seen.agents, now)
        else:
            mirror_changed(tx, pbx, seen.agents)
        if seen.roster is not None:
            put_roster(tx, pbx, seen.roster)
