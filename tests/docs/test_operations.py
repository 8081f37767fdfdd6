"""What the pages for operators name is there: commands and options, metrics, settings, log events."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from dialer.bootstrap import open_app
from dialer.cli.commands import cli
from dialer.core.agents.state import AgentState
from dialer.setting_names import BETWEEN, PREFIX, known
from dialer.settings import Settings
from dialer.web.app import create_app

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("README.md", "docs/install.md", "docs/operations.md", "deploy/README.md")
#: what stands where a value goes
CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+(?:\n[^`\n]+)?)`|^    (.+)$", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"(?:^|[;&|'\n]|until )\s*(?:/opt/winback/bin/)?winback ([a-z][^\n;&|`]*)")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def typed(name: str) -> Iterator[list[str]]:
    """Every command of Winback in a page's code, in words."""
    for block in CODE.finditer(page(name)):
        for found in TYPED.finditer(next(filter(None, block.groups()))):
            yield re.sub(r"#.*|>.*|['\"]", "", found[1]).split()


def fault(words: list[str]) -> str | None:
    """What is wrong with these words as a command line; None: nothing."""
    command: Any = get_command(cli)
    rest = list(words)
    while hasattr(command, "commands") and rest:
        if rest[0] not in command.commands:
            return f"no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return next((f"no option {word}" for word in rest if word.startswith("-") and word not in options), None)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_and_option_on_the_page_is_one(name: str) -> None:
    commands = [words for words in typed(name) if words]

    assert commands or name == "deploy/README.md"
    assert {} == {" ".join(words): wrong for words in commands if (wrong := fault(words)) is not None}


def test_a_command_that_is_none_is_found() -> None:
    assert fault(["restore", "--go-on"]) is None
    assert fault(["restore", "--by-force"]) == "no option --by-force"
    assert fault(["asterisk", "undo"]) == "no command 'undo'"


def test_every_metric_for_alerts_is_one(tmp_path: Path) -> None:
    named = set(re.findall(r"`(winback_[a-z_]+)`", page("docs/operations.md")))
    states = set(re.findall(r'`winback_agents` with `state="([a-z_]+)"`', page("docs/operations.md")))

    assert named <= metrics(tmp_path)
    assert states
    assert states <= {state.value for state in AgentState}


def test_everything_that_must_be_nothing_is_among_the_alerts(tmp_path: Path) -> None:
    alerts = page("docs/operations.md")
    faults = re.findall(r"^\| `(winback_\w+)` .*alert on anything but 0", page("docs/pages.md"), re.MULTILINE)

    assert faults
    assert [name for name in faults if f"| `{name}` | not 0 |" not in alerts] == []


def metrics(folder: Path) -> set[str]:
    """Those a fresh centre gives, and those whose value is not known there yet."""
    settings = Settings(data_dir=folder)
    with open_app(settings) as app:
        pages = create_app(app.database, settings, app.clock, redis_url=None)
        with TestClient(pages, base_url="http://127.0.0.1") as client:
            given = {each.name for each in text_string_to_metric_families(client.get("/metrics").text)}
    return given | {"winback_engine_age_seconds"}


def test_every_log_event_on_the_page_is_one() -> None:
    section = page("docs/operations.md").split("## Logs")[1].split("\n## ")[0]
    events = [name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in row.split(", ")]

    assert events
    assert [name for name in events if f'"{name.strip("`")}"' not in code()] == []


@cache
def code() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "dialer").rglob("*.py"))


@pytest.mark.parametrize("name", ["docs/install.md", "docs/operations.md"])
def test_every_setting_on_the_page_is_one(name: str) -> None:
    settings = {".".join(path) for path in known(Settings)}
    tables = {setting.partition(".")[0] for setting in settings if "." in setting}
    dotted = {word for word in re.findall(r"`([a-z]+\.[a-z_]+)`", page(name)) if word.split(".")[0] in tables}
    variables = set(re.findall(r"WINBACK_[A-Z_]+", page(name))) - {"WINBACK_CONFIG"}

    assert dotted <= settings
    assert variables <= {PREFIX + BETWEEN.join(path).upper() for path in known(Settings)}


def test_every_readiness_code_on_the_page_is_one() -> None:
    named = re.findall(r"`((?:engine|link|database)\.[a-z-]+)`", page("docs/operations.md"))
    said = page("docs/pages.md")

    assert named
    assert [each for each in named if f"`{each}`" not in said] == []


@pytest.mark.parametrize("name", ["docs/install.md", "docs/operations.md"])
def test_every_file_of_the_source_on_the_page_is_there(name: str) -> None:
    files = re.findall(r"\b((?:deploy|requirements)/[\w./@*-]*[\w*])", page(name))

    assert files
    assert [each for each in files if not any(ROOT.glob(each))] == []
