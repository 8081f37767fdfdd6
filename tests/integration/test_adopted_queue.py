"""A queue that the site has is adopted with one line of the site's; rendered ones take what the site adds."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from bench.testbed.dialplan_actors import LONGEST_S, SECRET, STAGE, actors_config
from bench.testbed.install import Installation
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from contract.listener import Listener, now
from contract.scenarios import until

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.config.dialplan import GOES_ON, to_the_question
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.config.names import USUAL
from telephony.asterisk.config.queues import adopting_line
from telephony.asterisk.config.render import render
from telephony.asterisk.own_parts import OwnParts
from telephony.calls.events import CallerConnected, CallerJoined, CallerLeft, Device, MemberSeen

SITES = "Customer-Service"  # in the site's own words, with its own member, music and strategy
PHONE = "Local/okp1@test-phones/n"
DESK = (
    "\n[site]\nexten => 400,1,Answer()\n same => n,Set(WB_QUEUE_OPTIONS=t)\n"
    f" same => n,Queue({SITES},t{GOES_ON})\n same => n,{to_the_question(USUAL)}\n"
)


@pytest.mark.parametrize("suite", ["sid", "bullseye"])
def test_key_one_in_the_sites_own_queue_leads_to_the_offer_and_back(
    asterisk: Callable[[str], Installation], suite: str
) -> None:
    async def scene() -> None:
        home, permits, port = asterisk(suite), FakePermits(), free_port()
        await permits.start()
        permits.promises = False
        config = actors_config(port, permits.address, agents=1)
        ben = AgentLine(id="ben", name="Ben", phone=PHONE, code="190")
        config = replace(
            config,
            agents=(*config.agents, ben),
            inbound_queue=SITES,
            adopt=True,
            music="default",
            survey=True,
        )
        queues = "\n".join((
            "[general]", f"[{SITES}]", "strategy = linear", "musicclass = default", "joinempty = yes",
            adopting_line(config, SITES), f"member => {PHONE},0,Ben from the shop",
            "#include winback_queues.conf", "",
        ))  # fmt: skip
        files = {
            **render(config, home.version), "queues.conf": queues, "test_extensions.conf": STAGE + DESK,
            "winback_outbound_extra.conf": "maxlen = 7\n",
        }  # fmt: skip
        assert f"[{SITES}]" not in files["winback_queues.conf"]
        with AsteriskServer(home, files, ami_port=port) as server:
            own = OwnParts(config.agents, (SITES, *config.outbound_queues))
            link = LinkSettings(host="127.0.0.1", port=port, username=config.user, secret=SECRET)
            pbx = AmiPbx(link, clock=now, own=own)
            ear = Listener(pbx)
            await pbx.start()
            await pbx.wait_ready()
            seen = await ear.first(MemberSeen, lambda fact: fact.queue == SITES)
            assert seen.agent == "ben", "one phone is one agent, whatever the site calls it"
            assert "(max 7)" in server.cli("queue show outbound"), "the site's extra file is read"

            await pbx.pause(PHONE, reason="reserved", queue=SITES)
            joined = await ring_in(server, ear)
            await press_one(server, joined.caller)
            await ear.first(CallerLeft, lambda fact: fact.caller == joined.caller)
            await ear.first(CallerJoined, since=ear.facts.index(joined) + 1)
            assert [(each.path, each.unique_id) for each in permits.asked] == [("capture", joined.caller)]

            # a headset becomes a member of the site's queue by logging in, and serves the caller
            await dial(server, "*51101")
            free = await ear.first(MemberSeen, lambda fact: (fact.agent, fact.queue) == ("a1", SITES))
            assert free.device in {Device.FREE, Device.UNAVAILABLE}
            served = await ear.first(CallerConnected)
            assert (served.agent, served.caller) == ("a1", joined.caller)

            await hang_up(server, "Local/1@test-headsets")
            await until(partial(was_asked, permits, joined.caller), "the customer who came back is asked")

            # and so is one whom the site's own dialplan put into its queue, by the line below it
            other = await ring_in(server, ear)
            await dial(server, "*51101")
            await ear.first(CallerConnected, lambda fact: fact.caller == other.caller)
            await hang_up(server, "Local/1@test-headsets")
            await until(partial(was_asked, permits, other.caller), "the other is asked too")

            # and logging out leaves what the site wrote as it was: a member, and not paused
            await pbx.remove_member(SITES, PHONE)

            async def as_written() -> bool:
                members = (await pbx.snapshot()).members
                return [each.paused for each in members if each.interface == PHONE] == [False]

            await until(as_written, "the site's own member is let through again")
            await ear.close()
        await permits.close()
        assert permits.failures == []

    asyncio.run(scene())


async def ring_in(server: AsteriskServer, ear: Listener) -> CallerJoined:
    def ask() -> None:
        with server.observer() as ami:
            ami.call(
                ("Channel", f"Local/listen{LONGEST_S}@test-callers/n"), ("Context", "site"),
                ("Exten", "400"), ("Priority", "1"), ("CallerID", '"" <07700900123>'),
            )  # fmt: skip

    await asyncio.to_thread(ask)
    return await ear.first(CallerJoined)


async def was_asked(permits: FakePermits, caller: str) -> bool:
    return caller in permits.scores


async def hang_up(server: AsteriskServer, device: str) -> None:
    """The agent's headset goes, and the talk with it."""

    def ask() -> None:
        with server.observer() as ami:
            for each in ami.list_of("CoreShowChannels", "CoreShowChannelsComplete"):
                if each.get("Channel", "").startswith(device):
                    ami.ask("Hangup", [("Channel", each.get("Channel"))])

    await asyncio.to_thread(ask)


async def press_one(server: AsteriskServer, caller: str) -> None:
    def ask() -> None:
        with server.observer() as ami:
            channels = ami.list_of("CoreShowChannels", "CoreShowChannelsComplete")
            name = next(each.get("Channel") for each in channels if each.get("Uniqueid") == caller)
            ami.ask("PlayDTMF", [("Channel", name.replace(";1", ";2")), ("Digit", "1")])

    await asyncio.to_thread(ask)


async def dial(server: AsteriskServer, code: str) -> None:
    def ask() -> None:
        with server.observer() as ami:
            ami.call(
                ("Channel", "Local/1@test-headsets/n"), ("Context", "winback-agent-codes"),
                ("Exten", code), ("Priority", "1"),
            )  # fmt: skip

    await asyncio.to_thread(ask)
