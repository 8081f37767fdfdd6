"""On a FreePBX only `_custom` files are written, and calls take the site's own routes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from asterisk.freepbx import FILES, ROUTE_CALLER_ID, with_manager
from bench.testbed.dialplan_actors import LONGEST_S
from bench.testbed.install import KNOWN_SUITES, Installation
from bench.testbed.permits import FakePermits
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from contract.listener import Listener, now
from typer.testing import Result

from dialer.bootstrap import make_link, make_pbx_config
from dialer.settings import Settings
from telephony.calls.events import CallerConnected, Connected, Device, Finished, MemberSeen, Outcome
from telephony.ports import CallOrder

Type = Callable[..., Result]
PHONE = "Local/102@from-queue/n"  # what FreePBX's own queues call this agent by
TALKS, BUSY, NOBODY = "15550100102", "15550100900", "15550100300"


def settings_text(ami_port: int, agi_port: int, version: int) -> str:
    return (
        f'caller_id = "+441632960001"\n[pbx]\nhost = "127.0.0.1"\nport = {ami_port}\n'
        f'secret = "winback-on-loopback"\nversion = {version}\nfreepbx = true\ncode_stem = "#5"\n'
        f"[agi]\nport = {agi_port}\n"
        f'[[trunks]]\nname = "acme"\n[[agents]]\nid = "ben"\nphone = "{PHONE}"\ncode = "102"\n'
    )


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("suite", list(KNOWN_SUITES))
def test_a_freepbx_is_joined_through_its_custom_files_alone(
    asterisk: Callable[[str], Installation],
    suite: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    type_in: Type,
) -> None:
    async def scene() -> None:
        permits, port = FakePermits(), free_port()
        await permits.start()
        file = tmp_path / "winback.toml"
        file.write_text(settings_text(port, permits.address[1], KNOWN_SUITES[suite]))
        monkeypatch.setenv("WINBACK_CONFIG", str(file))
        server = AsteriskServer(asterisk(suite), FILES, ami_port=port)
        etc = server.folder / "etc"
        (etc / "manager.conf").write_text(with_manager((etc / "manager.conf").read_text()))
        before = contents(etc)

        shown = type_in("asterisk", "render", str(etc), "--freepbx").output
        after = contents(etc)
        touched = {name for name in after if after[name] != before.get(name)}
        assert touched == {
            f"{start}{kind}_custom.conf"
            for start in ("", "winback_")
            for kind in ("extensions", "queues", "manager")
        }
        assert "winback-inbound,support,1" in shown
        assert "include => winback-agent-codes" in shown
        assert "Nothing to write" in type_in("asterisk", "render", str(etc), "--freepbx").output

        settings = Settings()
        assert (
            "Dial(Local/${FILTER(0-9,${EXTEN})}@from-internal/n," in after["winback_extensions_custom.conf"]
        )
        with server:
            pbx = make_link(settings, now)
            ear = Listener(pbx)
            await pbx.start()
            await pbx.wait_ready()
            await use(server, ear, settings, permits)
            await ear.close()
            taken = type_in("asterisk", "remove", str(etc), "--freepbx").output
            assert "-#include winback_queues_custom.conf" in taken
            assert contents(etc) == before
        await permits.close()
        assert permits.failures == []

    asyncio.run(scene())


async def use(server: AsteriskServer, ear: Listener, settings: Settings, permits: FakePermits) -> None:
    """A day in short: log in, a call by the site's routes, do not disturb, the custom destination."""
    pbx, (line,) = ear.pbx, make_pbx_config(settings).agents
    assert line.state_interface == "hint:102@ext-local"
    assert not [fact for fact in ear.facts if isinstance(fact, MemberSeen)], "the site's queue makes no agent"
    for queue in ("support", "outbound", line.own_queue):
        await pbx.add_member(queue, line)
    await ear.first(MemberSeen, lambda fact: fact.device is Device.FREE)

    async def call(serial: int, number: str, ring_s: int = 30) -> str:
        attempt = f"wb-freepbx{serial:06d}"
        permits.numbers[attempt], permits.rings[attempt] = number, ring_s
        await pbx.originate(CallOrder(attempt=attempt, queue="outbound", ring_s=ring_s))
        return attempt

    talk = await call(1, TALKS)
    connected = await ear.of(talk, Connected)
    assert connected.agent == "ben"
    log = server.log()
    assert f'UserEvent("Local/{TALKS}@from-internal' in log, "the site's recording policy was asked"
    assert f'"CALLERID(num)={ROUTE_CALLER_ID}"' in log, "the route shows the number it wants"
    await pbx.hang_up(talk)
    assert (await ear.of(talk, Finished)).outcome is Outcome.CONNECTED
    for serial, (number, outcome) in enumerate(
        ((BUSY, Outcome.BUSY), (NOBODY, Outcome.NO_ANSWER), ("0", Outcome.BAD_NUMBER)), 2
    ):
        attempt = await call(
            serial, number if number != "0" else "29550100102", ring_s=2 if number == NOBODY else 30
        )
        assert (await ear.of(attempt, Finished)).outcome is outcome

    since = len(ear.facts)
    await do_not_disturb(server, "BUSY")
    await ear.first(MemberSeen, lambda fact: fact.device is Device.IN_USE, since=since)
    await do_not_disturb(server, "NOT_INUSE")
    await ear.first(MemberSeen, lambda fact: fact.device is Device.FREE, since=since)

    await dial(server, "7777")
    served = await ear.first(CallerConnected, since=since)
    assert (served.agent, served.queue) == ("ben", "support")


async def do_not_disturb(server: AsteriskServer, state: str) -> None:
    def ask() -> None:
        with server.observer() as ami:
            ami.ask("Setvar", [("Variable", "DEVICE_STATE(Custom:DND102)"), ("Value", state)])

    await asyncio.to_thread(ask)


async def dial(server: AsteriskServer, extension: str) -> None:
    def ask() -> None:
        with server.observer() as ami:
            ami.call(
                ("Channel", f"Local/listen{LONGEST_S}@test-callers/n"), ("Context", "from-internal"),
                ("Exten", extension), ("Priority", "1"), ("CallerID", '"" <07700900123>'),
            )  # fmt: skip

    await asyncio.to_thread(ask)
