"""What keeps a link up for a year: peers that are deaf or busy, old connections, faults of our own."""

import asyncio
import random
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from integration.misbehaving_manager import ATTEMPT, HUSH, ORDER, Manager, linked, run

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.actions import QueuePause
from telephony.asterisk.ami.panoramisk_link import PanoramiskLink
from telephony.asterisk.ami.session import Session
from telephony.asterisk.ami.transport import LinkSettings, LoginWay, OnFrame, OnLost
from telephony.asterisk.ami.wire import banner, encode_event
from telephony.calls.events import Answered, Finished, LinkLost, LinkUp, Outcome
from telephony.errors import HeaderError, LinkDown, LoginRefused, OutcomeUnknown
from telephony.ports import LinkState

CHANNEL = [("Channel", f"Local/{ATTEMPT}@winback-permit-1;1"), ("Uniqueid", ATTEMPT), ("Linkedid", ATTEMPT)]


def test_a_peer_that_speaks_and_answers_no_ping_is_deaf() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Ping"}))
        async with linked(manager, ping_every_s=0.02, dead_after_s=0.3) as (_, heard):
            await heard.until(LinkUp)

            async def chatter() -> None:
                while True:
                    manager.send(encode_event("VarSet", [("Variable", "X")]))
                    await asyncio.sleep(0.02)

            talking = asyncio.create_task(chatter())
            lost = await heard.until(LinkLost)
            talking.cancel()

            assert "answered no ping" in lost.reason
            assert [frame.action for frame in manager.seen].count("Ping") == 1

    run(scenario)


def test_an_attempt_that_waits_for_its_answer_is_not_sent_again() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Originate"}))
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            first = asyncio.create_task(pbx.originate(ORDER))
            await manager.until(lambda: "Originate" in manager.names())
            with pytest.raises(HeaderError, match="waits for its answer"):
                await pbx.originate(ORDER)
            manager.cut()
            with pytest.raises(OutcomeUnknown):
                await first

        assert manager.names().count("Originate") == 1

    run(scenario)


def test_a_pbx_too_busy_to_list_its_channels_is_asked_again() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager, list_timeout_s=0.1) as (_, heard):
            await heard.until(LinkUp)
            manager.send(encode_event("Newchannel", CHANNEL))
            manager.send(encode_event("Newstate", [*CHANNEL, ("ChannelStateDesc", "Up")]))
            await heard.until(Answered)
            manager.mute = frozenset({"CoreShowChannels"})
            manager.cut()
            await heard.until(LinkUp, 2)
            asked = manager.names().count("CoreShowChannels")
            await manager.until(lambda: manager.names().count("CoreShowChannels") >= asked + 2)
            assert not heard.of(Finished)
            manager.mute = frozenset()

            assert (await heard.until(Finished)).outcome is Outcome.UNKNOWN

    run(scenario)


def test_a_pbx_too_busy_to_say_when_it_began_is_asked_again() -> None:
    """Taken for the one that was there before, it would put nobody back whom its restart logged out."""

    async def scenario() -> None:
        manager = Manager()
        async with linked(manager, action_timeout_s=1.0) as (_, heard):
            before = await heard.until(LinkUp)
            asked = manager.names().count("CoreStatus")
            manager.mute_once, manager.started = {"CoreStatus"}, "2026-11-22 02:01:40"
            manager.cut()

            # not "later": which quarter of an hour its zone is off by depends on the hour this is played at
            assert (await heard.until(LinkUp, 2)).booted_at != before.booted_at
            assert manager.names().count("CoreStatus") > asked + 1

    run(scenario)


