"""What `winback demo` does: the main job from a customer file to a kept promise, on embedded parts.

Everything is the real thing but the PBX and the people: SQLite, a Valkey server, an rq worker, the
engine over AMI and FastAGI on TCP. The simulated PBX and its people come from one seed.
"""

import asyncio
import secrets
import signal
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from churnmodel.synthetic_customers import make_customers
from dialer.bootstrap import App, open_app
from dialer.cli.console_output import say
from dialer.cli.pages_process import kept_pages
from dialer.cli.serve import kept_worker
from dialer.core.amounts import amount_of
from dialer.core.calling.campaign import CampaignEvent, LeadState
from dialer.core.dashboard.view import Dashboard
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.pacing.facts import Mode
from dialer.engine.engine import Engine
from dialer.jobs.job_queue import ask_for, follow
from dialer.jobs.redis import RedisServer, open_redis
from dialer.lab.demo_agents import SampleAgents, agent_names, demo_behaviour, opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.calls.attempts import open_attempts
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import count_customers, known_numbers
from dialer.services.customers.imports import plan_import
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.settings import CallbackSettings, CallingSettings, PacingSettings, Settings
from dialer.web_settings import LoginSettings, WebSettings
from telephony.simulator.server import SimulatedPbx

SPEED: Final = 12.0  # the demo's people live this much faster than real ones, up to so many of them:
AGENTS_AT_SPEED: Final = 60  # more live slower, since one process plays PBX, people and engine
LINES_AN_AGENT: Final = 2  # of the trunk: more than predictive pacing asks for
CUSTOMERS: Final = 5000
ON_THE_LIST: Final = 1500
DRAIN_S: Final = 12.0  # at the end: for the calls still in the air to come to their end
CALLERS_KNOWN: Final = 400  # customers who may ring in themselves


