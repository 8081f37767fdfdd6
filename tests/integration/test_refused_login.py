"""A PBX that refuses our password costs the centre its calls, and neither its engine nor its pages."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from dialer.bootstrap import App, open_app
from dialer.core.dashboard.view import EngineStateOnDashboard
from dialer.engine import engine as engines
from dialer.engine.engine import Engine
from dialer.engine.refused_login import RefusedLogin
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.settings import Settings
from telephony.simulator.behaviour import Behaviour, SimulatedAgent
from telephony.simulator.server import SimulatedPbx

WITHIN_S = 60.0
SECRET = "winback-once-more"  # noqa: S105 - of a simulated PBX


def simulated(secret: str) -> SimulatedPbx:
    behaviour = Behaviour(agents=(SimulatedAgent(id="a1"),), scripted=True, callers_per_hour=0)
    return SimulatedPbx(behaviour, seed=1, secret=secret)


async def shown(app: App, met: Callable[[EngineStateOnDashboard], bool]) -> EngineStateOnDashboard:
    """What the dashboard says of the engine once it says it."""
    async with asyncio.timeout(WITHIN_S):
        while not met(said := read_dashboard(app.database, app.clock()).engine):  # noqa: ASYNC110 - a database rings for nobody here
            await asyncio.sleep(0.05)
    return said


async def change_the_secret(folder: Path) -> tuple[EngineStateOnDashboard, EngineStateOnDashboard]:
    """What was shown while the PBX had another secret, and once it had ours again."""
    other = simulated("changed-by-somebody")
    port = await other.start()
    settings = Settings(
        data_dir=folder,
        pbx=PbxSettings(host="127.0.0.1", port=port, secret=SECRET),  # type: ignore[arg-type]
        agi=AgiSettings(port=0),
        agents=[AgentSettings(id="a1")],
        log_level="error",
    )
    with open_app(settings) as app:
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        try:
            refused = await shown(app, lambda said: "refuses" in (said.banner or ""))
            await other.stop()
            right = simulated(SECRET)
            await right.start(port=port)
            back = await shown(app, lambda said: said.state == "up")
            assert not running.done()
            return refused, back
        finally:
            engine.stop()
            await asyncio.wait_for(running, WITHIN_S)
            await right.stop()


def test_the_banner_says_what_and_since_when_and_the_engine_is_back_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hurried(app: App, name: str) -> RefusedLogin:
        return RefusedLogin(app, name, first_s=0.2)

    monkeypatch.setattr(engines, "RefusedLogin", hurried)
    refused, back = asyncio.run(change_the_secret(tmp_path))

    assert "down" == refused.state
    assert refused.banner is not None
    assert "pbx refuses Winback's log-in since " in refused.banner
    assert "Authentication failed" in refused.banner
    assert "pbx.secret" in refused.banner
    assert SECRET not in refused.banner
    assert back.banner is None
