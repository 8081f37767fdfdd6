"""Rendered and forgotten: whoever did not reload is told which section runs otherwise, and the command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench.testbed.install import KNOWN_SUITES, Installation
from bench.testbed.ports import free_port
from bench.testbed.server import AsteriskServer
from typer.testing import Result

from dialer.bootstrap import make_pbx_config
from dialer.pbx_settings import AgentSettings, PbxSettings, SoundSettings, TrunkSettings
from dialer.settings import Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render

Type = Callable[..., Result]
SECRET = "a-secret-for-a-loopback-port"  # noqa: S105 - a test server


@dataclass(frozen=True)
class Place:
    """A running Asterisk and the file that says how it should be."""

    server: AsteriskServer
    toml: Path
    version: int

    @property
    def folder(self) -> str:
        return str(self.server.folder / "etc")

    def say(self, *, agents: str, channels: int, record: str) -> None:
        """Write winback.toml."""
        self.toml.write_text(
            f'[pbx]\nhost = "127.0.0.1"\nport = {self.server.ami_port}\nsecret = "{SECRET}"\n'
            f"version = {self.version}\n[sound]\nrecord = {record}\nmachine_hint = true\n"
            f'[whisper]\ncampaign = "w/c"\n[[trunks]]\nname = "main"\nchannels = {channels}\n{agents}'
        )


@pytest.fixture(params=list(KNOWN_SUITES))
def place(
    request: pytest.FixtureRequest,
    asterisk: Callable[[str], Installation],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    suite: str = request.param
    port, version = free_port(), KNOWN_SUITES[suite]
    settings = Settings(
        pbx=PbxSettings(host="127.0.0.1", port=port, secret=SECRET, version=version),  # type: ignore[arg-type]
        trunks=[TrunkSettings(name="main", channels=5)],
        agents=[AgentSettings(id="anna", name="Anna", code="101")],
        sound=SoundSettings(record=True, machine_hint=True),
        whisper={"campaign": "w/c"},  # type: ignore[arg-type]
    )
    server = AsteriskServer(
        asterisk(suite), render(make_pbx_config(settings), AsteriskVersion(version)), ami_port=port
    )
    monkeypatch.setenv("WINBACK_CONFIG", str(tmp_path / "winback.toml"))
    with server:
        yield Place(server, tmp_path / "winback.toml", version)


ANNA = '[[agents]]\nid = "anna"\nname = "Anna"\ncode = "101"\n'
BEN = '[[agents]]\nid = "ben"\nname = "Ben"\ncode = "102"\n'


def test_who_rendered_and_forgot_to_reload_is_told_what_to_load(place: Place, type_in: Type) -> None:
    place.say(agents=ANNA, channels=5, record="true")
    assert "Asterisk runs what Winback would write" in type_in("asterisk", "check", place.folder).output

    place.say(agents=ANNA + BEN, channels=6, record="false")
    type_in("asterisk", "render", place.folder)
    said = type_in("asterisk", "check", place.folder, code=1).output
    for line in (
        "winback-trunk-main runs otherwise",
        "> 6]?full)",
        "winback-inbound runs otherwise",
        "queue support member ben Local/ben@winback-agents/n Agent:ben",
        "agent ben (Ben)",
    ):
        assert line in said, said
    commands = {line.split("asterisk -rx '")[1].rstrip("'") for line in said.splitlines() if "-rx '" in line}
    assert commands == {"dialplan reload", "queue reload all", "module reload app_agent_pool.so"}
    findings = type_in("doctor", code=1).output
    assert "winback-trunk-main" in findings

    for command in sorted(commands):
        place.server.cli(command)
    assert "Asterisk runs what Winback would write" in type_in("asterisk", "check", place.folder).output

    place.server.cli("dialplan add extension 1,1,Hangup, into winback-permit replace")
    said = type_in("asterisk", "check", place.folder, code=1).output
    assert "winback-permit runs otherwise" in said
    assert "Hangup" in said


def test_a_server_that_cannot_be_asked_is_no_server_that_agrees(place: Place, type_in: Type) -> None:
    place.say(agents=ANNA, channels=5, record="true")
    place.server.stop()
    assert "could not be looked at" in type_in("asterisk", "check", place.folder, code=1).output
