"""Real SIP trunks and real SIP agents with RTP: SIPp on both sides of a real Asterisk."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from asterisk.sip import SipPerson, pjsip_conf
from bench.testbed.dialplan_actors import SECRET, STAGE, USER, actors_config
from bench.testbed.install import Installation, install
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer, wait_until
from contract.listener import Listener, now

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.model import AgentLine, AsteriskVersion, Prompts, Trunk
from telephony.asterisk.config.render import render
from telephony.calls.events import Answered, Connected, Finished, Outcome, Ringing
from telephony.ports import CallOrder

ENDS = {
    "busy": Outcome.REJECTED,
    "rejects": Outcome.REJECTED,
    "unknown": Outcome.BROKEN_OFF,
    "congested": Outcome.BROKEN_OFF,
    "unavailable": Outcome.NO_ANSWER,
    "silent": Outcome.NO_ANSWER,
    "busy_at_once": Outcome.BUSY,
    "unknown_at_once": Outcome.BAD_NUMBER,
    "congested_at_once": Outcome.CONGESTION,
    "unavailable_at_once": Outcome.NO_ANSWER,
}
PEOPLE = ("answers", "talks", "leaves", *ENDS)


@pytest.fixture
def people(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[dict[str, SipPerson]]:
    with ExitStack() as stack:
        found = {kind: stack.enter_context(SipPerson(kind, tmp_path)) for kind in PEOPLE}
        for agent in ("headset", "phone"):
            found[agent] = stack.enter_context(SipPerson("talks", tmp_path))
        yield found


def packets(server: AsteriskServer, endpoint: str) -> tuple[int, int]:
    """RTP packets got from and sent to this endpoint's channel so far."""
    for line in server.cli("pjsip show channelstats").splitlines():
        cells = line.split()
        if f" {endpoint}-" in line and cells[3] == "ulaw":
            return int(cells[4]), int(cells[8])
    return 0, 0


STANDING = "Anna.h-1"  # as sites name people
RINGING = AgentLine(id="p1", name="Ringing", phone="PJSIP/phone")


def test_sip_customers_reach_sip_agents_and_every_refusal_has_its_name(people: dict[str, SipPerson]) -> None:
    asyncio.run(ring(people))


SILENT_S = 3  # so long a phone rings that nobody answers
PATIENT_S = 30  # and one whose answer or refusal is waited for, on a busy machine too


async def ring(people: dict[str, SipPerson]) -> None:
    agi, port = FakePermits(), free_port()
    await agi.start()
    trunks = tuple(Trunk(name=kind, dial=f"PJSIP/{{number}}@{kind}") for kind in PEOPLE)
    config = replace(
        actors_config(port, agi.address),
        agents=(
            AgentLine(id=STANDING, name="O’Brien", code="201"),
            RINGING,
        ),
        trunks=trunks,
        record=True,
        prompts=Prompts(consent="beep"),
    )
    sip_port = free_port()
    files = {
        **render(config, AsteriskVersion.V22),
        "test_extensions.conf": STAGE,
        "pjsip.conf": pjsip_conf(sip_port, people),
        "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 20999\n",
        "sorcery.conf": "",
        "pjproject.conf": "[startup]\n",
    }
    home = await asyncio.to_thread(install, "sid")
    server = AsteriskServer(home, files, ami_port=port, modules=(*SIP_MODULES, *MODULES))
    try:
        await asyncio.to_thread(server.start)
        pbx = AmiPbx(
            LinkSettings(host="127.0.0.1", port=port, username=USER, secret=SECRET),
            clock=now,
            rng=random.Random(1),  # noqa: S311 - spreads reconnects
        )
        ear = Listener(pbx)
        await pbx.start()
        await pbx.wait_ready()
        await asyncio.to_thread(headset_up, server)
        for queue in config.queues_of(RINGING):
            await pbx.add_member(queue, RINGING)
        await refusals(pbx, ear, agi)
        await answered(pbx, ear, agi, server)
        await caller_ids(pbx, ear, agi, people["busy"])
        await ear.close()
        assert agi.failures == []
    finally:
        await asyncio.to_thread(server.__exit__)
        await agi.close()


