"""Where the dialplan finds the engines: from the settings into the rendered files, and as doctor sees it."""

import asyncio
import socket
from pathlib import Path

import pytest
from pydantic import ValidationError

from dialer.bootstrap import make_pbx_config
from dialer.cli.doctor_checks import look_at_permits
from dialer.engine.fastagi import allowed_networks
from dialer.pbx_settings import AgiSettings, PbxSettings
from dialer.settings import Settings
from telephony.asterisk.config.model import MOST_AGI

SECRET = "not-a-secret-at-all"  # noqa: S105 - an example


@pytest.fixture(autouse=True)
def _no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asked(agi: AgiSettings) -> list[str]:
    settings = Settings(agi=agi, pbx=PbxSettings(secret=SECRET))  # type: ignore[arg-type]
    return [str(each) for each in make_pbx_config(settings).agi]


def test_the_dialplan_asks_every_engine_named_in_its_order_else_the_one_at_hand() -> None:
    assert asked(AgiSettings()) == ["127.0.0.1:4573"]
    assert asked(AgiSettings(host="0.0.0.0", advertised_host="10.0.0.1")) == ["10.0.0.1:4573"]  # noqa: S104
    two = ["10.0.0.2:4573", "[2001:db8::1]:4574"]
    assert asked(AgiSettings(addresses=two)) == two


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["10.0.0.1:0"],
        ["10.0.0.1:65536"],
        ["10.0.0.1:4573/permit"],
        ["a b:1"],
        ["10.0.0.1:4573)\nexten => x"],
        ["10.0.0.1:4573"] * 2,
        [f"10.0.0.{n}:4573" for n in range(MOST_AGI + 1)],
    ],
)
def test_what_is_no_address_is_refused_before_it_is_rendered(addresses: list[str]) -> None:
    with pytest.raises(ValidationError):
        AgiSettings(addresses=addresses)


def test_the_dialplan_may_ask_from_the_networks_named_else_from_here_and_from_the_pbx() -> None:
    def allowed(agi: AgiSettings, host: str | None) -> list[str]:
        settings = Settings(agi=agi, pbx=PbxSettings(host=host))
        return sorted(str(each) for each in asyncio.run(allowed_networks(settings)))

    here = ["127.0.0.0/8", "::1/128"]
    assert allowed(AgiSettings(), None) == here
    assert allowed(AgiSettings(), "192.0.2.7") == [*here[:1], "192.0.2.7/32", *here[1:]]
    named = AgiSettings(allowed=["10.1.0.0/16"])  # type: ignore[list-item] # as it stands in the file
    assert allowed(named, "192.0.2.7") == ["10.1.0.0/16"]
    with pytest.raises(ValidationError):
        AgiSettings(allowed=["10.1.0.0/33"])  # type: ignore[list-item]


def test_doctor_names_the_address_where_nobody_answers_and_the_engine_that_nobody_asks() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as here,
        socket.create_server(("127.0.0.1", 0)) as there,
        socket.create_server(("127.0.0.1", 0)) as gone,
    ):
        ports = [each.getsockname()[1] for each in (here, there, gone)]
        gone.close()
        others = [f"127.0.0.1:{port}" for port in ports[1:]]
        findings = look_at_permits(Settings(agi=AgiSettings(port=ports[0], addresses=others)))

    assert [finding.ok for finding in findings] == [True, False, False]
    assert others[1] in findings[1].seen
    assert f"127.0.0.1:{ports[0]} is this engine's" in findings[2].seen


def test_a_prefix_names_the_manager_user_and_the_queues_that_nobody_named():
    usual, other = Settings(), Settings(pbx={"prefix": "north-2"}, queues={"outbound": "sales"})
    assert (usual.pbx.user, usual.queues.inbound, usual.queues.outbound) == (
        "winback", "support", "outbound",
    )  # fmt: skip
    assert (other.pbx.user, other.queues.inbound, other.queues.outbound) == (
        "north-2", "north-2_support", "sales",
    )  # fmt: skip
    with pytest.raises(ValidationError, match="prefix"):
        Settings(pbx={"prefix": "north_2"})
