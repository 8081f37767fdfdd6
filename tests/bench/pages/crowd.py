"""What clients of the pages cost the engine: its turns and its dial permits, with them and without, in turns.

A whole `winback serve` on a simulated PBX, with a campaign that dials. Loads take turns with quiet, so that
whatever else the machine does meets all of them alike; what is told are ratios to quiet.
"""

import json
import resource
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bench.testbed.ports import free_port

from dialer.bootstrap import make_clock, open_app, secret_of
from dialer.cli.console_output import say
from dialer.cli.pages_process import pages_environment
from dialer.core.calling.campaign import CampaignEvent
from dialer.lab.demo_agents import opening_time
from dialer.lab.replay import read_trace
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import PacingSettings, Settings
from dialer.web_settings import LoginSettings, WebSettings
from telephony.asterisk.config.fastagi_secret import channel_proof, fastagi_secret
from telephony.bench.figures import Bar, at_least, at_most
from telephony.numbers import fictional_numbers

CUSTOMERS: Final = 10_000
AGENTS: Final = 4
SETTLE_S: Final = 3.0  # after the clients have begun
EDGE_S: Final = 1.0  # a trace's name tells its beginning to the second
PERMIT_EVERY_S: Final = 0.1
PERMIT_WITHIN_S: Final = 10.0
STARTS_WITHIN_S: Final = 120.0
WITHIN: Final = 0.10  # of quiet
QUIET: Final = "quiet"


