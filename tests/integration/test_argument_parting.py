"""A permit's variables reach the dialplan whatever `res_agi` of asterisk.conf has a comma mean."""

import asyncio
from collections.abc import Callable

import pytest
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from integration.misbehaving_manager import run
from integration.test_agi_server import TRIED_FIRST, Dialplan, serving, until

from telephony.asterisk.agi.server import AgiSession

PERMIT = {"WB_NUMBER": "442079460123", "WB_TRUNK": "acme", "WB_OK": "1"}


@pytest.mark.parametrize("compat", ["", "[compat]\nres_agi = 1.4\n"], ids=["as it comes", "res_agi = 1.4"])
def test_the_dialplan_reads_what_was_set(asterisk: Callable[[str], Installation], compat: str) -> None:
    async def allow(session: AgiSession) -> None:
        await session.set_variables(PERMIT)

    async def scene() -> None:
        home, port = asterisk("sid"), free_port()
        async with serving(allow) as (agi, _, errors):
            files = {"winback_manager.conf": "", "winback_extensions.conf": "", "test_extensions.conf": (
                f"[ask]\nexten => 1,1,AGI(agi://127.0.0.1:{agi}/permit)\n"
                " same => n,UserEvent(Read,Said: ${WB_NUMBER} ${WB_TRUNK} ${WB_OK})\n"
            )}  # fmt: skip
            server = AsteriskServer(home, files, ami_port=port)
            written = server.folder / "etc" / "asterisk.conf"
            written.write_text(written.read_text() + compat)

            assert await asyncio.to_thread(read_twice, server) == ["442079460123 acme 1"] * 2
            assert errors == []

    asyncio.run(scene())  # an Asterisk starts, which takes what it takes


def read_twice(server: AsteriskServer) -> list[str]:
    """What the dialplan has in its variables after the question; the second one is not tried anew."""
    with server, server.observer() as ami:
        said = []
        for _ in range(2):
            ami.ask("Originate", [
                ("Channel", "Local/1@ask/n"), ("Application", "Wait"), ("Data", "1"), ("Async", "true"),
            ])  # fmt: skip
            frame = ami.wait_for(lambda each: each.get("UserEvent") == "Read", within_s=30)
            said.append(frame.get("Said"))
        return said


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b"200 result=1 (1)\n", "WB_NUMBER=442079460123,WB_TRUNK=acme,WB_OK=1"),
        (b"200 result=1 (1\\,WB_PARTED=1)\n", "WB_NUMBER=442079460123|WB_TRUNK=acme|WB_OK=1"),
    ],
    ids=["comma", "bar"],
)
def test_a_list_is_parted_as_the_pbx_was_seen_to_part_and_that_is_tried_once(held: bytes, said: str) -> None:
    async def scene() -> None:
        async with serving(lambda session: session.set_variables(PERMIT)) as (port, server, errors):
            done = b"200 result=0\n"
            first = await Dialplan(port).run("permit", [done, held, done])
            await until(lambda: not server.sessions)
            second = await Dialplan(port).run("permit", [done])

            assert (first, second) == ([*TRIED_FIRST, f'EXEC MSet "{said}"'], [f'EXEC MSet "{said}"'])
            assert errors == []

    run(scene)
