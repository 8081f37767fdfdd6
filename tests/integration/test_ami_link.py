"""The link over real TCP, against a small manager that can misbehave: panoramisk's faults stay cured."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from telephony.ami import actions
from telephony.ami.adapter import AmiPbx
from telephony.ami.link import LinkSettings, LinkState, LoginWay
from telephony.ami.wire import (
    ACTION_LIMITS,
    Frame,
    FrameReader,
    banner,
    encode_event,
    encode_response,
)
from telephony.calls.events import (
    Answered,
    CallerJoined,
    Device,
    Fact,
    Finished,
    LinkLost,
    LinkUp,
    MemberSeen,
    Outcome,
)
from telephony.errors import ActionRefused, HeaderError, LinkDown, LoginRefused, OutcomeUnknown
from telephony.ports import CallOrder

HUSH = "a secret nobody prints"
ATTEMPT = "wb-" + "a" * 26
ORDER = CallOrder(attempt=ATTEMPT, queue="outbound", ring_s=25)
BOOTED = encode_event("FullyBooted", [("Uptime", "100"), ("LastReload", "100"), ("Status", "Fully Booted")])


@dataclass
class Manager:
    """A manager on loopback. Its flags are its faults; `seen` is every action it received."""

    wrong_secret: bool = False
    mute: frozenset[str] = frozenset()
    refuse: frozenset[str] = frozenset()
    boots: bool = True
    greeting: bytes = field(default_factory=banner)
    started: str = "2026-11-22 02:00:00"
    channels: list[list[tuple[str, str]]] = field(default_factory=list)
    queues: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    seen: list[Frame] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.cut()
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def send(self, data: bytes) -> None:
        for writer in self.writers:
            writer.write(data)

    def names(self) -> list[str]:
        return [frame.action for frame in self.seen if frame.action not in ("Ping", "Logoff")]

    async def until(self, met: Callable[[], bool]) -> None:
        async with self.arrived, asyncio.timeout(10):
            await self.arrived.wait_for(met)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        writer.write(self.greeting)
        frames = FrameReader(ACTION_LIMITS)
        try:
            while data := await reader.read(4096):
                for frame in frames.receive(data):
                    self.seen.append(frame)
                    self.answer(frame, writer)
                async with self.arrived:
                    self.arrived.notify_all()
        except ConnectionError:
            pass
        finally:
            writer.close()
            async with self.arrived:
                self.arrived.notify_all()

    def answer(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        if frame.action not in self.mute:
            self.speak(frame, writer)

    def speak(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        key = ("ActionID", frame.action_id)
        if frame.action in self.refuse:
            writer.write(encode_response("Error", [key, ("Message", "Permission denied")]))
        elif frame.action == "Challenge":
            writer.write(encode_response("Success", [key, ("Challenge", "42")]))
        elif frame.action == "Login":
            proof = hashlib.md5(b"42" + HUSH.encode(), usedforsecurity=False).hexdigest()
            good = proof == frame.get("Key") or frame.get("Secret") == HUSH
            if self.wrong_secret or not good:
                writer.write(encode_response("Error", [key, ("Message", "Authentication failed")]))
                writer.close()
                return
            writer.write(encode_response("Success", [key]) + (BOOTED if self.boots else b""))
        elif frame.action == "CoreStatus":
            day, hour = self.started.split()
            headers = [key, ("CoreStartupDate", day), ("CoreStartupTime", hour)]
            writer.write(encode_response("Success", headers))
        elif frame.action == "CoreShowChannels":
            writer.write(encode_response("Success", [key, ("EventList", "start")]))
            for channel in self.channels:
                writer.write(encode_event("CoreShowChannel", [key, *channel]))
            writer.write(encode_event("CoreShowChannelsComplete", [key, ("EventList", "Complete")]))
        elif frame.action == "QueueStatus":
            writer.write(encode_response("Success", [key, ("EventList", "start")]))
            for name, headers in self.queues:
                writer.write(encode_event(name, [key, *headers]))
            writer.write(encode_event("QueueStatusComplete", [key, ("EventList", "Complete")]))
        else:
            writer.write(encode_response("Success", [key, ("Message", f"{frame.action} done")]))


class Heard:
    """Everything a link reports, with a way to wait for it."""

    def __init__(self, pbx: AmiPbx) -> None:
        self.facts: list[Fact] = []
        self.error: Exception | None = None
        self._pbx = pbx
        self._news = asyncio.Condition()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for fact in self._pbx.facts():
                self.facts.append(fact)
                async with self._news:
                    self._news.notify_all()
        except LoginRefused as refusal:
            self.error = refusal
        async with self._news:
            self._news.notify_all()

    async def until(self, kind: type[Fact], count: int = 1) -> Any:
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def of(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@asynccontextmanager
async def linked(manager: Manager, **changes: Any) -> AsyncIterator[tuple[AmiPbx, Heard]]:
    """A manager, and a link to it that is not waited for."""
    await manager.open()
    quick = {"backoff_first_s": 0.02, "backoff_max_s": 0.05, "action_timeout_s": 5.0, **changes}
    settings = LinkSettings(host="127.0.0.1", port=manager.port, username="winback", secret=HUSH, **quick)
    pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC), rng=random.Random(1))  # noqa: S311 - spreads reconnects
    heard = Heard(pbx)
    try:
        await pbx.start()
        yield pbx, heard
    finally:
        await pbx.close()
        await asyncio.wait_for(heard.task, 10)
        await manager.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(bounded())


@pytest.mark.parametrize("way", LoginWay)
def test_the_link_is_ready_after_login_and_fully_booted(way: LoginWay) -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager, login=way) as (pbx, heard):
            await pbx.wait_ready(10)
            up = await heard.until(LinkUp)

            assert pbx.state is LinkState.READY
            assert up.booted_at is not None
            secrets = [frame for frame in manager.seen if frame.get("Secret")]
            assert len(secrets) == (1 if way is LoginWay.PLAIN else 0)

    run(scenario)


def test_without_fully_booted_nothing_is_sent() -> None:
    async def scenario() -> None:
        manager = Manager(boots=False)
        async with linked(manager) as (pbx, _):
            await manager.until(lambda: "Login" in manager.names())
            with pytest.raises(LinkDown):
                await pbx.originate(ORDER)
            with pytest.raises(LinkDown):
                await pbx.wait_ready(0.05)
            manager.send(BOOTED)
            await pbx.wait_ready(10)
            await pbx.originate(ORDER)

            assert manager.names().count("Originate") == 1

    run(scenario)


def test_an_originate_names_the_attempt_only_and_goes_out_once() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            await pbx.originate(ORDER)

        sent = [frame for frame in manager.seen if frame.action == "Originate"]
        assert len(sent) == 1
        assert sent[0].get("Channel") == f"Local/{ATTEMPT}@winback-gate/n"
        assert (sent[0].get("ActionID"), sent[0].get("ChannelId")) == (ATTEMPT, ATTEMPT)
        assert (sent[0].get("Context"), sent[0].get("Exten")) == ("winback-connect", "outbound")
        assert (sent[0].get("Timeout"), sent[0].get("Async")) == ("35000", "true")
        assert not sent[0].all("Variable")

    run(scenario)


def test_a_line_end_in_a_header_is_refused_and_nothing_is_sent() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            for bad in ("x\r\nAction: Command", "x\nAction: Command", "x\rAction: Command", "x\0"):
                with pytest.raises(HeaderError):
                    await pbx.pause("PJSIP/7", reason=bad)
                with pytest.raises(HeaderError):
                    await pbx.originate(CallOrder(attempt=ATTEMPT, queue=bad, ring_s=25))
            await pbx.pause("PJSIP/7", reason="lunch")

        assert "Command" not in manager.names()
        assert manager.names().count("QueuePause") == 1
        assert "Originate" not in manager.names()

    run(scenario)


def test_an_unanswered_action_is_unknown_in_time_and_never_sent_again() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Originate"}))
        async with linked(manager, action_timeout_s=0.1) as (pbx, heard):
            await pbx.wait_ready(10)
            with pytest.raises(OutcomeUnknown):
                await pbx.originate(ORDER)
            manager.cut()
            await heard.until(LinkUp, 2)
            await pbx.snapshot()

            assert manager.names().count("Originate") == 1
            assert pbx.health().unknown_outcomes == 1

    run(scenario)


def test_link_loss_makes_pending_actions_unknown_and_nothing_is_sent_again() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Originate", "Hangup"}))
        async with linked(manager) as (pbx, heard):
            await pbx.wait_ready(10)
            pending = [asyncio.create_task(pbx.originate(ORDER)), asyncio.create_task(pbx.hang_up("x"))]
            await manager.until(lambda: {"Originate", "Hangup"} <= set(manager.names()))
            manager.cut()
            for task in pending:
                with pytest.raises(OutcomeUnknown):
                    await task
            await heard.until(LinkLost)
            await heard.until(LinkUp, 2)
            await pbx.snapshot()

            assert manager.names().count("Originate") == 1
            assert manager.names().count("Hangup") == 1

    run(scenario)


def test_while_down_actions_are_refused_and_do_not_pile_up() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, heard):
            await pbx.wait_ready(10)
            await manager.close()
            await heard.until(LinkLost)
            for _ in range(20):
                with pytest.raises(LinkDown):
                    await pbx.originate(ORDER)
            await manager.open()
            await pbx.wait_ready(10)
            await pbx.snapshot()

            assert "Originate" not in manager.names()

    run(scenario)


def test_a_late_answer_is_counted_and_harms_nobody() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Hangup"}))
        async with linked(manager, action_timeout_s=0.1) as (pbx, _):
            await pbx.wait_ready(10)
            with pytest.raises(OutcomeUnknown):
                await pbx.hang_up("x")
            action_id = next(frame.action_id for frame in manager.seen if frame.action == "Hangup")
            manager.send(encode_response("Success", [("ActionID", action_id)]))
            await pbx.pause("PJSIP/7", reason="lunch")

            assert pbx.health().late_answers == 1

    run(scenario)


def test_a_refusal_is_told_with_its_reason() -> None:
    async def scenario() -> None:
        manager = Manager(refuse=frozenset({"QueuePause"}))
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            with pytest.raises(ActionRefused, match="Permission denied"):
                await pbx.resume("PJSIP/7")

    run(scenario)


def test_a_wrong_secret_stops_with_a_clear_error_and_one_try(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        manager = Manager(wrong_secret=True)
        async with linked(manager, backoff_first_s=0.001, backoff_max_s=0.001) as (pbx, heard):
            with pytest.raises(LoginRefused, match="Authentication failed"):
                await pbx.wait_ready(10)
            await asyncio.wait_for(heard.task, 10)

            assert isinstance(heard.error, LoginRefused)
            assert pbx.state is LinkState.CLOSED
            assert manager.names().count("Login") == 1
            with pytest.raises(LoginRefused):
                await pbx.originate(ORDER)
        assert manager.connections == 1
        assert HUSH not in str(heard.error)

    run(scenario)
    assert HUSH not in caplog.text


def test_secrets_and_actions_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Originate"}))
        async with linked(manager, login=LoginWay.PLAIN, action_timeout_s=0.05) as (pbx, heard):
            await pbx.wait_ready(10)
            with pytest.raises(OutcomeUnknown):
                await pbx.originate(ORDER)
            manager.cut()
            await heard.until(LinkUp, 2)

    caplog.set_level("DEBUG")
    run(scenario)
    assert HUSH not in caplog.text
    assert ATTEMPT not in caplog.text
    assert HUSH not in repr(LinkSettings(host="x", username="x", secret=HUSH))


def test_a_dead_peer_is_noticed_by_its_silence() -> None:
    async def scenario() -> None:
        manager = Manager(mute=frozenset({"Ping"}))
        async with linked(manager, ping_every_s=0.05, dead_after_s=0.3) as (_, heard):
            await heard.until(LinkUp)
            lost = await heard.until(LinkLost)

            assert "said nothing" in lost.reason
            await heard.until(LinkUp, 2)

    run(scenario)


def test_pings_keep_a_quiet_link_alive() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager, ping_every_s=0.02, dead_after_s=1.0) as (pbx, heard):
            await heard.until(LinkUp)
            await manager.until(lambda: [frame.action for frame in manager.seen].count("Ping") >= 5)

            assert pbx.state is LinkState.READY
            assert not heard.of(LinkLost)

    run(scenario)


def test_close_during_a_reconnect_is_final() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager, backoff_first_s=0.2, backoff_max_s=0.2) as (pbx, heard):
            await pbx.wait_ready(10)
            manager.cut()
            await heard.until(LinkLost)
            await pbx.close()
            connections = manager.connections
            with pytest.raises(LinkDown):
                await pbx.start()
            await asyncio.wait_for(heard.task, 10)

            assert pbx.state is LinkState.CLOSED
            assert [task for task in asyncio.all_tasks() if task.get_name().startswith("ami-")] == []
            assert manager.connections == connections

    run(scenario)


def test_close_while_connecting_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        manager = Manager(greeting=b"")
        async with linked(manager) as (pbx, heard):
            await manager.until(lambda: True)
            await pbx.close()
            await asyncio.wait_for(heard.task, 10)

            assert pbx.state is LinkState.CLOSED

    run(scenario)


def test_another_service_on_the_port_is_not_talked_to() -> None:
    async def scenario() -> None:
        manager = Manager(greeting=b"SSH-2.0-OpenSSH_9.2\r\n")
        async with linked(manager) as (_, heard):
            lost = await heard.until(LinkLost)

            assert "not an Asterisk manager port" in lost.reason
        assert manager.seen == []

    run(scenario)


def test_a_character_split_over_two_segments_arrives_whole() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (_, heard):
            await heard.until(LinkUp)
            await manager.until(lambda: "QueueStatus" in manager.names())  # answers come in between else
            data = encode_event(
                "QueueMemberStatus",
                [("Queue", "support"), ("MemberName", "Zoë"), ("Interface", "PJSIP/7"), ("Status", "1")],
            )
            cut = data.index(b"\xc3") + 1
            manager.send(data[:cut])
            for writer in manager.writers:
                await writer.drain()
            await asyncio.sleep(0.05)  # a segment of its own: the kernel would join the two
            manager.send(data[cut:])
            member = await heard.until(MemberSeen)

            assert member.agent == "Zoë"

    run(scenario)


def test_a_broken_frame_costs_the_link_and_not_the_house() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (_, heard):
            await heard.until(LinkUp)
            manager.send(b"Event: X" * 100_000)
            lost = await heard.until(LinkLost)

            assert "bytes" in lost.reason
            await heard.until(LinkUp, 2)

    run(scenario)


def test_too_many_unread_events_start_over_from_a_snapshot() -> None:
    async def scenario() -> None:
        manager = Manager()
        await manager.open()
        settings = LinkSettings(
            host="127.0.0.1", port=manager.port, username="winback", secret=HUSH, max_waiting=50
        )
        pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC))
        await pbx.start()
        await pbx.wait_ready(10)
        manager.send(encode_event("Newstate", [("Uniqueid", "1.1")]) * 100)
        heard = None
        try:
            await manager.until(lambda: pbx.health().losses > 0)
            heard = Heard(pbx)
            lost = await heard.until(LinkLost)
            assert "wait to be read" in lost.reason
        finally:
            await pbx.close()
            if heard is not None:
                await heard.task
            await manager.close()

    run(scenario)


def test_a_snapshot_reads_channels_members_callers_and_boot_time() -> None:
    async def scenario() -> None:
        manager = Manager(
            channels=[
                [
                    ("Channel", f"Local/{ATTEMPT}@winback-gate-1;1"),
                    ("Uniqueid", ATTEMPT),
                    ("Linkedid", ATTEMPT),
                    ("ChannelStateDesc", "Up"),
                    ("BridgeId", "b-1"),
                    ("Duration", "01:02:03"),
                    ("Application", "Queue"),
                ]
            ],
            queues=[
                ("QueueParams", [("Queue", "support"), ("Calls", "1")]),
                (
                    "QueueMember",
                    [("Queue", "support"), ("Name", "7"), ("Location", "PJSIP/7"), ("Status", "6")],
                ),
                ("QueueEntry", [("Queue", "support"), ("Position", "1"), ("Uniqueid", "9.1"), ("Wait", "4")]),
            ],
        )
        async with linked(manager) as (pbx, heard):
            up = await heard.until(LinkUp)
            joined = await heard.until(CallerJoined)
            snapshot = await pbx.snapshot()

            assert snapshot.booted_at == up.booted_at
            assert snapshot.living == {ATTEMPT}
            assert (snapshot.channels[0].duration_s, snapshot.channels[0].bridged) == (3723.0, True)
            assert [(each.agent, each.device) for each in snapshot.members] == [("7", Device.RINGING)]
            assert [(each.caller, each.waited_s) for each in snapshot.callers] == [("9.1", 4.0)]
            assert (joined.caller, joined.position) == ("9.1", 1)
            assert heard.facts.index(up) < heard.facts.index(heard.of(MemberSeen)[0])

    run(scenario)


CHANNEL = [("Channel", f"Local/{ATTEMPT}@winback-gate-1;1"), ("Uniqueid", ATTEMPT), ("Linkedid", ATTEMPT)]


@pytest.mark.parametrize("how", ["lives", "gone", "restarted"])
def test_after_a_gap_the_truth_is_read(how: str) -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, heard):
            first = await heard.until(LinkUp)
            manager.send(encode_event("Newchannel", CHANNEL))
            manager.send(encode_event("Newstate", [*CHANNEL, ("ChannelStateDesc", "Up")]))
            await heard.until(Answered)
            manager.channels = [CHANNEL] if how == "lives" else []
            manager.started = "2026-11-22 03:07:00" if how == "restarted" else manager.started
            manager.cut()
            second = await heard.until(LinkUp, 2)
            assert (first.booted_at == second.booted_at) is (how != "restarted")
            if how == "lives":
                await pbx.snapshot()
                manager.send(encode_event("Hangup", [*CHANNEL, ("Cause", "16")]))
            finished = await heard.until(Finished)

            assert finished.outcome is (Outcome.HUNG_UP_WAITING if how == "lives" else Outcome.UNKNOWN)
            assert len(heard.of(Finished)) == 1

    run(scenario)


def test_members_follow_every_link_up() -> None:
    async def scenario() -> None:
        member = ("QueueMember", [("Queue", "support"), ("Name", "7"), ("Location", "PJSIP/7")])
        manager = Manager(queues=[member])
        async with linked(manager) as (_, heard):
            await heard.until(MemberSeen)
            manager.cut()
            await heard.until(MemberSeen, 2)

            kinds = [type(fact) for fact in heard.facts]
            assert kinds == [LinkUp, MemberSeen, LinkLost, LinkUp, MemberSeen]

    run(scenario)


def test_members_can_be_added_removed_and_logged_off() -> None:
    async def scenario() -> None:
        manager = Manager()
        async with linked(manager) as (pbx, _):
            await pbx.wait_ready(10)
            await pbx.add_member("support", "Local/7@agents/n", agent="7", state_interface="Agent:7")
            await pbx.remove_member("support", "Local/7@agents/n")
            await pbx.log_off("7")

        sent = [actions.QueueAdd.name, actions.QueueRemove.name, actions.AgentLogoff.name]
        assert [name for name in manager.names() if name in sent] == sent

    run(scenario)
