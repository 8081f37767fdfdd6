"""A real Asterisk and SIP telephones with keys: a call booked by default, and an hour chosen by key."""

import asyncio
import re
import sqlite3
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asterisk.telephone import Telephone, endpoint_lines
from bench.testbed.dialplan_actors import STAGE
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer

from callbacks.ivr_words import Prompt
from dialer.bootstrap import make_pbx_config, open_app
from dialer.engine.engine import Engine
from dialer.inbound_settings import InboundSettings
from dialer.lab.demo_agents import opening_time
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings, QueueSettings, TrunkSettings
from dialer.settings import CallbackSettings, Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render

SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
WITHIN_S = 120.0  # of each step, on a busy machine
LINES_TOLD = 150  # of Asterisk's log, where a step is not reached
TELEPHONES = """
[test-telephones]
exten => 600,1,Goto(winback-inbound,support,1)
exten => 601,1,Goto(winback-inbound,sales,1)
"""


@dataclass(frozen=True)
class House:
    """A running Asterisk, the settings it was configured from, and where its telephones ring in."""

    server: AsteriskServer
    settings: Settings
    sip_port: int

    def played(self, prompt: Prompt) -> int:
        """How often this was played so far."""
        return len(re.findall(rf"Playing '{re.escape(prompt)}\.", self.server.log()))

    def told(self) -> str:
        """How its queues stand, and the end of what it logged."""
        lines = [line for line in self.server.log().splitlines() if "Manager '" not in line]
        asked = ("queue show", "core show channels concise")
        return "\n".join([*map(self.server.cli, asked), *lines[-LINES_TOLD:]])

    def promises(self) -> list[tuple[object, ...]]:
        """Each promise's queue, state and end, and whether it is for a chosen hour."""
        with sqlite3.connect(self.settings.data_dir / "winback.db") as database:
            query = "select queue, state, end_reason, wanted_from is not null from promise order by id"
            return database.execute(query).fetchall()