def headset_up(server: AsteriskServer) -> None:
    """The standing agent's SIP phone is called once and stays connected."""
    with server.observer() as ami:
        ami.ask("Originate", [
            ("Channel", "PJSIP/headset"), ("Context", "winback-agent-codes"), ("Exten", "*51201"),
            ("Priority", "1"), ("Async", "true"),
        ])  # fmt: skip

        def free() -> bool:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", "outbound")])
            return any(each.get("Name") == STANDING and each.get("Status") == "1" for each in listed)

        wait_until(free, 60, "the standing agent is free")


async def order(pbx: AmiPbx, agi: FakePermits, kind: str, caller_id: str = "+441632960000") -> str:
    attempt = f"wb-sip{len(agi.asked):04d}{kind.replace('_', '')}"
    ring_s = SILENT_S if kind == "silent" else PATIENT_S
    agi.rings[attempt] = ring_s
    agi.numbers[attempt] = "447700900123"
    agi.trunks[attempt] = kind
    agi.caller_ids[attempt] = caller_id
    await pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=ring_s))
    return attempt


async def talk(pbx: AmiPbx, ear: Listener, agi: FakePermits, kind: str) -> Connected:
    """A call that reaches an agent."""
    return await ear.talk(lambda: order(pbx, agi, kind))


async def refusals(pbx: AmiPbx, ear: Listener, agi: FakePermits) -> None:
    attempts = {kind: await order(pbx, agi, kind) for kind in ENDS}
    for kind, attempt in attempts.items():
        end = await ear.of(attempt, Finished)
        assert end.outcome is ENDS[kind], (kind, end)
        kinds = [type(fact) for fact in ear.story(attempt)]
        assert kinds == ([Finished] if kind.endswith("at_once") else [Ringing, Finished]), kind


async def caller_ids(pbx: AmiPbx, ear: Listener, agi: FakePermits, trunk: SipPerson) -> None:
    """What the dial permit answers for a campaign is what the trunk is shown."""
    before = len(trunk.callers())
    shown = ["+441632960001", "+441632960002"]
    for caller_id in shown:
        attempt = await order(pbx, agi, "busy", caller_id=caller_id)
        await ear.of(attempt, Finished)
    assert trunk.callers()[before:] == shown
    assert before == 1


async def answered(pbx: AmiPbx, ear: Listener, agi: FakePermits, server: AsteriskServer) -> None:
    """Over the standing connection, then by a ringing phone; sound goes both ways."""
    await pbx.pause("PJSIP/phone", reason="later")
    first = await talk(pbx, ear, agi, "leaves")
    assert first.agent == STANDING
    end = await ear.of(first.attempt, Finished)
    assert end.outcome is Outcome.CONNECTED
    assert 0 < end.talk_s

    await pbx.resume("PJSIP/phone")
    await pbx.pause(f"Local/{STANDING}@winback-agents/n", reason="later")
    second = await talk(pbx, ear, agi, "answers")
    assert second.agent == "p1"
    await asyncio.to_thread(
        wait_until, recording(server, second.attempt).exists, 30, "a SIP phone's talk is recorded"
    )
    await pbx.hang_up(second.attempt)
    assert (await ear.of(second.attempt, Finished)).outcome is Outcome.CONNECTED

    await pbx.resume(f"Local/{STANDING}@winback-agents/n")
    await pbx.pause("PJSIP/phone", reason="later")
    third = (await talk(pbx, ear, agi, "talks")).attempt
    assert [type(f) for f in ear.story(third)] == [Ringing, Answered, Connected]
    sound = recording(server, third)
    await asyncio.to_thread(wait_until, sound.exists, 30, "the talk is recorded")
    began = (*packets(server, "talks"), *packets(server, "headset"))

    def flows() -> bool:
        moved = (*packets(server, "talks"), *packets(server, "headset"))
        return all(after - before > 50 for before, after in zip(began, moved, strict=True))

    await asyncio.to_thread(wait_until, flows, 30, "both hear each other: RTP in and out of both legs")
    a_second = 16_000  # bytes, of 8 kHz and 16 bit
    # while they talk: a machine that stalls loses what was said meanwhile, and they talk on
    await asyncio.to_thread(wait_until, lambda: sound.stat().st_size > a_second / 2, 30, "with its sound")
    await pbx.hang_up(third)
    await ear.of(third, Finished)


def recording(server: AsteriskServer, attempt: str) -> Path:
    return server.folder / "spool/monitor/winback" / f"{attempt}.wav"
