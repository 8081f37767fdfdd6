"""A campaign and callbacks through a real Asterisk with exactly the configuration Winback renders.

Thirty customers on a list. One caller asks to be called back while nobody is there, hears so, and gets the
first agent; three more hear how long the wait is and are called back. Afterwards the database must say what
Asterisk's own queue log and dial permit traffic say.
"""

import asyncio
import re
import sqlite3
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer, wait_until

from callbacks.ivr_words import Prompt
from dialer.bootstrap import make_pbx_config, open_app
from dialer.cli.doctor_checks import look_at_everything
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.dashboard.view import Dashboard
from dialer.engine.engine import Engine
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, TrunkSettings, WhisperSettings
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.settings import CallbackSettings, CallingSettings, PacingSettings, Settings
from telephony.asterisk.config.files import missing_includes, write_config
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render
from telephony.numbers import FICTIONAL_COUNT, fictional_numbers

AGENTS = 6
LEADS = 30
CALLERS = 3
PRESSES_ONE = "[globals]\nPRESSES=1\n"  # whoever is called back wants the agent
LONGEST_S = 300.0  # of each step, on a busy machine
# of Asterisk's core sounds, half a second each
CALLBACK_WHISPER, CAMPAIGN_WHISPER = "beep", "beeperr"
# a question and a statement: a missing file must not cost a caller the promise
NOT_RECORDED = {Prompt.RIGHT_OR_OTHER, Prompt.WE_CALL_ON}
SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server


def behaving(kind: str, count: int) -> list[str]:
    """Fictional numbers whose customers behave by the last three digits, as on the stage."""
    return [each.e164 for each in fictional_numbers(FICTIONAL_COUNT) if each.e164[-3:] == kind][:count]


def listed() -> list[str]:
    """Thirty customers: most talk for a second or two, some are not reached, each in its own way."""
    kinds = {
        "710": 5,
        "713": 5,
        "716": 4,
        "720": 4,
        "203": 4,
        "900": 1,
        "300": 2,
        "500": 2,
        "603": 2,
        "402": 1,
    }
    chosen = [each for kind, count in kinds.items() for each in behaving(kind, count)]
    assert len(set(chosen)) == LEADS
    return chosen


@dataclass(frozen=True)
class Real:
    """The running Asterisk, the settings it was configured from, and who does what."""

    server: AsteriskServer
    settings: Settings
    callers: list[str]
    refused: list[str]  # one number: who asks while nobody is there


