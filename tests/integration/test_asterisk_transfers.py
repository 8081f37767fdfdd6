"""SIP phones transfer customers and callers on a real Asterisk: after asking, into a queue, to a number."""

import asyncio
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from asterisk.sip import SipPerson, pjsip_conf
from asterisk.transferring_phone import TransferringPhone
from bench.testbed.dialplan_actors import SECRET, STAGE, USER, actors_config
from bench.testbed.install import Installation
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import MODULES, SIP_MODULES, AsteriskServer, wait_until
from contract.listener import Listener, now

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.model import AgentLine, Trunk
from telephony.asterisk.config.render import render
from telephony.calls.events import CallerConnected, CallerFinished, Finished, HandedOver, Outcome
from telephony.ports import CallOrder

COLLEAGUE: Final = "800"  # an extension of the site's
QUEUE: Final = "900"  # another, which leads into a queue
#: what each agent does with whoever is there: where to, and whether after asking
ASKS, SENDS, QUEUES = "Asks", "sends.at-once", "Queues"  # as sites name people, trunks and queues
AGENTS: Final = {ASKS: (COLLEAGUE, True), SENDS: (COLLEAGUE, False), QUEUES: (QUEUE, False)}
TRUNK, SECOND = "sip.co-1", "Customer-Service"
SITE: Final = f"""
[default]
exten => {COLLEAGUE},1,Dial(PJSIP/colleague)
exten => {QUEUE},1,Queue({SECOND})
"""
PATIENT_S: Final = 30


@dataclass(frozen=True)
class Exchange:
    """The running Asterisk, its link, and who answers the dialplan."""

    server: AsteriskServer
    pbx: AmiPbx
    ear: Listener
    agi: FakePermits
    lines: dict[str, AgentLine]
    serial: Iterator[int] = field(default_factory=count)

    async def call(self) -> str:
        """Order a call to the customer."""
        attempt = f"wb-transfer{next(self.serial):04d}"
        self.agi.numbers[attempt], self.agi.rings[attempt] = "447700900123", PATIENT_S
        self.agi.trunks[attempt] = TRUNK
        await self.pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=PATIENT_S))
        return attempt

    def is_queued(self) -> bool:
        """Whether somebody waits in the queue that a transfer leads to."""
        with self.server.observer() as ami:
            listed = ami.list_of("QueueStatus", "QueueStatusComplete", [("Queue", SECOND)])
        return any(each.event == "QueueEntry" for each in listed)

    async def only(self, agent: str) -> None:
        """Have this agent, and nobody else, take calls."""
        for name, line in self.lines.items():
            for queue in ("outbound", "support"):
                if name == agent:
                    await self.pbx.resume(line.interface, queue=queue)
                else:
                    await self.pbx.pause(line.interface, reason="another's turn", queue=queue)


@pytest.fixture
def people(asterisk: Callable[[str], Installation], tmp_path: Path) -> Iterator[dict[str, SipPerson]]:
    asterisk("sid")
    with ExitStack() as stack:
        yield {name: stack.enter_context(SipPerson("answers", tmp_path)) for name in (TRUNK, "colleague")}


def test_a_transfer_ends_the_agents_talk_and_the_book_has_where_it_went(
    people: dict[str, SipPerson], asterisk: Callable[[str], Installation]
) -> None:
    asyncio.run(transfers(people, asterisk("sid")))


async def transfers(people: dict[str, SipPerson], home: Installation) -> None:
    agi, port, sip_port = FakePermits(), free_port(), free_port(socket.SOCK_DGRAM)
    await agi.start()
    lines = {name: AgentLine(id=name, name=name.capitalize(), phone=f"PJSIP/{name}") for name in AGENTS}
    config = replace(
        actors_config(port, agi.address),
        agents=tuple(lines.values()),
        trunks=(Trunk(name=TRUNK, dial=f"PJSIP/{{number}}@{TRUNK}"),),
        outbound_queues=("outbound", SECOND),
    )
    phones = {
        name: TransferringPhone(name, server_port=sip_port, to=to, asking=asking)
        for name, (to, asking) in AGENTS.items()
    }
    files = {
        **render(config, home.version),
        "test_extensions.conf": STAGE + SITE,
        "pjsip.conf": pjsip_conf(sip_port, {**people, **phones}),
        "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 20999\n",
        "sorcery.conf": "",
        "pjproject.conf": "[startup]\n",
    }
    modules = (*SIP_MODULES, "res_pjsip_refer", *MODULES)
    server = AsteriskServer(home, files, ami_port=port, modules=modules)
    with ExitStack() as stack:
        for phone in phones.values():
            stack.enter_context(phone)
        try:
            await asyncio.to_thread(server.start)
            pbx = AmiPbx(
                LinkSettings(host="127.0.0.1", port=port, username=USER, secret=SECRET),
                clock=now,
                rng=random.Random(1),  # noqa: S311 - spreads reconnects
            )
            exchange = Exchange(server, pbx, Listener(pbx), agi, lines)
            await pbx.start()
            await pbx.wait_ready()
            for line in lines.values():
                for queue in ("outbound", "support"):
                    await pbx.add_member(queue, line)
            await customer(exchange, ASKS, goes_to=COLLEAGUE)
            await customer(exchange, SENDS, goes_to=COLLEAGUE)
            await customer(exchange, QUEUES, goes_to=SECOND)
            await caller(exchange, ASKS, goes_to=COLLEAGUE)
            await caller(exchange, QUEUES, goes_to=QUEUE)
            await exchange.ear.close()
        finally:
            await asyncio.to_thread(server.__exit__)
            await agi.close()


async def customer(exchange: Exchange, agent: str, *, goes_to: str) -> None:
    """A called customer is transferred: the agent is done at once, and the call goes on."""
    await exchange.only(agent)
    connected = await exchange.ear.talk(exchange.call)
    attempt = connected.attempt
    over = await exchange.ear.of(attempt, HandedOver)
    assert (connected.agent, over.agent) == (agent, agent)
    assert over.to in {goes_to, AGENTS[agent][0]}, "what was dialled, until it is known where that leads"
    assert exchange.ear.ends(attempt) == 0, "the call goes on"
    if goes_to == SECOND:
        await asyncio.to_thread(wait_until, exchange.is_queued, PATIENT_S, "the customer is in the queue")

    await exchange.pbx.hang_up(attempt)
    end = await exchange.ear.of(attempt, Finished)
    assert (end.outcome, end.agent, end.handed_to) == (Outcome.CONNECTED, agent, goes_to)
    assert end.talk_s == over.talk_s


async def caller(exchange: Exchange, agent: str, *, goes_to: str) -> None:
    """The same of somebody who rang in."""
    await exchange.only(agent)
    since = len(exchange.ear.facts)

    def rings_in() -> None:
        with exchange.server.observer() as ami:
            ami.call(
                ("Channel", "Local/listen3600@test-callers/n"), ("Context", "winback-inbound"),
                ("Exten", "support"), ("Priority", "1"),
            )  # fmt: skip

    await asyncio.to_thread(rings_in)
    served = await exchange.ear.first(CallerConnected, lambda fact: fact.agent == agent, since=since)
    over = await exchange.ear.first(CallerFinished, lambda fact: fact.caller == served.caller, since=since)
    assert (over.agent, over.handed_to) == (agent, goes_to)
