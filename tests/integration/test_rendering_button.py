"""The organisation changes, one button is pressed, and the Asterisk beside runs what follows from it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench.testbed.install import Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from typer.testing import Result

from dialer.bootstrap import App, make_pbx_config, open_app, pbx_fault
from dialer.core.organisation.rendering import Rendering
from dialer.engine.engine import Engine
from dialer.pbx_settings import AgentSettings, AgiSettings, PbxSettings
from dialer.services.organisation.rendering import ask_for_rendering, read_renderings
from dialer.services.organisation.setup import apply_setup
from dialer.services.organisation.setup_file import read_setup
from dialer.settings import Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render

SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server
NORTH = '[[teams]]\nid = "north"\nagents = ["ben"]\n'
SOUTH = '[[teams]]\nid = "south"\nagents = ["ben"]\n'
LONGEST_S = 60.0


@dataclass(frozen=True)
class Beside:
    """An Asterisk on the machine of the engine, its console on the path."""

    server: AsteriskServer
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.server.folder / "etc"


@pytest.fixture
def beside(
    asterisk: Callable[[str], Installation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Beside]:
    port = free_port()
    said = Settings(
        data_dir=tmp_path / "data",
        pbx=PbxSettings(host="127.0.0.1", port=port, secret=SECRET),  # type: ignore[arg-type]
        agi=AgiSettings(port=free_port()),
        agents=[AgentSettings(id="ben", name="Ben", code="102")],
        log_level="error",
    )
    server = AsteriskServer(
        asterisk("sid"), render(make_pbx_config(said), AsteriskVersion.V22), ami_port=port
    )
    pbx = said.pbx.model_copy(update={"folder": server.folder / "etc"})
    inside = f"/{server.folder.relative_to(server.home.root)}/etc/asterisk.conf"
    (tmp_path / "bin").mkdir()
    console = tmp_path / "bin/asterisk"
    asked = f'exec chroot {server.home.root} /usr/sbin/asterisk -C {inside} -rx "$4"'
    console.write_text(f'#!/bin/sh\n[ "$3" = -rx ] && {asked}\n')
    console.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    with server:
        yield Beside(server, said.model_copy(update={"pbx": pbx}))


def test_one_button_renders_and_reloads_what_a_change_of_the_organisation_needs(beside: Beside) -> None:
    asyncio.run(press_it(beside))
    assert "team_north" in beside.server.cli("queue show team_north")
    assert "No such queue" not in beside.server.cli("queue show team_north")


async def press_it(beside: Beside) -> None:
    with open_app(beside.settings) as app:
        engine = Engine(app)
        running = asyncio.create_task(engine.run())
        try:
            looked = await seen(app, lambda one: True, running)
            assert (looked.seen.differences, looked.seen.faults, looked.seen.obstacle) == ((), (), None)

            change(app, NORTH)
            due = await seen(app, lambda one: bool(one.seen.differences), running)
            assert "winback_queues.conf" in {each.name for each in due.seen.differences}
            assert "+[team_north]" in {line for each in due.seen.differences for line in each.lines}
            assert SECRET not in due.model_dump_json()
            assert ask_for_rendering(app.database, app.settings.pbx.name, "test", app.clock()) is None

            done = await seen(app, lambda one: one.done_at is not None, running)
            assert done.done_well, done.outcome
            assert "queue reload all" in (done.outcome or "")
            assert (done.outcome or "").endswith("Asterisk runs what is rendered.")
            after = await seen(app, lambda one: not one.seen.differences, running)
            assert after.seen.commands == ()
        finally:
            engine.stop()
            await asyncio.wait_for(running, LONGEST_S)


def change(app: App, text: str) -> None:
    assert app.house is not None
    wish = read_setup(text).over
    apply_setup(app.database, app.house.given, wish, now=app.clock(), actor="test", pbx_fault=pbx_fault)


async def seen(app: App, wanted: Callable[[Rendering], bool], engine: "asyncio.Task[None]") -> Rendering:
    """What the engine has written down, once it is as wanted."""
    async with asyncio.timeout(LONGEST_S):
        while True:
            assert not engine.done(), engine
            for one in await asyncio.to_thread(read_renderings, app.database):
                if wanted(one):
                    return one
            await asyncio.sleep(0.1)


def test_the_command_line_renders_and_reloads_at_once(
    beside: Beside, type_in: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_app(beside.settings) as app:
        change(app, SOUTH)
    toml = beside.settings.data_dir / "winback.toml"
    toml.write_text(
        f'[pbx]\nhost = "127.0.0.1"\nport = {beside.settings.pbx.port}\nsecret = "{SECRET}"\n'
        f"[agi]\nport = {beside.settings.agi.port}\n"
    )
    monkeypatch.setenv("WINBACK_CONFIG", str(toml))
    monkeypatch.setenv("WINBACK_DATA_DIR", str(beside.settings.data_dir))

    said = type_in("asterisk", "render", str(beside.folder), "--reload").output
    assert "told Asterisk: queue reload all" in said
    assert "told Asterisk: dialplan reload" in said
    assert "Asterisk runs what Winback would write" in type_in("asterisk", "check", str(beside.folder)).output
    # nothing to write, and all of it is read again
    assert 4 == type_in("asterisk", "render", str(beside.folder), "--reload").output.count("told Asterisk:")
