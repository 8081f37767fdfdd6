"""What is in `deploy/` names only what there is: commands, settings, files."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dialer.bootstrap import make_pbx_config
from dialer.cli.commands import COMMANDS
from dialer.setting_names import BETWEEN, PREFIX, known
from dialer.settings import Settings
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.render import render

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd/winback@.service"
NAMES = {command.name for command in COMMANDS if not command.hidden}
#: of ten; systemd calls up to 2 "ok" and an unhardened service 9.6
MOST_EXPOSED = 2.0
INSTANCES = ("serve", "web", "engine", "worker")


def compose() -> dict[str, dict[str, object]]:
    return yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())


def ours() -> Iterator[dict[str, object]]:
    """The services that run Winback."""
    for service in compose()["services"].values():
        if isinstance(service, dict) and service["image"] == "winback":
            yield service


def pages() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *DEPLOY.rglob("*")):
        if path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


def test_every_service_that_is_named_anywhere_runs_a_command_that_there_is() -> None:
    named = {(page, part) for page, text in pages() for part in re.findall(r"\bwinback@([a-z]+)", text)}

    assert {part for _, part in named} >= set(INSTANCES)
    assert [each for each in named if each[1] not in NAMES] == []


def test_every_variable_in_deploy_is_a_setting() -> None:
    found = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(r"WINBACK_[A-Z_]+", path.read_text(encoding="utf-8"))
    }

    settings = {PREFIX + BETWEEN.join(path).upper() for path in known(Settings)}

    assert found - settings == {"WINBACK_CONFIG"}


def test_the_sample_settings_are_settings_that_asterisk_files_can_be_rendered_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINBACK_CONFIG", str(DEPLOY / "systemd/winback.toml"))
    monkeypatch.setenv("WINBACK_PBX__SECRET", "a-sample-secret")

    files = render(make_pbx_config(Settings()), AsteriskVersion.V22)

    assert "PJSIP/${FILTER(0-9,${EXTEN})}@carrier-a" in files["winback_extensions.conf"]


def test_compose_runs_each_part_of_winback_by_a_command_that_there_is() -> None:
    commands = [service["command"] for service in ours()]

    assert sorted(commands) == [["engine"], ["web"], ["worker"]]
    assert {word for command in commands for word in command} <= NAMES


def test_compose_asks_for_every_secret_and_gives_none() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)(?::\?)\}", (DEPLOY / "compose/compose.yaml").read_text()))
    sample = dict(
        line.split("=", 1)
        for line in (DEPLOY / "compose/env.sample").read_text().splitlines()
        if not line.startswith("#")
    )

    assert sample == dict.fromkeys(asked, "")


def test_compose_starts_winback_only_where_database_and_valkey_answer() -> None:
    services = compose()["services"]

    for service in ours():
        assert service["depends_on"] == {
            name: {"condition": "service_healthy"} for name in ("database", "valkey")
        }
    assert all("healthcheck" in services[name] for name in ("database", "valkey"))


def test_nothing_in_compose_is_published_beyond_loopback() -> None:
    published = [
        port
        for service in compose()["services"].values()
        for port in service.get("ports", ())  # type: ignore[union-attr]
    ]

    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_what_the_container_is_built_from_is_there() -> None:
    text = (DEPLOY / "compose/Containerfile").read_text()
    copied = re.findall(r"^COPY (\S+) ", text, re.MULTILINE)
    python = re.search(r"library/python:(\d+\.\d+)", text)
    least = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert copied
    assert [each for each in copied if not (ROOT / each).exists()] == []
    assert python is not None
    assert [*map(int, python[1].split("."))] >= [*map(int, least.removeprefix(">=").split("."))]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_for_every_part_and_finds_it_well_closed(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("winback")
    text = UNIT.read_text().replace("/opt/winback/bin/winback", str(program))
    units = [tmp_path / f"winback@{part}.service" for part in INSTANCES]
    for unit in units:
        unit.write_text(text)

    verified = subprocess.run(
        ["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True
    )
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", units[0]],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert (verified.returncode, verified.stderr) == (0, "")
    level = re.search(r"exposure level for \S+ ([0-9.]+)", judged.stdout)
    assert level is not None, judged.stdout + judged.stderr
    assert float(level[1]) <= MOST_EXPOSED


def test_the_unit_and_the_command_read_the_same_files() -> None:
    command = (DEPLOY / "systemd/winback").read_text()

    for name in ("WINBACK_CONFIG", "WINBACK_DATA_DIR"):
        stated = re.search(rf"{name}=(\S+)", UNIT.read_text())
        assert stated is not None
        assert f"{name}={stated[1]}\n" in command
    assert "EnvironmentFile=/etc/winback/winback.env\n" in UNIT.read_text()
    assert ". /etc/winback/winback.env\n" in command
