"""A centre to break: a real database, engine processes, a simulated PBX, and lines between that can be cut.

Nothing here looks away: every Originate that goes over a line is compared with the database before the PBX
sees it, and `truth()` is what happened to the people behind the PBX.
"""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acceptance.background import Background
from acceptance.engine_process import EngineProcess
from acceptance.line import Line
from bench.testbed.ports import free_port

from dialer.bootstrap import App, open_app
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.dashboard.view import EngineOnDashboard
from dialer.lab.demo_agents import SampleAgents, opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, QueueSettings
from dialer.services.campaigns.campaigns import CampaignCard, CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.settings import CallbackSettings, PacingSettings, Settings
from telephony.numbers import fictional_numbers
from telephony.simulator.behaviour import Behaviour, CallerPlay, SimulatedAgent
from telephony.simulator.ground_truth import GroundTruth
from telephony.simulator.server import SimulatedPbx

SPEED = 12.0
LEASE_S = 10.0  # as operators have it
SHORT_LEASE_S = 3.0  # where a test only waits for it to run out
SECRET = "a secret of the tests"  # noqa: S105 - guards a simulated PBX on a loopback
CALLERS_FROM = 6000  # index of the first caller's number; no lead has one of these
LOOK_S = 0.03
MOST_ENGINES = 3  # of one stage; the dialplan knows them all
ORIGINATE = re.compile(rb"^Action: Originate\r?$", re.MULTILINE | re.IGNORECASE)
LOG_IN = re.compile(rb"^Context: winback-log-in\r$", re.IGNORECASE | re.MULTILINE)
ACTION_ID = re.compile(rb"^ActionID: (\S+)\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An Originate on its way to the PBX, and the attempt's row as it stood at that moment."""

    attempt: str
    engine: int
    row: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A line from an engine to the dialplan, and the promises that were committed at that moment."""

    line: str
    promises: int


class Stage:
    """Everything between the database and the people, started and stopped by the test."""

    def __init__(
        self,
        folder: Path,
        stack: ExitStack,
        behaviour: Behaviour,
        *,
        seed: int,
        now: datetime | None = None,
        lease_s: float = LEASE_S,
        **own: Any,
    ) -> None:
        self._stack = stack
        self.folder = folder
        moment = datetime.now(UTC)
        self.shift_s = ((now or opening_time(moment)) - moment).total_seconds()
        self.loop = stack.enter_context(Background())
        self.pbx = SimulatedPbx(behaviour, seed=seed, username="winback", secret=SECRET)
        self.pbx_port = self.loop.run(self.pbx.start())
        stack.callback(lambda: self.loop.run(self.pbx.stop()))
        self.sent: list[Sent] = []
        self.spoken: list[Spoken] = []
        self.hold_originate: Callable[[Sent], Any] | None = None
        self.hold_question: Callable[[], Any] | None = None
        self.hold_answer: Callable[[], Any] | None = None
        self.engines: list[EngineProcess] = []
        self.addresses = tuple(("127.0.0.1", free_port()) for _ in range(MOST_ENGINES))
        self.ami: list[Line] = []
        self.permits = self.line(answered=(b"\n", self._spoken), before=self._questioned)
        self.pbx.agi = (("127.0.0.1", self.permits.port),)
        self.settings = self._settings(behaviour, own, lease_s)
        self.app: App = stack.enter_context(open_app(self.settings))
        self.database = self.app.database
        self.clock = self.app.clock
        self._seed = seed

    def _settings(self, behaviour: Behaviour, own: dict[str, Any], lease_s: float) -> Settings:
        return Settings(
            **{
                "data_dir": self.folder / "app",
                "redis_url": None,
                "clock_shift_s": self.shift_s,
                "caller_id": "+442079460999",
                "pbx": PbxSettings(
                    name="pbx",
                    host="127.0.0.1",
                    port=self.pbx_port,
                    secret=SECRET,
                    action_timeout_s=3.0,
                    lease_s=lease_s,
                ),
                "agi": AgiSettings(port=0),
                "queues": QueueSettings(),
                "agents": [
                    AgentSettings(id=agent.id, headset=f"PJSIP/{agent.id}") for agent in behaviour.agents
                ],
                "callbacks": CallbackSettings(retry_busy_s=2, retry_no_answer_s=3, retry_ours_s=1),
                "pacing": PacingSettings(wrap_up_limit_s=5, tick_s=0.1),
                "log_level": "info",
                **own,
            }
        )

    # Parts ------------------------------------------------------------------------------------------

    def line(self, *targets: tuple[str, int], **watched: Any) -> Line:
        """A line that is open until the test ends."""
        line = Line(*targets, **watched)
        self.loop.run(line.mend())
        self._stack.callback(lambda: self.loop.run(line.cut()))
        return line

    def start_engine(self, *, again: int | None = None) -> EngineProcess:
        """An engine with a line of its own to the PBX; `again`: on the line and port of an earlier one."""
        number = len(self.engines)
        if again is None:
            self.ami.append(self.line(("127.0.0.1", self.pbx_port), asked=(b"\r\n\r\n", self._asked(number))))
            self.permits.targets.append(self.addresses[number])
        else:
            self.ami.append(self.ami[again])
            self.permits.targets.append(self.permits.targets[again])
        agi = AgiSettings(
            port=self.permits.targets[number][1],
            addresses=[f"{host}:{port}" for host, port in self.addresses],
        )
        settings = self.settings.model_copy(
            update={
                "pbx": self.settings.pbx.model_copy(update={"port": self.ami[number].port}),
                "agi": agi,
            }
        )
        engine = EngineProcess(settings, self.folder / f"engine-{number}.log")
        self.engines.append(engine)
        self._stack.callback(engine.stop)
        return engine

    def ask_engines_themselves(self, *engines: int) -> None:
        """Have the dialplan ask these engines, or all, at addresses of their own: nobody chooses for it."""
        chosen = engines or range(len(self.addresses))
        self.pbx.agi = tuple(self.addresses[number] for number in chosen)

    def staff(self) -> None:
        """Agents at their pages, who say what came of each call."""
        pages = self._stack.enter_context(Background())  # ends before the database that they write to
        pages.spawn(SampleAgents(self.app, speed=SPEED, seed=self._seed).work())

    def campaign(self, customers: int, *, numbers: tuple[str, ...] = (), **draft: Any) -> CampaignCard:
        """A running campaign for so many customers with a fictional number each; nobody is held out."""
        chosen = numbers or tuple(number.e164 for number in fictional_numbers(customers))
        rows = [
            CustomerRow(external_id=f"c{index}", name=f"Customer {index}", numbers=(number,))
            for index, number in enumerate(chosen)
        ]
        store_customers(self.database, rows, self.clock())
        words: dict[str, Any] = {"name": "winter", "queue": "outbound", "trunk": "main"}
        words |= {"holdout_share": 0.0, "explore_share": 0.0, **draft}
        create_campaign(self.database, CampaignDraft(**words), self.clock())
        return move_campaign(self.database, words["name"], CampaignEvent.START, self.clock(), "test")

    def pause_campaign(self) -> None:
        """No further lead is called."""
        move_campaign(self.database, "winter", CampaignEvent.PAUSE, self.clock(), "test")

    def ring_in(self, index: int = 0, *, presses_one_after_s: float | None = 0.2, talk_s: float = 2.0) -> str:
        """A caller rings in, in real seconds; returns the channel."""
        number = fictional_numbers(1, start=CALLERS_FROM + index)[0].e164.replace("+44", "0", 1)
        play = CallerPlay(
            number=number, patience_s=600.0, talk_s=talk_s, presses_one_after_s=presses_one_after_s
        )
        return self.loop.call(lambda: self.pbx.ring_in(play))

    def hang_up_talks(self, *, after_s: float = 0.0) -> None:
        """Every agent who has talked for so long, in real seconds, ends the talk."""

        def hang_up() -> None:
            exchange = self.pbx.exchange
            for member in exchange.queue_system.members.values():
                since = member.guest.connected_at if member.guest is not None else None
                if since is not None and exchange.kernel.now - since >= after_s:
                    self.pbx.agent_hangs_up(member.agent.id)

        self.loop.call(hang_up)

    # What is to be seen -----------------------------------------------------------------------------

    def truth(self) -> GroundTruth:
        """What really happened so far."""
        return self.loop.call(self.pbx.truth)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the database, read over a connection of the test's own."""
        with connection(self.folder / "app" / "winback.db") as database:
            return [dict(row) for row in database.execute(query, values)]

    def attempts(self, where: str = "1 = 1", *values: Any) -> list[dict[str, Any]]:
        """Attempts in the order of their intents."""
        return self.rows(f"SELECT * FROM attempt WHERE {where} ORDER BY created_at", *values)

    def leaders(self) -> list[dict[str, Any]]:
        """The lease, as it stands."""
        return self.rows("SELECT * FROM lease WHERE name = 'pbx'")

    def view(self) -> EngineOnDashboard:
        """What the leading engine last showed."""
        found = self.rows("SELECT body FROM engine_dashboard WHERE pbx = 'pbx'")
        return EngineOnDashboard.from_json(json.loads(found[0]["body"]) if found else {})

    def viewed_at(self) -> datetime:
        """When that was, on the centre's clock."""
        found = self.rows("SELECT taken_at FROM engine_dashboard WHERE pbx = 'pbx'")
        return datetime.fromisoformat(found[0]["taken_at"]).replace(tzinfo=UTC)

    def wait(self, condition: Callable[[], Any], what: str, *, within_s: float = 60.0) -> Any:
        """Wait until the condition is truthy and return it; fails with the engines' last words."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(LOOK_S)
        tails = "\n".join(f"-- engine {index}\n{each.tail()}" for index, each in enumerate(self.engines))
        raise AssertionError(f"not within {within_s:g} s: {what}\n{tails}")

    def wait_leading(self, engine: EngineProcess) -> None:
        """Until this engine leads and has had its first look at the PBX."""
        self.wait(lambda: f":{engine.pid}:" in (self.view().engine or "") and self.view().ready, "leads")

    def wait_quiet(self, *, within_s: float = 60.0) -> None:
        """Until no attempt is on its way, in the database and in truth."""
        self.wait(
            lambda: (
                not self.attempts("ended_at IS NULL")
                and all(each.over for each in self.truth().attempts.values())
            ),
            "every attempt comes to its end",
            within_s=within_s,
        )

    # The watches ------------------------------------------------------------------------------------

    def _asked(self, engine: int) -> Callable[[bytes], Any]:
        async def watch(frame: bytes) -> None:
            if ORIGINATE.search(frame) is None or LOG_IN.search(frame) is not None:
                return  # an agent's own phone, rung into AgentLogin, is no attempt
            named = ACTION_ID.search(frame)
            assert named is not None, frame
            attempt = named.group(1).decode()
            rows = self.attempts("id = ?", attempt)
            sent = Sent(attempt=attempt, engine=engine, row=rows[0] if rows else None, at=self.clock())
            self.sent.append(sent)
            if self.hold_originate is not None:
                await self.hold_originate(sent)

        return watch

    async def _questioned(self) -> None:
        if self.hold_question is not None:  # an engine that hears half of a question gives it up
            await self.hold_question()

    async def _spoken(self, line: bytes) -> None:
        if self.hold_answer is not None:
            await self.hold_answer()
        if line.startswith(b"SET VARIABLE") or b"winback/" in line:
            promises = self.rows("SELECT count(*) AS made FROM promise")[0]["made"]
            self.spoken.append(Spoken(line=line.decode(), promises=promises))


@contextmanager
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own to the database, for reading."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10.0)
    database.row_factory = sqlite3.Row
    try:
        yield database
    finally:
        database.close()


def busy_world(*, agents: int = 5, talk_s: float = 6.0, **own: Any) -> Behaviour:
    """People at speed: about half of them answer and talk for `talk_s` real seconds on average."""
    return Behaviour(
        **{
            "agents": tuple(SimulatedAgent(id=f"a{index}") for index in range(1, agents + 1)),
            "speed": SPEED,
            "callers_per_hour": 0.0,
            "talk_mean_s": talk_s * SPEED,
            "talk_cv": 0.4,
            **own,
        }
    )
