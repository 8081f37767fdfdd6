"""A campaign on a floor that behaves as the lab says: real engine, database, dial permit and link; any PBX.

`winback lab floor` runs it on the simulated PBX; `tests/asterisk/floor.py` on a real Asterisk.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.pacing.expected_floor import LabStage, Play, compare, draw_plays, expect

from dialer.bootstrap import App, open_app
from dialer.cli.console_output import say
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignEvent
from dialer.engine.engine import Engine
from dialer.lab.demo_agents import SampleAgents, agent_names, opening_time
from dialer.lab.replay import read_trace
from dialer.lab.scenario import Scenario
from dialer.lab.trace_stats import TraceStats, read_trace_stats
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.settings import PacingSettings, Settings
from telephony.numbers import fictional_numbers
from telephony.simulator.behaviour import SimulatedAgent
from telephony.simulator.server import SimulatedPbx

RING_S: Final = 27  # of the lab's scenario
LINES: Final = 1000  # at once, and new ones a second: the lab has no limit
LEGAL_LIMIT: Final = 0.03  # of a day, as the engine has it for every campaign
CALLS_PER_AGENT_HOUR: Final = 80.0  # no team places more in the lab's scenarios; so long is the list
SETTLE_S: Final = 60.0  # for the agents to log in
STARTED_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlan:
    """What is played: the lab's scenario, for so long, aiming at this abandonment."""

    agents: int
    answer_rate: float = 0.3
    target: float = 0.03
    seconds: float = 1200.0
    seed: int = 1

    @property
    def scenario(self) -> Scenario:
        """The lab's scenario of this floor."""
        return Scenario(agents=self.agents, answer_rate=self.answer_rate)

    @property
    def numbers(self) -> list[str]:
        """Numbers reserved for fiction, one for each lead of the list."""
        count = 200 + int(CALLS_PER_AGENT_HOUR * self.agents * self.seconds / 3600.0)
        return [each.e164 for each in fictional_numbers(count)]

    def plays(self) -> dict[str, Play]:
        """How each number of the list behaves; keys are digits."""
        return draw_plays(self.scenario, [each.removeprefix("+") for each in self.numbers], self.seed)


def floor_settings(plan: FloorPlan, folder: Path, *, pbx: PbxSettings, agi_port: int, trunk: str) -> Settings:
    """An installation of its own, within calling hours, that keeps a trace."""
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    return Settings(
        data_dir=folder,
        database_url=None,
        clock_shift_s=shift.total_seconds(),
        pbx=pbx,
        agi=AgiSettings(port=agi_port),
        trunks=[TrunkSettings(name="main", dial=trunk, channels=LINES, calls_per_second=LINES)],
        agents=[
            AgentSettings(id=name, name=name.capitalize(), code=f"{1000 + index}")
            for index, name in enumerate(agent_names(plan.agents))
        ],
        caller_id="+442079460000",
        pacing=PacingSettings(wrap_up_limit_s=600.0, tick_s=0.1, trace=True),
        log_level="error",
    )


async def run_campaign(
    app: App,
    plan: FloorPlan,
    *,
    log_in: Callable[[], Awaitable[None]],
    on_agi: Callable[[int], Awaitable[None]] | None = None,
) -> TraceStats:
    """Dial the list for the plan's time with everything real but the people; what the trace says of it."""
    customers = [
        CustomerRow(external_id=f"c{index}", name=f"Customer {index}", numbers=(number,), attributes={})
        for index, number in enumerate(plan.numbers)
    ]
    await asyncio.to_thread(store_customers, app.database, customers, app.clock())
    engine = Engine(app)
    sample = SampleAgents(app, speed=1.0, seed=plan.seed)
    tasks = [asyncio.create_task(engine.run(on_agi=on_agi)), asyncio.create_task(sample.work())]
    try:
        await until("the engine listens", lambda: engine.agi_port is not None, tasks, STARTED_WITHIN_S)
        await log_in()
        await until("every agent is ready", lambda: _ready(app) == plan.agents, tasks, SETTLE_S)
        draft = CampaignDraft(
            name="floor",
            queue=app.settings.queues.outbound,
            trunk="main",
            mode="predictive",
            abandon_target=plan.target,
            ring_s=RING_S,
            holdout_share=0.0,
        )
        await asyncio.to_thread(create_campaign, app.database, draft, app.clock())
        await asyncio.to_thread(
            move_campaign, app.database, "floor", CampaignEvent.START, app.clock(), "floor"
        )
        say(f"{plan.agents} agents, {len(customers)} leads: dialling for {plan.seconds:g} s of real time.")
        done, _ = await asyncio.wait(tasks, timeout=plan.seconds + 2.0, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        engine.stop()
        await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
    trace = next(iter(sorted((app.settings.data_dir / "traces").glob("*.jsonl.gz"))))
    return read_trace_stats(read_trace(trace), until_s=plan.seconds)


def _ready(app: App) -> int:
    return read_dashboard(app.database, app.clock()).agents_by_state[AgentState.READY]


async def until(
    what: str, condition: Callable[[], bool], tasks: list["asyncio.Task[None]"], within_s: float
) -> None:
    """Wait for a condition; raises `RuntimeError` naming it when it does not come, or a task ended."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not await asyncio.to_thread(condition):
        ended = next((task for task in tasks if task.done()), None)
        if ended is not None:
            ended.result()
        if ended is not None or loop.time() > deadline:
            raise RuntimeError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(0.1)


async def run_simulated(plan: FloorPlan, folder: Path) -> TraceStats:
    """The plan on the simulated PBX, in real time."""
    secret = secrets.token_urlsafe(16)
    names = agent_names(plan.agents)
    scenario = LabStage(
        agents=tuple(SimulatedAgent(id=name) for name in names), callers_per_hour=0.0, plays=plan.plays()
    )
    pbx = SimulatedPbx(scenario, seed=plan.seed, username="winback", secret=secret)
    port = await pbx.start()

    async def tell_gate(agi_port: int) -> None:
        pbx.agi = (("127.0.0.1", agi_port),)

    async def nobody_needs_to() -> None:
        """Simulated agents are logged in from the start."""

    at = PbxSettings(name="simulated", host="127.0.0.1", port=port, username="winback", secret=secret)
    try:
        settings = floor_settings(plan, folder, pbx=at, agi_port=0, trunk="PJSIP/{number}@main")
        with open_app(settings) as app:
            return await run_campaign(app, plan, log_in=nobody_needs_to, on_agi=tell_gate)
    finally:
        await pbx.stop()


def judge(plan: FloorPlan, realised: TraceStats, *, seeds: int, pbx: str) -> dict[str, Any]:
    """The floor's figures beside the lab's interval for the same stretch of the same scenario."""
    say(f"The lab plays the same {plan.seconds:g} s {seeds} times.")
    expected = expect(plan.scenario, target=plan.target, limit=LEGAL_LIMIT, seconds=plan.seconds, seeds=seeds)
    return {
        "pbx": pbx,
        "agents": plan.agents,
        "answer_rate": plan.answer_rate,
        "target": plan.target,
        "lab_runs": seeds,
        **compare(realised, expected),
    }