@pytest.mark.parametrize(("stalled_s", "lives"), [(3, True), (30, False)])
def test_where_only_the_uptime_is_told_a_busy_moment_is_not_a_restart(*, stalled_s: int, lives: bool) -> None:
    async def scenario() -> None:
        manager = Manager(refuse=frozenset({"CoreStatus"}), channels=[CHANNEL])
        late = [0.0]

        def clock() -> datetime:
            return datetime.fromtimestamp(1_790_000_000 + late[0], UTC)

        await manager.open()
        settings = LinkSettings(
            host="127.0.0.1", port=manager.port, username="winback", secret=HUSH,
            backoff_first_s=0.02, backoff_max_s=0.05,
        )  # fmt: skip
        pbx = AmiPbx(settings, clock=clock, rng=random.Random(1))  # noqa: S311 - spreads reconnects
        facts = pbx.facts()
        await pbx.start()
        first: Any = await anext(facts)
        late[0] = stalled_s
        manager.cut()
        seen = [await anext(facts) for _ in range(2)]
        second: Any = next(fact for fact in seen if isinstance(fact, LinkUp))
        await pbx.close()
        await manager.close()

        assert (first.booted_at == second.booted_at) is lives

    run(scenario)


@pytest.mark.parametrize("secret", ["hush\nhush", "x" * 2000])
def test_a_secret_that_cannot_travel_stops_the_link_with_a_clear_error(secret: str) -> None:
    async def scenario() -> None:
        manager = Manager()
        await manager.open()
        settings = LinkSettings(
            host="127.0.0.1", port=manager.port, username="winback", secret=secret, login=LoginWay.PLAIN
        )
        pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC))
        await pbx.start()
        with pytest.raises(LoginRefused, match="Secret") as refused:
            await pbx.wait_ready(10)
        await pbx.close()
        await manager.close()

        assert secret not in str(refused.value)

    run(scenario)


def test_a_host_name_that_is_none_is_told_and_tried_again() -> None:
    async def scenario() -> None:
        settings = LinkSettings(host="a" * 70 + ".example", username="x", secret=HUSH, backoff_first_s=0.01)
        pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC))
        facts = pbx.facts()
        await pbx.start()
        lost = await anext(facts)

        assert isinstance(lost, LinkLost)
        assert pbx.state is not LinkState.CLOSED
        await pbx.close()

    run(scenario)


def test_a_fault_of_our_own_is_not_taken_for_a_pbx_that_is_down() -> None:
    def broken(settings: LinkSettings, on_frame: OnFrame, on_lost: OnLost) -> PanoramiskLink:
        raise ZeroDivisionError

    async def scenario() -> None:
        settings = LinkSettings(host="127.0.0.1", username="x", secret=HUSH)
        session = Session(
            settings, transport=broken, clock=lambda: datetime.now(UTC), rng=random.Random(1)  # noqa: S311 - spreads reconnects
        )  # fmt: skip
        await session.start()
        with pytest.raises(LinkDown, match="ZeroDivisionError"):
            await session.wait_ready(10)
        with pytest.raises(LinkDown, match="ZeroDivisionError"):
            async for _ in session.items():
                pass
        await session.close()

        assert session.state is LinkState.CLOSED

    run(scenario)


def test_a_connection_that_was_given_up_says_nothing_later_and_keeps_no_socket() -> None:
    """A peer that reads nothing would hold it for as long as the kernel has bytes to deliver."""

    async def scenario() -> None:
        async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(banner())
            writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads
            arrived.append(writer)

        arrived: list[asyncio.StreamWriter] = []
        lost: list[str] = []
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = LinkSettings(host="127.0.0.1", port=port, username="x", secret=HUSH)
        link = PanoramiskLink(settings, lambda _: None, lost.append)
        await link.open()
        transport = link._protocol.transport  # type: ignore[union-attr]
        answers = []
        for number in range(20_000):
            action = QueuePause(interface="PJSIP/7", paused=True, reason="x" * 900)
            answers.append(link.send(action, f"n-{number}"))
            if transport.get_write_buffer_size() > 0:
                break
        assert transport.get_write_buffer_size() > 0
        link.close()
        for answer in answers:
            with pytest.raises(OutcomeUnknown):
                await answer
        await asyncio.sleep(0)
        with suppress(ConnectionError):
            await arrived[0].drain()

        assert transport.get_extra_info("socket").fileno() == -1
        assert lost == []
        arrived[0].transport.abort()
        server.close()

    run(scenario)