class DemoRun:
    """One run of the demo."""

    def __init__(self, folder: Path, *, agents: int, seed: int, customers: Path | None, mode: Mode) -> None:
        self.folder = folder
        self.agents = agents
        self.seed = seed
        self.customers = customers
        self.mode = mode
        self.speed = min(SPEED, SPEED * AGENTS_AT_SPEED / agents)
        self.secret = secrets.token_urlsafe(16)
        self.stopping = asyncio.Event()

    async def run(self, seconds: float | None, *, port: int | None) -> dict[str, Any]:
        """Do everything, from the file to the figures."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stopping.set)
        settings = self.settings(port or 0)
        with ExitStack() as stack:
            app = stack.enter_context(open_app(settings))
            redis_server = stack.enter_context(open_redis(settings))
            app = replace(app, redis_url=redis_server.url)
            stack.enter_context(kept_worker(app, redis_server.url))
            if port is not None:
                address = stack.enter_context(kept_pages(app, redis_server.url))
                say(f"Pages on {address}")
            say(f"Calling hours are kept: the demo's clock says {app.clock():%A %d %B %Y %H:%M} UTC.")
            scored = await asyncio.to_thread(self.prepare, app, redis_server)
            return await self.dial(app, seconds, scored)

    def settings(self, port: int) -> Settings:
        """An installation of its own: nothing is read from or written to another one."""
        shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
        return Settings(
            data_dir=self.folder,
            database_url=None,
            clock_shift_s=shift.total_seconds(),
            clock_speed=self.speed,
            pbx=PbxSettings(name="simulated", username="winback", secret=self.secret),
            agi=AgiSettings(port=0),
            trunks=[self.trunk()],
            agents=[
                AgentSettings(id=name, name=name.capitalize(), headset=f"PJSIP/{name}")
                for name in agent_names(self.agents)
            ],
            calling=CallingSettings(),
            callbacks=CallbackSettings(
                short_wait_s=60 / self.speed,
                call_s=240 / self.speed,
                retry_busy_s=int(240 / self.speed),
                retry_no_answer_s=int(720 / self.speed),
                retry_ours_s=2,
            ),
            pacing=PacingSettings(wrap_up_limit_s=60 / self.speed, tick_s=0.1, trace=True),
            web=WebSettings(port=port, login=LoginSettings(mode="off")),
            log_level="warning",
        )

    def trunk(self) -> TrunkSettings:
        """The usual one, or one with lines for as many agents as there are."""
        usual = TrunkSettings()
        lines = max(usual.channels, LINES_AN_AGENT * self.agents)
        faster = lines / usual.channels
        return TrunkSettings(channels=lines, calls_per_second=usual.calls_per_second * faster)

    def prepare(self, app: App, redis_server: RedisServer) -> dict[str, int]:
        """Import, train and score through the worker; then put the best on a campaign's list."""
        path, fictional = self.customers, self.customers is not None
        if path is None:
            path = self.folder / "customers.csv"
            make_customers(CUSTOMERS, self.seed).write_csv(path)
            fictional = True
        region = app.settings.calling.default_region
        try:
            plan = plan_import(path, Given(), region=region, fictional=fictional)
        except MappingRefused:
            if self.customers is None:
                raise
            fictional = False  # the file has numbers of its own; nobody real is rung by a simulated PBX
            plan = plan_import(path, Given(), region=region)
        imported = self.work(
            redis_server,
            "import_file",
            {"path": str(path), "mapping": plan.mapping.as_dict(), "fictional": fictional},
        )
        say(f"Imported {amount_of(imported['added'], 'customer')}, {amount_of(imported['bad'], 'bad row')}.")
        trained = self.work(redis_server, "train", {"quick": True, "seed": self.seed})
        auc = trained["figures"]["roc_auc"]
        say(f"Trained a {trained['kind']} model: ROC-AUC {auc:.3f}, cross-validated.")
        scored = self.work(redis_server, "score", {})
        say(f"Scored {amount_of(scored['scored'], 'customer')}; {scored['worth_a_call']} are worth a call.")
        draft = CampaignDraft(
            name="Stay with us",
            queue=app.settings.queues.outbound,
            trunk=app.settings.trunks[0].name,
            script="Ask how things are going. Listen first.",
            offer="two months at half price, or a free change of plan.",
            mode=self.mode,
            top=ON_THE_LIST,
        )
        card = create_campaign(app.database, draft, app.clock())
        move_campaign(app.database, card.id, CampaignEvent.START, app.clock(), "demo")
        held_out = card.leads.get(LeadState.HELD_OUT, 0)
        say(f"Listed {amount_of(card.to_call, 'customer')}; {held_out} more are held out at random.")
        return {"customers": count_customers(app.database), "scored": scored["scored"]}

    def work(self, redis_server: RedisServer, task: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Have the worker do one task; raises `RuntimeError` with the job's own words if it fails."""
        with redis_server.connect() as connection:
            job = ask_for(connection, task, f"demo-{task}", arguments)
            end = deque(follow(connection, job), maxlen=1).pop()
        if end.result is None:
            raise RuntimeError(f"{task} failed: {end.error}")
        return end.result

    async def dial(self, app: App, seconds: float | None, scored: dict[str, int]) -> dict[str, Any]:
        """Start PBX, people and engine; dial; let the last calls end; return the figures."""
        numbers = await asyncio.to_thread(self.callers, app)
        behaviour = demo_behaviour(agents=self.agents, speed=self.speed, callers=numbers)
        pbx = SimulatedPbx(behaviour, seed=self.seed, username="winback", secret=self.secret)
        ami_port = await pbx.start()
        settings = app.settings.model_copy(
            update={"pbx": app.settings.pbx.model_copy(update={"host": "127.0.0.1", "port": ami_port})}
        )
        app = replace(app, settings=settings)
        engine = Engine(app)
        sample = SampleAgents(app, speed=self.speed, seed=self.seed)

        async def tell_gate(port: int) -> None:
            pbx.agi = (("127.0.0.1", port),)

        tasks = [
            asyncio.create_task(engine.run(on_agi=tell_gate)),
            asyncio.create_task(sample.work()),
        ]
        say(f"Dialling with {self.agents} simulated agents, {self.speed:g} times as fast as life.")
        try:
            stop = asyncio.create_task(self.stopping.wait())
            await asyncio.wait([stop, *tasks], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            engine.rest()
            await self.drain(app)
            dashboard = await asyncio.to_thread(read_dashboard, app.database, app.clock())
            engine.stop()
            await tasks[0]
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
            await pbx.stop()
        return figures(dashboard, scored, self.seed)

    def callers(self, app: App) -> tuple[str, ...]:
        """Numbers of customers who ring in themselves, in the order of the file."""
        return tuple(sorted(known_numbers(app.database).values()))[:CALLERS_KNOWN]

    async def drain(self, app: App) -> None:
        """Let the calls in the air come to their end; the engine takes no further one."""
        deadline = asyncio.get_running_loop().time() + DRAIN_S
        while asyncio.get_running_loop().time() < deadline:
            if not await asyncio.to_thread(open_attempts, app.database, app.settings.pbx.name):
                return
            await asyncio.sleep(0.1)


def figures(dashboard: Dashboard, prepared: dict[str, int], seed: int) -> dict[str, Any]:
    """The demo's result, for programs and for people."""
    today, promises = dashboard.today, dashboard.promises
    return {
        **prepared,
        "attempts": today.attempts,
        "answered": today.answered,
        "connected": today.connected,
        "abandoned": today.abandoned,
        "utilisation": round(dashboard.engine.utilisation or 0.0, 4),
        "promises_made": promises.made,
        "promises_kept": promises.kept,
        "promises_open": promises.open,
        "conservation_error": promises.error,
        "seed": seed,
    }