@pytest.fixture
def house(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[House]:
    home = asterisk("sid")
    ami_port, agi_port, sip_port = free_port(), free_port(), free_port()
    shift = opening_time(datetime.now(UTC)) - datetime.now(UTC)
    policies = [
        InboundSettings.model_validate({"offer": "default", "default_from_s": 60}),
        InboundSettings(queue="sales", choose_time=True),
    ]
    settings = Settings(
        data_dir=tmp_path / "data",
        clock_shift_s=shift.total_seconds(),
        pbx=PbxSettings(host="127.0.0.1", port=ami_port, username="winback", secret=SECRET),  # type: ignore[arg-type]
        agi=AgiSettings(port=agi_port),
        trunks=[TrunkSettings(name="main", dial="Local/{number}@test-customers/n")],
        agents=[AgentSettings(id="a1", name="Agent 1", code="101")],
        queues=QueueSettings(policies=policies),
        callbacks=CallbackSettings(call_s=1200.0, change_by_key=False),
        log_level="error",
    )
    files = {
        **render(make_pbx_config(settings), AsteriskVersion.V22),
        "test_extensions.conf": STAGE + TELEPHONES,
        "pjsip.conf": endpoint_lines(sip_port),
        "rtp.conf": "[general]\nrtpstart = 21000\nrtpend = 21999\n",
        "sorcery.conf": "",
        "pjproject.conf": "[startup]\n",
    }
    server = AsteriskServer(home, files, ami_port=ami_port, modules=(*SIP_MODULES, *MODULES))
    prompts(server.sounds)
    with server:
        yield House(server, settings, sip_port)


def prompts(sounds: Path) -> None:
    """A tenth of a second of silence for every prompt."""
    folder = sounds / "winback"
    folder.mkdir()
    for prompt in Prompt:
        with wave.open(str(folder / f"{prompt.value.removeprefix('winback/')}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(1600))


async def until(what: str, holds: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + WITHIN_S
    while not await asyncio.to_thread(holds):
        assert asyncio.get_running_loop().time() < deadline, f"not within {WITHIN_S:g} s: {what}"
        await asyncio.sleep(0.1)


def dial(house: House, channel: str, context: str, exten: str) -> None:
    """Somebody else on this PBX, by its own dialplan, until they are on the line."""
    with house.server.observer() as ami:
        ami.call(
            ("Channel", channel), ("Context", context), ("Exten", exten), ("Priority", "1"),
            ("CallerID", '"" <07700900999>'),
        )  # fmt: skip


def agents_code(house: House, code: str) -> None:
    """The one agent dials a feature code."""
    dial(house, "Local/1@test-headsets/n", "winback-agent-codes", code)


def members(house: House) -> set[tuple[str, str]]:
    """How the agent stands in the sales queue: device state and pause."""
    with house.server.observer() as ami:
        listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "sales")])
    return {(each.get("Status"), each.get("Paused")) for each in listed if each.get("Event") == "QueueMember"}


async def hold(house: House) -> None:
    """One caller chooses an hour while the agent is on a break; two ring in at overload, and one stays."""
    with open_app(house.settings) as app:
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        try:
            await until("the engine listens", lambda: engine.agi_port is not None)
            await asyncio.to_thread(agents_code, house, "*51101")
            await until("the agent is there", lambda: members(house) == {("1", "0")})
            await asyncio.to_thread(agents_code, house, "*52101")
            await until("and on a break", lambda: members(house) == {("1", "1")})
            await choose_an_hour(house)
            await asyncio.to_thread(agents_code, house, "*53101")
            await asyncio.to_thread(
                dial, house, "Local/listen3600@test-callers/n", "winback-inbound", "sales"
            )
            await until("the agent talks", lambda: "CONNECT" in {row[4] for row in house.server.queue_log()})
            await ring_in_at_overload(house)
        finally:
            engine.stop()
            await asyncio.wait_for(running, 15)


async def choose_an_hour(house: House) -> None:
    with Telephone(house.sip_port, "07700900103") as chooses:
        await asyncio.to_thread(chooses.ring, "601")
        await until("they wait", lambda: waits(house, "sales") == 1)
        for prompt, key in (
            (None, "1"),
            (Prompt.RIGHT_OR_OTHER, "1"),
            (Prompt.PLACE_OR_TIME, "2"),
            (Prompt.HOUR_FROM, "1"),
        ):
            if prompt is not None:
                await until(f"{prompt} is played", lambda asked=prompt: house.played(asked) >= 1)
            chooses.press(key)
        await until("the hour is booked", lambda: house.promises() == [("sales", "waiting", None, 1)])
        chooses.hang_up()


async def ring_in_at_overload(house: House) -> None:
    with Telephone(house.sip_port, "07700900101") as books:
        await asyncio.to_thread(books.ring, "600")
        await until("it is booked", lambda: house.promises()[1:] == [("support", "waiting", None, 0)])
        await until("and said", lambda: house.played(Prompt.BOOKED_OR_STAY) == 1)
        await until("Asterisk ends the call", books.over.is_set)
    with Telephone(house.sip_port, "07700900101") as again:
        await asyncio.to_thread(again.ring, "600")
        await until("they hear that it stands", lambda: house.played(Prompt.ALREADY_OPEN) == 1)
        again.press("3")
        await until("and wait in the queue", lambda: waits(house, "support") == 1)
        again.hang_up()
        await until("they are gone", lambda: waits(house, "support") == 0)
    with Telephone(house.sip_port, "07700900102") as stays:
        await asyncio.to_thread(stays.ring, "600")
        await until("the question is put", lambda: house.played(Prompt.BOOKED_OR_STAY) == 2)
        stays.press("2")
        await until("they keep their place", lambda: house.played(Prompt.PLACE_KEPT) == 1)
        await until("and wait in the queue", lambda: waits(house, "support") == 1)


def waits(house: House, queue: str) -> int:
    """Callers in this queue."""
    with house.server.observer() as ami:
        listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", queue)])
    return sum(each.get("Event") == "QueueEntry" for each in listed)


def test_a_call_is_booked_by_default_and_an_hour_chosen_by_key(house: House) -> None:
    try:
        asyncio.run(hold(house))
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n{house.told()}") from None

    chosen, booked, stayed = house.promises()
    assert booked[:3] == ("support", "waiting", None)
    assert stayed[:3] == ("support", "cancelled", "stays on the line")
    assert chosen == ("sales", "waiting", None, 1)
    assert house.played(Prompt.TO_CANCEL) == 0, "a number shown is no proof in this house (change_by_key)"
