"""`winback demo`: the main job from a customer file to a kept promise, on embedded parts.

Everything is the real thing but the PBX and the people: SQLite, a Valkey server, an rq worker, the
engine over AMI and FastAGI on TCP. The simulated PBX and its people come from one seed.
"""

import asyncio
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from dialer.bootstrap import House, open_house
from dialer.cli.app import app
from dialer.cli.processes import Pages, worker_process
from dialer.core.campaign import CampaignEvent
from dialer.engine.engine import Engine
from dialer.jobs.redis import open_redis
from dialer.lab.rehearsal import SampleAgents, agent_names, demo_world, opening_time
from dialer.services.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.live import live_view
from dialer.settings import (
    AgentSettings,
    AgiSettings,
    CallbackSettings,
    CallingSettings,
    PacingSettings,
    PbxSettings,
    Settings,
    WebSettings,
)
from telephony.simulator.server import SimulatedPbx

console = Console(stderr=True)

SPEED: Final = 12.0  # the demo's people live this much faster than real ones
CUSTOMERS: Final = 5000
ON_THE_LIST: Final = 1500
DRAIN_S: Final = 12.0  # at the end: for the calls still in the air to come to their end
CALLERS_KNOWN: Final = 400  # customers who may ring in themselves


@app.command()
def demo(
    *,
    seconds: Annotated[float | None, typer.Option(help="Dial for so long; unset: until Ctrl-C.")] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Without the pages.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
    customers: Annotated[Path | None, typer.Option(help="A customer file of your own.")] = None,
    agents: Annotated[int, typer.Option(min=1, max=60, help="Simulated agents.")] = 8,
    seed: Annotated[int | None, typer.Option(help="Makes the world repeatable; unset: drawn.")] = None,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Keep the data here; unset: a temporary folder.")] = None,
) -> None:
    """Run the main job with a simulated PBX and sample customers, on embedded parts."""
    chosen = seed if seed is not None else secrets.randbelow(2**31)
    with demo_folder(data_dir) as folder:
        figures = asyncio.run(
            Rehearsal(folder, agents=agents, seed=chosen, customers=customers).run(
                seconds, port=None if no_web else port
            )
        )
    if as_json:
        print(json.dumps(figures))  # noqa: T201 - the last line of standard output is for programs
    else:
        for name, value in figures.items():
            console.print(f"{name:>20}  {value}")


@contextmanager
def demo_folder(data_dir: Path | None) -> Iterator[Path]:
    """The folder for the demo's data: the one named, or one that is gone afterwards."""
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="winback-demo-") as folder:
        yield Path(folder)


class Rehearsal:
    """One run of the demo."""

    def __init__(self, folder: Path, *, agents: int, seed: int, customers: Path | None) -> None:
        self.folder = folder
        self.agents = agents
        self.seed = seed
        self.customers = customers
        self.secret = secrets.token_urlsafe(16)
        self.stopping = asyncio.Event()

    async def run(self, seconds: float | None, *, port: int | None) -> dict[str, Any]:
        """Do everything, from the file to the figures."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stopping.set)
        settings = self.settings(port or 0)
        with ExitStack() as stack:
            house = stack.enter_context(open_house(settings))
            redis_url = stack.enter_context(open_redis(settings))
            stack.enter_context(worker_process(settings, redis_url))
            if port is not None:
                stack.enter_context(Pages(house))
                say(f"Pages on http://{settings.web.host}:{port}")
            say(
                f"The demo's clock says {house.clock():%A %d %B %Y %H:%M} UTC: calling hours are kept here too."
            )
            scored = await asyncio.to_thread(self.prepare, house, redis_url)
            return await self.dial(house, seconds, scored)

    def settings(self, port: int) -> Settings:
        """A house of its own: nothing is read from or written to another one."""
        shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
        return Settings(
            data_dir=self.folder,
            database_url=None,
            clock_shift_s=shift.total_seconds(),
            pbx=PbxSettings(name="simulated", username="winback", secret=self.secret),
            agi=AgiSettings(port=0),
            agents=[AgentSettings(id=name, name=name.capitalize()) for name in agent_names(self.agents)],
            calling=CallingSettings(),
            callbacks=CallbackSettings(
                retry_busy_s=int(240 / SPEED),
                retry_no_answer_s=int(720 / SPEED),
                retry_ours_s=2,
                minimum_talk_s=10 / SPEED,
            ),
            pacing=PacingSettings(wrap_up_limit_s=60 / SPEED, tick_s=0.1),
            web=WebSettings(port=port),
            log_level="warning",
        )

    def prepare(self, house: House, redis_url: str) -> dict[str, int]:
        """Import, train and score through the worker; then put the best on a campaign's list."""
        raise NotImplementedError

    async def dial(self, house: House, seconds: float | None, scored: dict[str, int]) -> dict[str, Any]:
        """Start PBX, people and engine; dial; let the last calls end; return the figures."""
        numbers = await asyncio.to_thread(some_numbers, house.book, CALLERS_KNOWN)
        world = demo_world(agents=self.agents, speed=SPEED, callers=numbers)
        pbx = SimulatedPbx(world, seed=self.seed, username="winback", secret=self.secret)
        ami_port = await pbx.start()
        settings = house.settings.model_copy(
            update={"pbx": house.settings.pbx.model_copy(update={"host": "127.0.0.1", "port": ami_port})}
        )
        house = replace(house, settings=settings)
        engine = Engine(house)
        sample = SampleAgents(house, speed=SPEED, seed=self.seed)

        async def tell_gate(port: int) -> None:
            pbx.agi = ("127.0.0.1", port)

        tasks = [
            asyncio.create_task(engine.run(on_agi=tell_gate)),
            asyncio.create_task(sample.work()),
        ]
        say(f"Dialling with {self.agents} simulated agents, {SPEED:g} times as fast as life.")
        try:
            stop = asyncio.create_task(self.stopping.wait())
            await asyncio.wait([stop, *tasks], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            await self.drain(house, pbx)
            view = await asyncio.to_thread(live_view, house.book, house.clock())
            engine.stop()
            await tasks[0]
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
            await pbx.stop()
        return figures(view, scored, self.seed)

    async def drain(self, house: House, pbx: SimulatedPbx) -> None:
        """Open no further attempt, and wait until none is open."""
        raise NotImplementedError


def say(text: str) -> None:
    """Tell the person at the terminal."""
    console.print(text)
