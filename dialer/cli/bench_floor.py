"""A floor to measure an engine on: simulated PBX, engine and agents, each in a process of its own.

Everything is real but the people: the link, the dial permit, the database. Figures are of the engine's
process alone; those in seconds of a clock say little on a machine that does something else meanwhile, so they
come with the share of its processors' time that the whole machine was at work.
"""

import asyncio
import json
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dialer.bootstrap import App, open_app
from dialer.cli.console_output import say
from dialer.cli.pages_process import pages_environment
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.pacing.facts import Mode
from dialer.lab.comparison import gap_for
from dialer.lab.demo_agents import SampleAgents, opening_time
from dialer.lab.policies import Progressive, Winback
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Simulation
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import PacingSettings, Settings
from telephony.bench.figures import Bar, at_least, at_most
from telephony.numbers import fictional_numbers
from telephony.simulator.behaviour import Behaviour

LEADS: Final = 15_000  # more than any floor rings in a minute
LINES: Final = 5000  # at once, and new ones a second: no limit of a trunk's is measured here
TARGET: Final = 0.03  # abandonment that predictive pacing aims at
WARM_UP_LIVES_S: Final = 400.0  # of the simulated people's time: two talks, so that the first rush is over
LAB_SEEDS: Final = 3
STARTS_WITHIN_S: Final = 60.0
IDLE_S: Final = 15.0
IDLE_AGENTS: Final = 10

BELOW_LAB: Final = 0.01
TURN_MS: Final = 100.0
PERMIT_MS: Final = 20.0
STATEMENTS: Final = 25.0  # an attempt, of all that an engine asks its database
IDLE_SHARE: Final = 0.03  # of one processor
GROWTH: Final = 1.5  # of an attempt's cost, from the smallest floor to the largest
#: of the processors' time, at work: above it clocks tell of the machine. With two processors who wants
#: one then waits for it as long as they use it: of a queue M/M/2 at load r, r² / (1 - r²) times as long
BUSY: Final = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorLoad:
    """How many agents work, how much faster than life, and for how long it is measured."""

    agents: int
    speed: float
    seconds: float
    mode: Mode
    database_url: str | None = None
    dialling: bool = True


def measure_floors(loads: list[FloorLoad]) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """The figures of each floor and of one where nothing is to do, and the bars they are held to."""
    figures = {}
    for load in loads:
        say(f"{load.agents} agents, {load.speed:g} times as fast as life, {load.seconds:g} s")
        figures[f"{load.agents} agents"] = measure_floor(load) | {"lab_utilisation": expected(load)}
    say(f"{IDLE_AGENTS} agents and nobody to call, {IDLE_S:g} s")
    idle = FloorLoad(
        agents=IDLE_AGENTS,
        speed=1.0,
        seconds=IDLE_S,
        mode=loads[0].mode,
        database_url=loads[0].database_url,
        dialling=False,
    )
    figures["idle"] = measure_floor(idle)
    return figures, bars_of(figures)


def bars_of(figures: dict[str, dict[str, Any]]) -> list[Bar]:
    """What has to hold; clocks are judged where the machine had processors left."""
    floors = [name for name in figures if name != "idle"]
    bars = []
    for name in floors:
        found = figures[name]
        bars.append(
            at_most(f"{name}: statements an attempt", found["statements_an_attempt"], STATEMENTS),
        )
        if found["machine_share"] > BUSY:
            say(f"{name}: the machine was too busy to judge turns, permits and utilisation by a clock.")
            continue
        bars += [
            at_least(f"{name}: utilisation", found["utilisation"], found["lab_utilisation"] - BELOW_LAB),
            at_most(f"{name}: P99 of a turn, ms", found["turn_p99_ms"], TURN_MS),
            at_most(f"{name}: P99 of a permit, ms", found["permit_p99_ms"], PERMIT_MS),
        ]
    if len(floors) > 1:
        least, most = (figures[name]["cpu_ms_an_attempt"] for name in (floors[0], floors[-1]))
        bars.append(at_most(f"processor an attempt, {floors[-1]} to {floors[0]}", most / least, GROWTH))
    bars.append(at_most("idle: share of a processor", figures["idle"]["cpu_share"], IDLE_SHARE))
    return bars


def expected(load: FloorLoad) -> float:
    """The utilisation of the same people in the lab, in the same stretch from a cold start."""
    people = Behaviour()
    scenario = Scenario(agents=load.agents, answer_rate=people.answer_probability)
    until_s = WARM_UP_LIVES_S + load.seconds * load.speed
    runs = [
        Simulation(
            scenario,
            Progressive() if load.mode == "progressive" else Winback(TARGET, legal_limit=TARGET),
            seed=seed,
            gap_s=gap_for(scenario),
        ).run(until_s=until_s, warm_up_s=WARM_UP_LIVES_S)
        for seed in range(LAB_SEEDS)
    ]
    return round(sum(run.utilisation for run in runs) / len(runs), 4)


