"""The FastAGI server over real TCP: dialogues, scanners, stalls, hang-ups, failures."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import pytest
from integration.misbehaving_manager import run

from telephony.asterisk.agi.admission import Bounds, RefusedBy
from telephony.asterisk.agi.server import AgiServer, AgiSession, Handler
from telephony.asterisk.agi.wire import encode_reply, encode_request
from telephony.asterisk.config.fastagi_secret import channel_proof
from telephony.errors import HeaderError, HungUp, PeerViolation

SECRET = "a secret of the tests"  # noqa: S105 - an example
TRIED_FIRST = ['EXEC MSet "WB_COMMA=1,WB_PARTED=1"', "GET VARIABLE WB_COMMA"]


class Dialplan:
    """One AGI() of a dialplan: opens, answers commands from a script, keeps what it was told."""

    def __init__(self, port: int, proof: str = "") -> None:
        self.port = port
        self.proof = proof
        self.commands: list[str] = []

    async def run(self, path: str, replies: list[bytes] | None = None) -> list[str]:
        """The commands received until the server closes; replies beyond the script are result=1."""
        script = list(replies or [])
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(encode_request([("network_script", path), ("uniqueid", "wb-1"), ("arg_1", self.proof)]))
        while line := await reader.readline():
            self.commands.append(line.decode().rstrip("\n"))
            reply = script.pop(0) if script else encode_reply("1")
            if reply == b"":
                break
            writer.write(reply)
        writer.close()
        return self.commands


@asynccontextmanager
async def serving(handler: Handler, **changes: Any) -> AsyncIterator[tuple[int, AgiServer, list[Exception]]]:
    errors: list[Exception] = []
    server = AgiServer(
        {"permit": handler}, "127.0.0.1", on_error=lambda _path, error: errors.append(error), **changes
    )
    port = await server.start()
    try:
        yield port, server, errors
    finally:
        await server.close()
        assert server.sessions == 0


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 - the server tells nobody when a talk ends
            await asyncio.sleep(0.005)


async def allow(session: AgiSession) -> None:
    await session.set_variable("WB_NUMBER", "442079460123")
    await session.set_variable("WB_OK", session.request.unique_id)


def test_a_handler_sets_variables_in_its_order() -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, server, errors):
            commands = await Dialplan(port).run("permit?x=1")

            assert commands == ["SET VARIABLE WB_NUMBER 442079460123", "SET VARIABLE WB_OK wb-1"]
            assert (server.served, errors) == (1, [])

    run(scenario)


def test_a_dialogue_plays_asks_says_and_reads() -> None:
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        heard.append(await session.play("winback/offer", "12"))
        heard.append(await session.ask_digits("winback/number", 2.5, 12))
        heard.append(await session.ask_digits("winback/number", 2.5, 12))
        heard.append(await session.say_digits("0123"))
        heard.append(await session.say_number(42))
        await session.answer()
        await session.hang_up()

    async def scenario() -> None:
        replies = [
            b"200 result=49 endpos=800\n",
            b"200 result=0123 (timeout)\n",
            b"200 result= (timeout)\n",
            b"200 result=0\n",
            b"200 result=0\n",
        ]
        async with serving(handler) as (port, _, errors):
            commands = await Dialplan(port).run("permit", replies)

            assert heard == ["1", "0123", "", None, None]
            assert commands[0] == "STREAM FILE winback/offer 12"
            assert commands[1] == "GET DATA winback/number 2500 12"
            assert commands[3] == 'SAY DIGITS 0123 ""'
            assert commands[-1] == "HANGUP"
            assert errors == []

    run(scenario)


def test_a_missing_sound_file_is_passed_over_and_its_question_put_with_a_beep() -> None:
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        await session.play("winback/not-recorded")
        heard.append(await session.ask_digits("winback/not-recorded", 2.5, 1))

    async def scenario() -> None:
        missing = [b"200 result=-1\n", b"200 result=6\n"]
        replies = [*missing, *missing, b"200 result=1\n"]
        async with serving(handler) as (port, _, errors):
            commands = await Dialplan(port).run("permit", replies)

            assert heard == ["1"]
            assert commands == [
                'STREAM FILE winback/not-recorded ""',
                "CHANNEL STATUS",
                "GET DATA winback/not-recorded 2500 1",
                "CHANNEL STATUS",
                "GET DATA beep 2500 1",
            ]
            assert errors == []

    run(scenario)


def test_a_question_to_a_caller_who_left_is_not_put_again() -> None:
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        heard.append(await session.ask_digits("winback/number", 2.5, 1))

    async def scenario() -> None:
        async with serving(handler) as (port, _, errors):
            commands = await Dialplan(port).run("permit", [b"200 result=-1\n", b"200 result=-1\n"])

            assert heard == []
            assert commands == ["GET DATA winback/number 2500 1", "CHANNEL STATUS"]
            assert errors == []

    run(scenario)


@pytest.mark.parametrize(
    "reply",
    [b"200 result=-1\n", b"511 Command Not Permitted on a dead channel\n", b""],
    ids=["-1", "511", "eof"],
)
def test_a_caller_who_leaves_ends_the_handler_and_is_no_error(reply: bytes) -> None:
    ends: list[str] = []

    async def handler(session: AgiSession) -> None:
        try:
            await session.play("winback/offer")
        except HungUp:
            ends.append("hung up")
            raise
        ends.append("went on")

    async def scenario() -> None:
        async with serving(handler) as (port, server, errors):
            await Dialplan(port).run("permit", [reply])
            await until(lambda: not server.sessions)

            assert (ends, errors) == (["hung up"], [])

    run(scenario)


def test_after_a_hangup_line_nothing_further_is_set() -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, _, errors):
            commands = await Dialplan(port).run("permit", [b"HANGUP\n200 result=1\n"])

            assert commands == ["SET VARIABLE WB_NUMBER 442079460123"]
            assert errors == []

    run(scenario)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"WB_NUMBER": "442079460123", "WB_WHISPER": "", "WB_OK": "1"},
            [*TRIED_FIRST, 'EXEC MSet "WB_NUMBER=442079460123,WB_OK=1"'],
        ),
        (
            {"WB_TRUNK": "a,WB_OK=1", "WB_RULE": "closed"},
            ['SET VARIABLE WB_TRUNK "a,WB_OK=1"', "SET VARIABLE WB_RULE closed"],
        ),
        ({"WB_WHISPER": ""}, []),
    ],
    ids=["plain", "one that would set another", "empty"],
)
def test_variables_are_set_by_one_command_unless_a_value_could_set_another(
    values: dict[str, str], said: list[str]
) -> None:
    async def scenario() -> None:
        async with serving(lambda session: session.set_variables(values)) as (port, _, errors):
            assert await Dialplan(port).run("permit", [b"200 result=0\n"] * len(said)) == said
            assert errors == []

    run(scenario)


def test_a_pbx_that_cannot_set_several_variables_is_reported() -> None:
    async def scenario() -> None:
        async with serving(lambda session: session.set_variables({"WB_OK": "1"})) as (port, _, errors):
            await Dialplan(port).run("permit", [b"200 result=-2\n"])
            assert [str(error) for error in errors] == ["the PBX did not set the variables"]

    run(scenario)


def test_a_failing_handler_ends_the_talk_is_reported_and_sets_nothing_further() -> None:
    async def handler(session: AgiSession) -> None:
        await session.set_variable("WB_NUMBER", "442079460123")
        raise ValueError("the commit failed")

    async def scenario() -> None:
        async with serving(handler) as (port, _, errors):
            commands = await Dialplan(port).run("permit")

            assert commands == ["SET VARIABLE WB_NUMBER 442079460123"]
            assert [str(error) for error in errors] == ["the commit failed"]
            assert len(await Dialplan(port).run("permit")) == 1

    run(scenario)


@pytest.mark.parametrize("opening", [b"", b"agi_network: yes\n", b"\n", b"GET / HTTP/1.0\r\n\r\n"])
def test_a_port_scan_costs_nothing(opening: bytes) -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, server, _):
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(opening)
                writer.close()
                await writer.wait_closed()
            assert len(await Dialplan(port).run("permit")) == 2
            await until(lambda: not server.sessions)

            assert server.served == 1

    run(scenario)


def test_half_a_request_is_given_up_in_time_and_delays_nobody() -> None:
    async def scenario() -> None:
        async with serving(allow, request_timeout_s=0.2) as (port, _, errors):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"agi_network: yes\n")
            assert len(await Dialplan(port).run("permit")) == 2

            assert await reader.read() == b""
            assert [type(error) for error in errors] == [PeerViolation]
            writer.close()

    run(scenario)


def test_a_client_that_writes_byte_by_byte_is_served() -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, _, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for byte in encode_request([("network_script", "permit"), ("uniqueid", "wb-1")]):
                writer.write(bytes([byte]))
                await writer.drain()

            assert await reader.readline() == b"SET VARIABLE WB_NUMBER 442079460123\n"
            writer.close()

    run(scenario)


def test_a_pbx_that_never_replies_is_given_up() -> None:
    async def scenario() -> None:
        async with serving(allow, reply_timeout_s=0.1) as (port, _, errors):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(encode_request([("network_script", "permit")]))

            assert (await reader.read()).count(b"\n") == 1
            assert "no AGI reply" in str(errors[0])
            writer.close()

    run(scenario)


def test_an_unknown_script_is_closed_and_reported() -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, _, errors):
            assert await Dialplan(port).run("elsewhere") == []
            assert [type(error) for error in errors] == [PeerViolation]

    run(scenario)


def test_what_must_not_travel_is_refused_before_anything_is_sent() -> None:
    async def handler(session: AgiSession) -> None:
        for bad in (
            session.set_variable("SHELL(x)", "1"),
            session.set_variable("A", "1\nEXEC System x"),
            session.play("x", "abc"),
            session.say_digits("12a"),
            session.ask_digits("x", 0, 1),
        ):
            with pytest.raises(HeaderError):
                await bad
        await session.set_variable("DONE", "1")

    async def scenario() -> None:
        async with serving(handler) as (port, _, errors):
            assert await Dialplan(port).run("permit") == ["SET VARIABLE DONE 1"]
            assert errors == []

    run(scenario)


def test_more_talks_than_allowed_are_refused_at_once() -> None:
    async def scenario() -> None:
        release = asyncio.Event()

        async def handler(session: AgiSession) -> None:
            await release.wait()
            await allow(session)

        async with serving(handler, bounds=Bounds(talks=1)) as (port, server, _):
            first = asyncio.create_task(Dialplan(port).run("permit"))
            await until(lambda: server.sessions > 0)
            with pytest.raises((ConnectionError, AssertionError)):
                assert await Dialplan(port).run("permit")
            release.set()

            assert len(await first) == 2
            assert server.refused == 1

    run(scenario)


def test_close_ends_talks_under_way() -> None:
    async def scenario() -> None:
        async def handler(_session: AgiSession) -> None:
            await asyncio.Event().wait()

        async with serving(handler) as (port, server, _):
            talk = asyncio.create_task(Dialplan(port).run("permit"))
            await until(lambda: server.sessions > 0)
            await server.close()

            assert await talk == []

    run(scenario)


def refusals() -> tuple[list[tuple[RefusedBy, str]], Callable[[RefusedBy, str], None]]:
    """A list, and what fills it."""
    said: list[tuple[RefusedBy, str]] = []
    return said, lambda rule, address: said.append((rule, address))


def test_a_talk_that_is_ended_before_it_began_leaves_no_connection_open() -> None:
    def ends_talks(loop: asyncio.AbstractEventLoop, work: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop)
        if work.__name__ == "_talk":
            task.cancel()
        return task

    async def scenario() -> None:
        async with serving(allow) as (port, server, errors):
            asyncio.get_running_loop().set_task_factory(ends_talks)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.timeout(10):
                assert b"" == await reader.read(), "the server closed it"
            writer.close()
            assert (server.served, errors) == (0, [])

    run(scenario)


@pytest.mark.parametrize(
    "proof",
    ["", SECRET, channel_proof(SECRET, "wb-2"), channel_proof("another", "wb-1")],
    ids=["none", "the secret itself", "another channel's", "another secret's"],
)
def test_who_does_not_prove_to_know_the_dialplans_secret_is_told_nothing(proof: str) -> None:
    async def scenario() -> None:
        said, tell = refusals()
        async with serving(allow, secret=SECRET, on_refused=tell) as (port, server, errors):
            assert await Dialplan(port, proof).run("permit") == []
            assert said == [(RefusedBy.PROOF, "127.0.0.1")]
            assert len(await Dialplan(port, channel_proof(SECRET, "wb-1")).run("permit")) == 2
            assert (server.served, errors) == (1, [])

    run(scenario)


def test_nobody_is_heard_from_an_address_the_dialplan_does_not_ask_from() -> None:
    async def scenario() -> None:
        said, tell = refusals()
        elsewhere = (ip_network("192.0.2.0/24"),)
        async with serving(allow, networks=elsewhere, on_refused=tell) as (port, server, errors):
            with pytest.raises((ConnectionError, AssertionError)):
                assert await Dialplan(port).run("permit")
            await until(lambda: bool(said))
            assert (said, server.served, errors) == ([(RefusedBy.ADDRESS, "127.0.0.1")], 0, [])

    run(scenario)


def test_hundreds_of_connections_that_say_nothing_keep_no_call_from_its_permit() -> None:
    async def scenario() -> None:
        said, tell = refusals()
        half_open: list[asyncio.StreamWriter] = []
        async with serving(allow, request_timeout_s=30.0, on_refused=tell) as (port, server, errors):

            async def flood() -> None:
                for n in range(600):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(b"agi_network: yes\n" if n % 2 else b"")
                    half_open.append(writer)

            async def calls() -> list[int]:
                return [len(await Dialplan(port).run("permit")) for _ in range(60)]

            _, before = await asyncio.gather(flood(), calls())
            after = await calls()
            await until(lambda: server.sessions <= Bounds().silent_each)

            assert before == after == [2] * 60, "every call got its permit"
            assert server.served == 120
            assert errors == []
            assert {rule for rule, _ in said} == {RefusedBy.CROWD}
            for writer in half_open:
                writer.transport.abort()

    run(scenario)


def test_a_request_without_end_is_given_up_before_it_fills_the_memory() -> None:
    async def scenario() -> None:
        async with serving(allow) as (port, _, errors):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for n in range(8):
                writer.write(f"agi_arg_{n}: {'x' * 3000}\n".encode())
            with suppress(ConnectionError):
                assert await reader.read() == b""
            await until(lambda: bool(errors))

            assert [type(error) for error in errors] == [PeerViolation]
            writer.close()

    run(scenario)
