"""The wall stands on private ground: these hold the library to what was overridden."""

import ast
import importlib.metadata
import inspect
from pathlib import Path

import panoramisk.actions
import panoramisk.message
import pytest
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

import telephony
from telephony.asterisk.ami.panoramisk_link import WALLED_VERSION, WalledManager, WalledProtocol

ROOT = Path(telephony.__file__).parents[1]


def test_the_walled_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("panoramisk") == WALLED_VERSION


@pytest.mark.parametrize(
    ("library", "wall", "hooks"),
    [
        (
            AMIProtocol,
            WalledProtocol,
            ["connection_made", "data_received", "send", "connection_lost", "close"],
        ),
        (Manager, WalledManager, ["connection_made", "connection_lost", "send_awaiting_actions", "dispatch"]),
    ],
)
def test_every_overridden_hook_exists_in_the_library(library: type, wall: type, hooks: list[str]) -> None:
    for hook in hooks:
        assert hook in vars(library)
        assert hook in vars(wall)
        theirs, ours = (inspect.signature(getattr(each, hook)) for each in (library, wall))
        assert len(theirs.parameters) == len(ours.parameters)


def test_what_the_wall_calls_is_still_there() -> None:
    assert "handle_message" in vars(AMIProtocol)
    assert "connect" in vars(Manager)
    assert "from_line" in vars(panoramisk.message.Message)
    assert {"future", "as_list", "add_message"} <= set(
        dir(panoramisk.actions.Action) + list(panoramisk.actions.Action.__init__.__code__.co_names)
    )
    assert "responses" in AMIProtocol.connection_made.__code__.co_names


def test_one_file_imports_panoramisk() -> None:
    importers = [
        path.relative_to(ROOT).as_posix()
        for package in ("telephony", "callbacks", "churnmodel", "dialer")
        for path in (ROOT / package).rglob("*.py")
        if "panoramisk" in path.read_text()
        and any(
            name.split(".")[0] == "panoramisk"
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        )
    ]
    allowed = {"telephony/asterisk/ami/panoramisk_link.py"}
    # a benchmark measures us against the library alone, and may name it
    assert {each for each in importers if "/bench" not in each} == allowed
