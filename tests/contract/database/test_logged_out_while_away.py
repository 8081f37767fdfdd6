"""A supervisor logs out an agent who is not back yet: the engine hears of it, and puts them back no more."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from databases.centre import PBX, Centre

from dialer.core.agents.floor import FloorState
from dialer.core.agents.state import AgentState
from dialer.db.queries import agents as agent_rows
from dialer.engine.roster import Roster
from dialer.pbx_settings import AgentSettings, PbxSettings
from dialer.services.agents.agents import AgentSeen, save_agents
from dialer.services.agents.leaves import Direction, direct_agent
from dialer.settings import Settings


def test_whoever_is_logged_out_while_a_restart_has_them_away_is_known_to_be_gone(centre: Centre) -> None:
    names = ("anna", "ben")
    seen = [AgentSeen(id=name, name=name, interface=f"PJSIP/{name}", state=AgentState.OFFLINE, reason="",
                      since=centre.now) for name in names]  # fmt: skip
    save_agents(centre.database, PBX, seen, centre.now)
    settings = Settings(pbx=PbxSettings(name=PBX), agents=[AgentSettings(id=name) for name in names])
    app: Any = SimpleNamespace(settings=settings, database=centre.database, clock=lambda: centre.now)
    roster = Roster(app, cast("Any", None), FloorState(inbound="support"), cast("Any", None), {})

    direct_agent(centre.database, "anna", Direction(act="log_out", why="gone home"), centre.now, "lead")
    direct_agent(
        centre.database, "ben", Direction(act="pause", why="lunch", reason="lunch"), centre.now, "lead"
    )
    asyncio.run(roster.turn())

    assert {"anna"} == roster.gone
    with centre.database.read() as tx:
        row = agent_rows.find(tx, "anna")
        assert row is not None
        assert row.leave_at is not None, "who comes back meanwhile is logged out then"