@dataclass(slots=True)
class Measured:
    """What one load saw."""

    windows: list[tuple[datetime, datetime]] = field(default_factory=list)  # on the engine's clock
    permits_ms: list[float] = field(default_factory=list)
    turns: int = 0

    def as_json(self, quiet: "Measured") -> dict[str, Any]:
        """Its figures, and their ratios to quiet."""
        permit = statistics.median(self.permits_ms)
        return {
            "turns_a_second": round(self.turns_a_second, 3),
            "turns_ratio": round(self.turns_a_second / quiet.turns_a_second, 3),
            "permit_ms": round(permit, 2),
            "permit_ratio": round(permit / statistics.median(quiet.permits_ms), 3),
            "permit_p95_ms": round(statistics.quantiles(self.permits_ms, n=20)[-1], 2),
        }

    @property
    def turns_a_second(self) -> float:
        """Turns that the engine completed."""
        return self.turns / sum((end - begin).total_seconds() for begin, end in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Who asks for pages: so many for the same page, and so many that never finish asking."""

    page: str
    clients: int
    half: int

    def by_name(self) -> dict[str, tuple[str, int]]:
        """The kind and the number of clients of each load; nobody in the first."""
        return {QUIET: ("", 0), "pages": ("page", self.clients), "half requests": ("half", self.half)}


def measure(
    folder: Path, loads: Loads, *, seconds: float, rounds: int, descriptors: int
) -> tuple[dict[str, Any], list[Bar]]:
    """The figures of each load, and the bars they are held to."""
    settings, secret = centre(folder)
    found = {name: Measured() for name in loads.by_name()}
    with simulated(settings, secret) as pbx_port, served(settings, secret, pbx_port, descriptors) as url:
        for turn in range(rounds):
            say(f"Round {turn + 1} of {rounds}: {', '.join(found)}, {seconds:g} s each.")
            for name, (kind, count) in loads.by_name().items():
                with clients(kind, count, url + loads.page):
                    time.sleep(SETTLE_S)
                    look(found[name], settings, seconds)
    count_turns(folder / "traces", found)
    figures = {name: each.as_json(found[QUIET]) for name, each in found.items()}
    bars = []
    for name in list(found)[1:]:
        turns, permit = figures[name]["turns_ratio"], figures[name]["permit_ratio"]
        bars += [
            at_least(f"turns under {name}, to quiet", turns, 1.0 - WITHIN),
            at_most(f"permit under {name}, to quiet", permit, 1.0 + WITHIN),
        ]
    return figures, bars


def centre(folder: Path) -> tuple[Settings, str]:
    """An installation of its own within calling hours, with a campaign that runs."""
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    secret = secrets.token_urlsafe(16)
    settings = Settings(
        data_dir=folder,
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(host="127.0.0.1", secret=secret),
        agi=AgiSettings(port=free_port()),
        agents=[AgentSettings(id=f"a{index}") for index in range(1, AGENTS + 1)],
        web=WebSettings(port=free_port(), login=LoginSettings(mode="off")),
        pacing=PacingSettings(wrap_up_limit_s=5.0, trace=True),
        log_level="error",
    )
    numbers = fictional_numbers(CUSTOMERS)
    rows = (
        CustomerRow(external_id=f"c{index}", name=f"Customer {index}", numbers=(number.e164,), attributes={})
        for index, number in enumerate(numbers)
    )
    with open_app(settings) as app:
        store_customers(app.database, rows, app.clock())
        draft = CampaignDraft(name="crowd", queue=settings.queues.outbound, trunk="main", holdout_share=0.0)
        create_campaign(app.database, draft, app.clock())
        move_campaign(app.database, "crowd", CampaignEvent.START, app.clock(), "bench")
    return settings, secret


@contextmanager
def simulated(settings: Settings, secret: str) -> Iterator[int]:
    """A simulated PBX in a process of its own; its port."""
    agi = f"127.0.0.1:{settings.agi.port}"
    words = ["--agents", f"{AGENTS}", "--secret", secret, "--agi", agi]
    with subprocess.Popen(
        [sys.executable, "-m", "telephony.simulator", *words], stdout=subprocess.PIPE, text=True
    ) as pbx:
        assert pbx.stdout is not None
        try:
            yield json.loads(pbx.stdout.readline())["port"]
        finally:
            pbx.terminate()


@contextmanager
def served(settings: Settings, secret: str, pbx_port: int, descriptors: int) -> Iterator[str]:
    """A `winback serve` whose processes have so many descriptors each; where its pages are."""
    at = settings.model_copy(update={"pbx": settings.pbx.model_copy(update={"port": pbx_port})})
    environment = {**pages_environment(at, ""), "WINBACK_PBX__SECRET": secret}
    del environment["WINBACK_REDIS_URL"]
    with subprocess.Popen(
        [sys.executable, "-m", "dialer.cli", "serve"], env=environment, stdin=subprocess.DEVNULL
    ) as process:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (descriptors, descriptors))
        try:
            deadline = time.monotonic() + STARTS_WITHIN_S
            while ask_permit(settings) is None or not any((settings.data_dir / "traces").glob("*")):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("winback serve did not lead in time")
                time.sleep(0.2)
            yield f"http://127.0.0.1:{settings.web.port}"
        finally:
            process.terminate()


@contextmanager
def clients(kind: str, count: int, url: str) -> Iterator[None]:
    """So many clients of this kind at work; none where there are none."""
    if not count:
        yield
        return
    with subprocess.Popen(
        [sys.executable, "-m", "bench.pages.clients", kind, str(count), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        process.kill()


def look(measured: Measured, settings: Settings, seconds: float) -> None:
    """Ask for a permit again and again for so long."""
    clock, edge = make_clock(settings), timedelta(seconds=EDGE_S)
    began = clock()
    while clock() - began < timedelta(seconds=seconds):
        took = ask_permit(settings)
        measured.permits_ms.append(PERMIT_WITHIN_S * 1000 if took is None else took * 1000)
        time.sleep(PERMIT_EVERY_S)
    measured.windows.append((began + edge, clock() - edge))


def ask_permit(settings: Settings) -> float | None:
    """Seconds until the dial permit says no of an attempt that is none; None where it does not answer."""
    attempt, channel = "wb-0000000001", "wb-0000000001;2"
    proof = channel_proof(fastagi_secret(secret_of(settings)), channel)
    asked = {"network_script": "permit", "extension": attempt, "uniqueid": channel, "arg_1": proof}
    head = "".join(f"agi_{name}: {value}\n" for name, value in ({"network": "yes"} | asked).items())
    began = time.perf_counter()
    with (
        suppress(OSError),
        socket.create_connection(("127.0.0.1", settings.agi.port), timeout=PERMIT_WITHIN_S) as dialplan,
    ):
        dialplan.sendall(f"{head}\n".encode())
        if dialplan.recv(200):
            return time.perf_counter() - began
    return None


def count_turns(folder: Path, found: dict[str, Measured]) -> None:
    """How many decisions the engine's traces hold of each load's windows."""
    for path in folder.glob("*.jsonl.gz"):
        stamp = path.name.partition(".")[0].rpartition("-")[2]
        began = datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        for record in read_trace(path):
            if record["kind"] != "decide":
                continue
            at = began + timedelta(seconds=record["facts"]["now_s"])
            for measured in found.values():
                measured.turns += any(begin <= at < end for begin, end in measured.windows)
