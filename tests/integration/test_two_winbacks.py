"""Two Winbacks on one Asterisk: nothing of one is the other's, though agents and trunks share names."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from bench.testbed.dialplan_actors import SECRET, STAGE, TRUNK, actors_config
from bench.testbed.install import Installation
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from contract.listener import Listener, now
from contract.scenarios import until

from dialer.core.calling.ids import attempt_id
from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.model import AgentLine, PbxConfig
from telephony.asterisk.config.names import Names
from telephony.asterisk.config.render import render
from telephony.asterisk.own_parts import NotOurs, OwnParts
from telephony.calls.attempt_id import mark_of
from telephony.calls.events import CallFact, Connected, Device, Finished, MemberSeen
from telephony.ports import CallOrder

CODES = {"winback": "*5", "north-2": "*6"}
TALKS = "15550100102"


@dataclass(frozen=True, slots=True)
class Side:
    """One Winback: what is rendered for it, its dial permit, and what it hears."""

    config: PbxConfig
    permits: FakePermits
    ear: Listener

    @property
    def agent(self) -> AgentLine:
        return self.config.agents[0]

    async def call(self, serial: int) -> str:
        attempt = attempt_id(bytes([serial] * 16), mark_of(self.config.names.prefix))
        self.permits.numbers[attempt] = TALKS
        queue = self.config.outbound_queues[0]
        await self.ear.pbx.originate(CallOrder(attempt=attempt, queue=queue, ring_s=30))
        return attempt


def planned(prefix: str, port: int, permits: FakePermits) -> PbxConfig:
    """The same agent `a1` with the same code, and the same trunk, whichever Winback it is."""
    names = Names(prefix)
    config = actors_config(port, permits.address, agents=1)
    agents = tuple(replace(agent, names=names) for agent in config.agents)
    return replace(
        config, names=names, user=prefix, agents=agents, inbound_queue=names.queue("support"),
        outbound_queues=(names.queue("outbound"),), code_stem=CODES[prefix], record=True, machine_hint=True,
    )  # fmt: skip


@asynccontextmanager
async def two(home: Installation) -> AsyncIterator[tuple[AsteriskServer, Side, Side]]:
    port = free_port()
    async with AsyncExitStack() as stack:
        plans = []
        for prefix in CODES:
            permits = FakePermits()
            await permits.start()
            stack.push_async_callback(permits.close)
            plans.append((planned(prefix, port, permits), permits))
        phones = "\n[phones]\n" + "".join(f"include => {prefix}-agent-codes\n" for prefix in CODES)
        files = {"test_extensions.conf": STAGE + phones}
        for config, _ in plans:
            files |= render(config, home.version)
        server = AsteriskServer(home, files, ami_port=port)
        for config, _ in plans[1:]:
            for ours, theirs in config.names.homes.items():
                with (server.folder / "etc" / theirs).open("a") as file:
                    file.write(f"#include {ours}\n")
        stack.push_async_callback(asyncio.to_thread, server.__exit__)
        await asyncio.to_thread(server.start)
        sides = []
        for config, permits in plans:
            own = OwnParts(config.agents, (config.inbound_queue, *config.outbound_queues), config.names)
            link = LinkSettings(host="127.0.0.1", port=port, username=config.user, secret=SECRET)
            pbx = AmiPbx(link, clock=now, own=own)
            ear = Listener(pbx)
            await pbx.start()
            await pbx.wait_ready()
            stack.push_async_callback(ear.close)
            sides.append(Side(config, permits, ear))
        yield server, sides[0], sides[1]


async def log_in(server: AsteriskServer, side: Side) -> None:
    """By the feature code of this Winback, from a phone that knows the codes of both."""

    def dial() -> None:
        with server.observer() as ami:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "phones"),
                ("Exten", f"{side.config.code_stem}1{side.agent.code}"), ("Priority", "1"),
            )  # fmt: skip

    await asyncio.to_thread(dial)
    await side.ear.first(MemberSeen, lambda fact: fact.device is Device.FREE)


@pytest.mark.parametrize("suite", ["sid", "bullseye"])
def test_each_sees_its_own_agents_and_calls_and_touches_nothing_of_the_other(
    asterisk: Callable[[str], Installation], suite: str
) -> None:
    async def scene() -> None:
        async with two(asterisk(suite)) as (server, first, second):
            await log_in(server, first)
            assert not any(isinstance(fact, MemberSeen) and fact.device is Device.FREE
                           for fact in second.ear.facts)  # fmt: skip
            await log_in(server, second)
            calls = {side: await side.call(serial) for serial, side in ((1, first), (2, second))}
            for side, attempt in calls.items():
                connected = await side.ear.of(attempt, Connected)
                assert connected.agent == side.agent.id

            for side, other in ((first, second), (second, first)):
                snapshot = await side.ear.pbx.snapshot()
                assert {member.interface for member in snapshot.members} == {side.agent.interface}
                assert calls[other] not in snapshot.living
                with pytest.raises(NotOurs):
                    await side.ear.pbx.hang_up(calls[other])
                with pytest.raises(NotOurs):
                    await side.ear.pbx.pause(other.agent.interface, reason="lunch")
            await first.ear.pbx.pause(first.agent.interface, reason="lunch")
            await first.ear.first(MemberSeen, lambda fact: fact.reason == "lunch")
            await first.ear.pbx.log_off(first.agent.id, soft=False)
            await first.ear.of(calls[first], Finished)

            async def gone() -> bool:
                members = (await first.ear.pbx.snapshot()).members
                return {member.device for member in members} == {Device.UNAVAILABLE}

            await until(gone, "the first is logged off")
            theirs = (await second.ear.pbx.snapshot()).members
            assert {(member.device, member.paused) for member in theirs} == {(Device.IN_USE, False)}
            await second.ear.pbx.hang_up(calls[second])
            await second.ear.of(calls[second], Finished)
            for side, attempt in calls.items():
                heard = {fact.attempt for fact in side.ear.facts if isinstance(fact, CallFact)}
                assert heard == {attempt}
                assert side.permits.failures == []
                assert [each.extension for each in side.permits.asked] == [attempt]
            trunks = server.cli(f"dialplan show {first.config.names.context('trunk')}-{TRUNK}")
            assert "winback-trunk-acme" in trunks

    asyncio.run(scene())
