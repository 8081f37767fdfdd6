"""Three real Asterisks of one house: each dials with its own agents, and one of them is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from sqlalchemy import text

from dialer.bootstrap import App, make_pbx_config, open_app, pbx_fault
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.organisation.entries import Organisation
from dialer.engine.engine import Engine
from dialer.inbound_settings import InboundSettings
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, QueueSettings, TrunkSettings
from dialer.services.agents.agents import agent_card
from dialer.services.agents.leaves import plan_leave
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.organisation.organisation import take_over
from dialer.services.organisation.setup import apply_setup
from dialer.settings import CallbackSettings, PacingSettings, Settings
from telephony.asterisk.config.files import write_config
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers

PBXS = ("north", "south", "east")
LEADS = 9
PRESSES_ONE = "[globals]\nPRESSES=1\n"  # whoever is called back wants the agent
WITHIN_S = 240.0  # of each step, on a busy machine
SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
TALKS = "715"  # the last digits of whoever answers and talks for a second and a half


@dataclass
class Site:
    """One PBX with its engine."""

    settings: Settings
    server: AsteriskServer
    app: App
    engine: Engine
    running: "asyncio.Task[None]"

    async def end_engine(self) -> None:
        self.engine.stop()
        await asyncio.wait_for(self.running, WITHIN_S)

    def rings(self, *where: tuple[str, str]) -> None:
        """Somebody's telephone on this PBX calls."""
        with self.server.observer() as ami:
            ami.call(*where, ("Priority", "1"))

    def logs_in(self, agent: str) -> None:
        code = next(each.code for each in self.app.settings.agents if each.id == agent)
        self.rings(
            ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
            ("Exten", f"*51{code}"),
        )  # fmt: skip

    def is_rung(self, caller: str, behaviour: str) -> None:
        self.rings(
            ("Channel", f"Local/{behaviour}@test-callers/n"), ("Context", "winback-inbound"),
            ("Exten", queue_of(self.settings.pbx.name)), ("CallerID", f'"" <0{caller[3:]}>'),
        )  # fmt: skip

    def read(self, query: str) -> list[tuple[Any, ...]]:
        with self.app.database.read() as tx:
            return [tuple(row) for row in tx.execute(text(query))]

    def is_offline(self, agent: str) -> bool:
        return self.state_of(agent) == (AgentState.OFFLINE, agent)

    def state_of(self, agent: str) -> tuple[AgentState, str] | None:
        card = agent_card(self.app.database, agent)
        return None if card is None else (card.state, card.id)


def queue_of(pbx: str) -> str:
    return f"support-{pbx}"


def agent_of(pbx: str) -> str:
    return f"{pbx}-agent"


def house(pbx: str, folder: Path, ami_port: int) -> Settings:
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    return Settings(
        data_dir=folder / pbx,
        database_url=f"sqlite:///{folder / 'house.db'}",
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(name=pbx, host="127.0.0.1", port=ami_port, username="winback", secret=SECRET),
        agi=AgiSettings(port=free_port()),
        trunks=[TrunkSettings(name="main", dial="Local/{number}@test-customers/n")],
        agents=[
            AgentSettings(id=agent_of(each), code=f"{number}01", pbx=each)
            for number, each in enumerate(PBXS, start=1)
        ],
        queues=QueueSettings(
            inbound=queue_of(PBXS[0]),
            policies=[InboundSettings(queue=queue_of(each), pbx=each) for each in PBXS],
        ),
        callbacks=CallbackSettings(retry_busy_s=1, retry_no_answer_s=1, retry_ours_s=1),
        pacing=PacingSettings(wrap_up_limit_s=0.5, tick_s=0.1),
        log_level="error",
    )


def rendered(settings: Settings) -> dict[str, str]:
    return render(make_pbx_config(settings), AsteriskVersion.V22)


@asynccontextmanager
async def site(home: Installation, pbx: str, folder: Path) -> AsyncIterator[Site]:
    settings = house(pbx, folder, free_port())
    async with AsyncExitStack() as stack:
        app = stack.enter_context(open_app(settings, own_pbx=True))
        files = {**rendered(app.settings), "test_extensions.conf": PRESSES_ONE + STAGE}
        server = AsteriskServer(home, files, ami_port=settings.pbx.port)
        write_config(rendered(app.settings), server.folder / "etc")
        stack.enter_context(server)
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        found = Site(settings, server, app, engine, running)
        try:
            yield found
        finally:
            if not running.done():
                await found.end_engine()


async def until(what: str, condition: Callable[[], bool], *sites: Site) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WITHIN_S
    while not await asyncio.to_thread(condition):
        assert not [each for each in sites if each.running.done()], "an engine has ended"
        assert loop.time() < deadline, f"not within {WITHIN_S:g} s: {what}"
        await asyncio.sleep(0.1)


