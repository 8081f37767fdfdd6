"""The link over real TCP, against a small manager that can misbehave: panoramisk's faults stay cured."""

import asyncio
import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from integration.misbehaving_manager import ATTEMPT, BOOTED, HUSH, ORDER, Heard, Manager, linked, run

from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings, LoginWay
from telephony.asterisk.ami.wire import encode_event, encode_response
from telephony.calls.events import (
    LinkLost,
    LinkUp,
    MemberSeen,
)
from telephony.errors import ActionRefused, HeaderError, LinkDown, LoginRefused, OutcomeUnknown
from telephony.ports import CallOrder, LinkState


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
        assert sent[0].get("Channel") == f"Local/{ATTEMPT}@winback-permit/n"
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


@pytest.mark.parametrize("seed", range(3))
def test_on_a_bad_line_every_originate_is_on_the_wire_once_at_most(seed: int) -> None:
    """What a caller is told matches the wire: done is once, link down is never, unknown is at most once."""

    async def scenario() -> None:
        chance = random.Random(seed)  # noqa: S311 - a seeded line, not a secret
        manager = Manager()
        orders = [
            CallOrder(attempt=f"wb-{number:010d}", queue="outbound", ring_s=25) for number in range(150)
        ]
        ends: dict[str, str] = {}

        async def place(pbx: AmiPbx, order: CallOrder) -> None:
            try:
                await pbx.originate(order)
            except (LinkDown, OutcomeUnknown) as error:
                ends[order.attempt] = type(error).__name__
            else:
                ends[order.attempt] = "done"

        async with linked(manager, action_timeout_s=0.05, backoff_first_s=0.005) as (pbx, _):
            await pbx.wait_ready(10)
            async with asyncio.TaskGroup() as group:
                for order in orders:
                    manager.mute = frozenset({"Originate"} if chance.random() < 0.3 else ())
                    group.create_task(place(pbx, order))
                    if chance.random() < 0.1:
                        manager.cut()
                    await asyncio.sleep(chance.random() * 0.01)
            await pbx.wait_ready(10)
            await pbx.snapshot()

        sent = [frame.action_id for frame in manager.seen if frame.action == "Originate"]
        assert len(sent) == len(set(sent))
        assert {"done", "LinkDown", "OutcomeUnknown"} == set(ends.values())
        assert {attempt for attempt, end in ends.items() if end == "done"} <= set(sent)
        assert not {attempt for attempt, end in ends.items() if end == "LinkDown"} & set(sent)

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


def test_a_broken_frame_costs_the_link_and_not_the_process() -> None:
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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that only its own file vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    words = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*words.split(), "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


def served_over_tls(certificate: tuple[Path, Path]) -> Manager:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return Manager(tls=context)


def test_the_link_speaks_tls_with_a_pbx_it_trusts(certificate: tuple[Path, Path]) -> None:
    async def scenario() -> None:
        manager = served_over_tls(certificate)
        async with linked(manager, tls=True, tls_ca=str(certificate[0])) as (pbx, heard):
            await pbx.wait_ready(10)
            await pbx.originate(ORDER)
            manager.cut()
            await heard.until(LinkUp, 2)

            assert manager.names().count("Originate") == 1

    run(scenario)


def test_the_secret_is_not_given_to_a_pbx_it_does_not_trust(certificate: tuple[Path, Path]) -> None:
    async def scenario() -> None:
        manager = served_over_tls(certificate)
        async with linked(manager, tls=True, login=LoginWay.PLAIN) as (_, heard):
            lost = await heard.until(LinkLost)

            assert "certificate" in lost.reason.lower()
        assert manager.seen == []

    run(scenario)