def measure_floor(load: FloorLoad) -> dict[str, Any]:
    """The engine's figures of one window, after the first rush of calls is over."""
    with tempfile.TemporaryDirectory(prefix="winback-bench-") as folder:
        settings = centre(load, Path(folder))
        with simulated(settings, load) as pbx_port:
            at = settings.model_copy(update={"pbx": settings.pbx.model_copy(update={"port": pbx_port})})
            with open_app(at) as app, engine_process(app.settings) as engine:
                return asyncio.run(_window(app, load, engine))


async def _window(app: App, load: FloorLoad, engine: "subprocess.Popen[str]") -> dict[str, Any]:
    people = asyncio.create_task(SampleAgents(app, speed=load.speed, seed=1).work())
    try:
        await asyncio.sleep(WARM_UP_LIVES_S / load.speed if load.dialling else 1.0)
        tell(engine, "begin")
        await asyncio.sleep(load.seconds)
        tell(engine, "end")
        found: dict[str, Any] = json.loads(await asyncio.to_thread(hear, engine))
        if people.done():
            people.result()
        return found
    finally:
        people.cancel()
        with suppress(asyncio.CancelledError):
            await people


def tell(process: "subprocess.Popen[str]", word: str) -> None:
    """A line for a process that listens."""
    if process.stdin is not None:
        process.stdin.write(f"{word}\n")
        process.stdin.flush()


def hear(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says; raises `RuntimeError` where it ended without a word."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError(f"ended before its time: {process.args!r}")
    return line


def centre(load: FloorLoad, folder: Path) -> Settings:
    """An installation of its own within calling hours, with a campaign that runs where there is to be one."""
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    settings = Settings(
        data_dir=folder,
        database_url=load.database_url,
        clock_shift_s=shift.total_seconds(),
        clock_speed=load.speed,
        pbx=PbxSettings(host="127.0.0.1", secret=secrets.token_hex(16)),
        agi=AgiSettings(port=free_port()),
        trunks=[TrunkSettings(name="main", channels=LINES, calls_per_second=LINES)],
        agents=[AgentSettings(id=f"a{index}") for index in range(1, load.agents + 1)],
        pacing=PacingSettings(wrap_up_limit_s=600.0 / load.speed),
        log_level="error",
    )
    with open_app(settings) as app:
        rows = (
            CustomerRow(
                external_id=f"c{index}", name=f"Customer {index}", numbers=(number.e164,), attributes={}
            )
            for index, number in enumerate(fictional_numbers(LEADS))
        )
        store_customers(app.database, rows, app.clock())
        draft = CampaignDraft(
            name="floor",
            queue=settings.queues.outbound,
            trunk="main",
            mode=load.mode,
            abandon_target=TARGET,
            holdout_share=0.0,
        )
        create_campaign(app.database, draft, app.clock())
        if load.dialling:
            move_campaign(app.database, "floor", CampaignEvent.START, app.clock(), "bench")
    return settings


def free_port() -> int:
    """A port that nobody listens on: the simulated PBX has to know the engine's before it is there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def simulated(settings: Settings, load: FloorLoad, *, first_agent: int = 1) -> Iterator[int]:
    """A simulated PBX whose dialplan asks the engine's port; its own port."""
    secret = settings.pbx.secret
    words = [
        "--agents",
        f"{load.agents}",
        "--first-agent",
        f"{first_agent}",
        "--speed",
        f"{load.speed}",
        "--callers-per-hour",
        "0",
    ]
    words += [
        "--secret",
        secret.get_secret_value() if secret else "",
        "--agi",
        f"127.0.0.1:{settings.agi.port}",
    ]
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", "telephony.simulator", *words], stdout=subprocess.PIPE, text=True
    ) as pbx:
        try:
            yield json.loads(hear(pbx))["port"]
        finally:
            pbx.terminate()


@contextmanager
def engine_process(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """A measured engine that listens."""
    secret = settings.pbx.secret
    environment = {
        **pages_environment(settings, ""),
        "WINBACK_PBX__SECRET": secret.get_secret_value() if secret else "",
    }
    del environment["WINBACK_REDIS_URL"]
    with subprocess.Popen(
        [sys.executable, "-m", "dialer.cli.bench_floor_engine"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as engine:
        try:
            hear(engine)
            yield engine
        finally:
            engine.terminate()