@pytest.fixture
def real(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[Real]:
    home = asterisk("sid")
    ami_port, agi_port = free_port(), free_port()
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    settings = Settings(
        data_dir=tmp_path / "data",
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(host="127.0.0.1", port=ami_port, username="winback", secret=SECRET),  # type: ignore[arg-type]
        agi=AgiSettings(port=agi_port),
        trunks=[TrunkSettings(name="main", dial="Local/{number}@test-customers/n")],
        agents=[
            AgentSettings(id=f"a{n}", name=f"Agent {n}", code=f"{100 + n}") for n in range(1, AGENTS + 1)
        ],
        caller_id="+442079460000",
        whisper=WhisperSettings(callback=CALLBACK_WHISPER, campaigns={"stay": CAMPAIGN_WHISPER}),
        calling=CallingSettings(ring_s=15),
        callbacks=CallbackSettings(retry_busy_s=1, retry_no_answer_s=1, retry_ours_s=600),
        pacing=PacingSettings(wrap_up_limit_s=0.5, tick_s=0.1),
        log_level="error",
    )
    files = {
        **render(make_pbx_config(settings), AsteriskVersion.V22),
        "test_extensions.conf": PRESSES_ONE + STAGE,
    }
    server = AsteriskServer(home, files, ami_port=ami_port)
    assert missing_includes(server.folder / "etc") == (), "the harness includes what the README tells"
    assert write_config(render(make_pbx_config(settings), AsteriskVersion.V22), server.folder / "etc") == ()
    prompts(server.sounds)
    with server:
        *callers, refused = behaving("715", CALLERS + 1)
        yield Real(server, settings, callers, [refused])


def prompts(sounds: Path) -> None:
    """A tenth of a second of silence for every prompt but two, which nobody recorded."""
    folder = sounds / "winback"
    folder.mkdir()
    for prompt in set(Prompt) - NOT_RECORDED:
        with wave.open(str(folder / f"{prompt.value.removeprefix('winback/')}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(1600))


def rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(settings.data_dir / "winback.db") as database:
        return database.execute(query).fetchall()


def agents_log_in(real: Real, agents: list[AgentSettings]) -> None:
    with real.server.observer() as ami:
        for agent in agents:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", f"*51{agent.code}"), ("Priority", "1"),
            )  # fmt: skip


def ring_in(real: Real, callers: list[str], behaviour: str) -> None:
    with real.server.observer() as ami:
        for caller in callers:
            ami.call(
                ("Channel", f"Local/{behaviour}@test-callers/n"), ("Context", "winback-inbound"),
                ("Exten", "support"), ("Priority", "1"), ("CallerID", f'"" <0{caller[3:]}>'),
            )  # fmt: skip


async def until(what: str, condition: object, engine: "asyncio.Task[None]") -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST_S
    while not await asyncio.to_thread(condition):  # type: ignore[arg-type]
        assert not engine.done(), engine
        assert loop.time() < deadline, f"not within {LONGEST_S:g} s: {what}"
        await asyncio.sleep(0.1)


async def run_the_day(real: Real) -> Dashboard:
    settings = real.settings
    with open_app(settings) as app:
        customers = [
            CustomerRow(external_id=f"c{index}", name=f"Customer {index}", numbers=(each,), attributes={})
            for index, each in enumerate([*listed(), *real.callers])
        ]
        store_customers(app.database, customers, app.clock())
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        try:
            await until("the engine listens", lambda: engine.agi_port is not None, running)
            findings = await asyncio.to_thread(look_at_everything, settings)
            assert [finding for finding in findings if not finding.ok] == [], "doctor finds no fault"
            await asyncio.to_thread(ring_in, real, real.refused, "press1")
            await until(
                "the caller hears that nobody is there, and is back in the queue",
                lambda: "Playing 'winback/place-kept" in real.server.log(),
                running,
            )
            first, *others = settings.agents
            await asyncio.to_thread(agents_log_in, real, [first])
            await until(
                "the first agent takes the caller who was refused",
                lambda: read_dashboard(app.database, app.clock()).agents_by_state[AgentState.TALKING] == 1,
                running,
            )
            await asyncio.to_thread(ring_in, real, real.callers, "book1")
            await until(
                "every caller was promised a call",
                lambda: read_dashboard(app.database, app.clock()).promises.made == CALLERS,
                running,
            )
            draft = CampaignDraft(
                name="stay",
                queue="outbound",
                trunk="main",
                caller_id="+442079460000",
                holdout_share=0.0,
                explore_share=0.0,
                top=LEADS,
            )
            create_campaign(app.database, draft, app.clock())
            move_campaign(app.database, "stay", CampaignEvent.START, app.clock(), "test")
            await asyncio.to_thread(agents_log_in, real, others)
            await until(
                "every lead was tried and every promise kept",
                lambda: (
                    rows(settings, "select count(distinct lead_id) from attempt where ended_at is not null")[
                        0
                    ][0]
                    >= LEADS
                    and read_dashboard(app.database, app.clock()).promises.kept == CALLERS
                ),
                running,
            )
            engine.rest()
            await until(
                "no call is in the air",
                lambda: rows(settings, "select count(*) from attempt where ended_at is null")[0][0] == 0,
                running,
            )
            return read_dashboard(app.database, app.clock())
        finally:
            engine.stop()
            await asyncio.wait_for(running, 15)


def test_the_database_agrees_with_asterisks_own_record(real: Real) -> None:
    dashboard = asyncio.run(run_the_day(real))

    attempts = {
        str(row[0]): row[1:]
        for row in rows(real.settings, "select id, e164, outcome, agent, abandoned, state from attempt")
    }
    log = real.server.queue_log()
    ours = [row for row in log if row[1].startswith("wb-")]
    connected = {row[1]: row[3] for row in ours if row[4] == "CONNECT"}
    in_vain = {row[1] for row in ours if row[4] in {"ABANDON", "EXITWITHTIMEOUT"}}

    assert {key: row[2] for key, row in attempts.items() if row[1] == "connected"} == connected
    assert {key for key, row in attempts.items() if row[1] in {"abandoned", "hung_up_waiting"}} == in_vain
    assert not in_vain, "progressive pacing has an agent for everybody who answers"

    by_end = {
        "203": "rejected",
        "900": "busy",
        "300": "no_answer",
        "500": "bad_number",
        "603": "rejected",
        "402": "broken_off",
    }
    for key, (e164, outcome, *_rest) in attempts.items():
        assert outcome == by_end.get(str(e164)[-3:], "connected"), (key, e164, outcome)

    for sound, reason in ((CALLBACK_WHISPER, "promise_id"), (CAMPAIGN_WHISPER, "lead_id")):
        query = f"select count(*) from attempt where outcome = 'connected' and {reason} is not null"
        heard = re.findall(rf"@winback-agents-\w+;1> Playing '{sound}\.", real.server.log())
        assert len(heard) == rows(real.settings, query)[0][0], "an agent hears what call comes"

    promises = dashboard.promises
    assert (promises.made, promises.kept, promises.open, promises.error) == (CALLERS, CALLERS, 0, 0)
    assert (promises.stuck, promises.overtaken) == (0, 0)
    refused = rows(real.settings, "select rule, e164 from refusal where rule like 'offer.%'")
    assert refused == [("offer.no-agents", real.refused[0])]
    heard = re.findall(r"Playing '(winback/[a-z-]+)", real.server.log())
    assert heard[:2] == [Prompt.NO_AGENTS, Prompt.PLACE_KEPT], (
        "a refusal is one sentence, and the place is kept"
    )
    who = re.findall(rf"<(\S+)> Playing '(?:{Prompt.WAIT_LESS}|{Prompt.WAIT_BETWEEN})\b", real.server.log())
    assert len(set(who)) == CALLERS, "everybody hears how long, and again if they press again"
    told = rows(real.settings, "select (julianday(said_until) - julianday(made_at)) * 1440 from promise")
    minutes = {round(float(str(row[0]))) for row in told}
    said = {int(number) for number in re.findall(r"Playing 'digits/(\d+)", real.server.log())}
    assert minutes == {10, 15, 20}, "one agent at work, four minutes a call: by the place"
    assert minutes <= said
    rung = [row[0] for row in rows(real.settings, "select e164 from attempt where lead_id is not null")]
    assert len(rung) == len(set(rung)) == LEADS, "a customer was rung twice"
    with real.server.observer() as ami:
        wait_until(lambda: not _live_attempts(ami), 30, "no attempt's channel is left")


def _live_attempts(ami) -> list[str]:
    listed_channels = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
    return [each.get("Uniqueid") for each in listed_channels if each.get("Linkedid").startswith("wb-")]


def test_who_rings_in_reaches_the_agent_who_was_to_call_them(real: Real) -> None:
    """By that agent's own queue, and in the book as a call of the queue they rang; the promise is settled."""
    customer, owner = real.callers[0], real.settings.agents[-1]

    async def ring_the_owner() -> None:
        with open_app(real.settings) as app:
            engine = Engine(app)
            running = asyncio.create_task(engine.run())
            try:
                await until("the engine listens", lambda: engine.agi_port is not None, running)
                await asyncio.to_thread(agents_log_in, real, real.settings.agents)
                await until(
                    "all agents are free",
                    lambda: (
                        read_dashboard(app.database, app.clock()).agents_by_state[AgentState.READY] == AGENTS
                    ),
                    running,
                )
                request = PromiseRequest(
                    e164=customer,
                    queue="support",
                    source_call="desk-1",
                    virtual_join=app.clock(),
                    owner=owner.id,
                    on_the_line=True,  # rung in a minute, by when they have rung in themselves
                )
                made = make_promise(app.database, request, app.clock())
                assert isinstance(made, MadePromise), made
                await asyncio.to_thread(ring_in, real, [customer], "listen1")
                await until(
                    "the call is over",
                    lambda: rows(real.settings, "select 1 from inbound_call where ended_at is not null"),
                    running,
                )
            finally:
                engine.stop()
                await asyncio.wait_for(running, 15)

    asyncio.run(ring_the_owner())

    call = rows(real.settings, "select queue, agent, abandoned from inbound_call")
    assert call == [("support", owner.id, 0)]
    assert rows(real.settings, "select state from promise") == [("settled",)]
    connects = [(row[2], row[3]) for row in real.server.queue_log() if row[4] == "CONNECT"]
    assert connects == [(f"desk_{owner.id}", owner.id)]