async def works(at: Site, agent: str, *sites: Site) -> None:
    await until("the engine listens", lambda: at.engine.agi_port is not None, *sites)
    await asyncio.to_thread(at.logs_in, agent)
    await until(f"{agent} is ready", lambda: at.state_of(agent) == (AgentState.READY, agent), *sites)


async def the_list_is_shared(sites: dict[str, Site], numbers: list[str]) -> None:
    north, *_ = everywhere = tuple(sites.values())
    database, now = north.app.database, north.app.clock()
    rows = [CustomerRow(external_id=each, name="", numbers=(each,), attributes={}) for each in numbers]
    store_customers(database, rows, now)
    draft = CampaignDraft(name="stay", queue="outbound", trunk="main", holdout_share=0.0, explore_share=0.0)
    create_campaign(database, draft, now)
    for pbx, each in sites.items():
        await works(each, agent_of(pbx), *everywhere)
    move_campaign(database, "stay", CampaignEvent.START, now, "test")
    ended = "SELECT count(*) FROM attempt WHERE ended_at IS NOT NULL"
    await until("everybody was called", lambda: north.read(ended) == [(LEADS,)], *everywhere)
    called = north.read("SELECT e164, pbx, agent, outcome FROM attempt")
    assert sorted(numbers) == sorted(row[0] for row in called), "nobody twice, whoever's engine it was"
    assert {"connected"} == {row[3] for row in called}
    assert {(pbx, agent_of(pbx)) for pbx in PBXS} == {(row[1], row[2]) for row in called}


async def a_promise_outlives_its_pbx(sites: dict[str, Site], first: str, second: str) -> None:
    north, south, east = sites.values()
    database = south.app.database
    for each in (south, east):
        agent = agent_of(each.settings.pbx.name)
        leave = Leave(at=each.app.clock(), kind=LeaveKind.LOG_OUT, reason="")
        assert plan_leave(database, agent, leave)
        await until(f"{agent} went home", partial(each.is_offline, agent), *sites.values())
    lost = agent_of("north")
    await asyncio.to_thread(north.is_rung, first, "listen600")
    talks = (AgentState.TALKING, lost)
    await until("the agent has a caller", lambda: north.state_of(lost) == talks, *sites.values())
    await asyncio.to_thread(north.is_rung, second, "book1")
    made = "SELECT queue, state FROM promise"
    await until("another was promised a call", lambda: len(north.read(made)) == 1, *sites.values())
    assert [(queue_of("north"), "waiting")] == north.read(made)
    north.server.kill()
    await north.end_engine()

    def moved(there: Organisation) -> Organisation:
        agents = tuple(
            each.model_copy(update={"pbx": "south"}) if each.id == lost else each for each in there.agents
        )
        return there.model_copy(update={"agents": agents})

    now = south.app.clock()
    apply_setup(database, south.settings, moved, now=now, actor="test", pbx_fault=pbx_fault)
    left = (south, east)
    await until(
        "its engine knows the agent", lambda: lost in {each.id for each in south.app.settings.agents}, *left
    )
    assert write_config(rendered(south.app.settings), south.server.folder / "etc")
    await asyncio.to_thread(south.server.cli, "core reload")
    await works(south, lost, *left)
    await until("the promise is kept", lambda: south.read(made) == [(queue_of("north"), "kept")], *left)
    assert [("south", lost)] == south.read("SELECT pbx, agent FROM attempt WHERE promise_id IS NOT NULL")


@pytest.mark.timeout(600)  # three servers on a busy machine, and a caller may be on the line for a minute
def test_a_house_of_three_pbxs_calls_everybody_once_and_keeps_the_promises_of_one_that_is_lost(
    asterisk: Callable[[str], Installation], tmp_path: Path
) -> None:
    talkers = [each.e164 for each in fictional_numbers(FICTIONAL_COUNT) if each.e164[-3:] == TALKS]

    async def day() -> None:
        home = asterisk("sid")
        with open_app(house(PBXS[0], tmp_path, 1)) as app:
            take_over(app.database, app.settings, app.clock())
        async with AsyncExitStack() as stack:
            sites = {pbx: await stack.enter_async_context(site(home, pbx, tmp_path)) for pbx in PBXS}
            for pbx, each in sites.items():
                assert [queue_of(pbx)] == list(each.app.settings.queues.callers())
            await the_list_is_shared(sites, talkers[:LEADS])
            await a_promise_outlives_its_pbx(sites, *talkers[LEADS : LEADS + 2])

    asyncio.run(day())
