"""`winback asterisk check` names what is wrong in Asterisk's folder: one seeded fault, one sentence."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import Result

from telephony.asterisk.config.names import USUAL
from telephony.asterisk.config.prompts import words_in

Type = Callable[..., Result]
SECRET = "a-secret-in-a-sample"  # noqa: S105 - an example
ASTERISK = 4242  # the user of a server that does not run as root
QUEUES = "[general]\n[400]\nmusicclass = bach\ncontext = winback-offer\n[401]\n#include winback_queues.conf\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another user")


@dataclass(frozen=True)
class Folder:
    """An `/etc/asterisk` that is as it should be, the settings it was rendered from, and its sounds."""

    path: Path
    data: Path
    toml: Path

    def say(self, text: str) -> None:
        self.toml.write_text(self.toml.read_text() + text)

    def set(self, before: str, after: str) -> None:
        self.toml.write_text(self.toml.read_text().replace(before, after))

    def edit(self, name: str, before: str, after: str) -> None:
        file = self.path / name
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_in: Type) -> Folder:
    made = Folder(tmp_path / "etc", tmp_path / "data", tmp_path / "winback.toml")
    for name in words_in("en"):
        (made.data / "sounds/en" / name).parent.mkdir(parents=True, exist_ok=True)
        (made.data / f"sounds/en/{name}.wav").touch()
    for music in ("moh", "bach"):
        (made.data / music).mkdir()
        (made.data / music / "one.wav").touch()
    made.path.mkdir()
    for name, home in USUAL.homes.items():
        (made.path / home).write_text(f"[general]\n#include {name}\n")
    (made.path / "queues.conf").write_text(QUEUES)
    (made.path / "asterisk.conf").write_text(f"[directories]\nastdatadir => {made.data}\n")
    (made.path / "musiconhold.conf").write_text(
        "".join(f"[{name}]\nmode = files\ndirectory = {at}\n" for name, at in
                (("default", "moh"), ("bach", "bach"), ("none", "none")))
    )  # fmt: skip
    if os.geteuid() == 0:
        for path in (made.path, *made.path.iterdir()):
            os.chown(path, ASTERISK, ASTERISK)
    made.toml.write_text(
        f'[pbx]\nsecret = "{SECRET}"\nversion = 22\n[[agents]]\nid = "ben"\nphone = "PJSIP/102"\n'
    )
    monkeypatch.setenv("WINBACK_CONFIG", str(made.toml))
    type_in("asterisk", "render", str(made.path))
    return made


def queues(text: str) -> Callable[[Folder], object]:
    """Settings that need no rendering but for what the seed is about."""
    return lambda folder: folder.say(f"[queues]\n{text}\n")


SEEDED: dict[str, tuple[Callable[[Folder], object], str]] = {
    "a rendered file that is gone": (
        lambda folder: (folder.path / "winback_agents.conf").unlink(),
        "agents.conf includes it, and it is not there",
    ),
    "a rendered file changed by hand": (
        lambda folder: folder.edit("winback_queues.conf", "strategy = ", "strategy = rrmemory ;"),
        "-strategy = rrmemory ;",
    ),
    "an include line taken out": (
        lambda folder: folder.edit("extensions.conf", "#include winback_extensions.conf\n", ""),
        'extensions.conf has no line "#include winback_extensions.conf"',
    ),
    "an include line commented out": (
        lambda folder: folder.edit("agents.conf", "#include", ";#include"),
        'agents.conf has no line "#include winback_agents.conf"',
    ),
    "no manager.conf at all": (
        lambda folder: (folder.path / "manager.conf").unlink(),
        'manager.conf has no line "#include winback_manager.conf"',
    ),
    "another version of Asterisk in the settings": (
        lambda folder: folder.set("version = 22", "version = 16"),
        "+; Rendered by Winback for Asterisk 16.",
    ),
    "an agent who was not rendered": (
        lambda folder: folder.say('[[agents]]\nid = "anna"\n'), "+[desk_anna]"
    ),
    "another secret than was rendered": (
        lambda folder: folder.set(SECRET, "another-secret-of-ours"),
        "+secret = (hidden, ",
    ),
    "a music class that there is not": (queues('music = "jazz"'), "music on hold: "),
    "a music class without files": (queues('music = "none"'), "class [none] has no files"),
    "prompts that are not there": (
        lambda folder: (folder.data / "sounds/en/winback/offer.wav").unlink(), "not there: winback/offer"
    ),
    "a whisper that nobody recorded": (
        lambda folder: folder.say('[whisper]\ncallback = "winback/back"\n'), "not there: winback/back"
    ),
    "an adopted queue without its line": (
        queues('inbound = "401"\nadopt = true'), "adopted queue 401: "
    ),
    "an adopted queue that there is not": (
        queues('inbound = "402"\nadopt = true'), "adopted queue 402: "
    ),
    "an Asterisk that does not answer": (
        lambda folder: folder.set("[pbx]\n", '[pbx]\nhost = "127.0.0.1"\nport = 1\n'),
        "What runs could not be looked at: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDED)
def test_a_misconfigured_folder_is_told_what_is_wrong(folder: Folder, type_in: Type, seed: str) -> None:
    do, sentence = SEEDED[seed]
    do(folder)

    said = type_in("asterisk", "check", str(folder.path), code=1).output
    assert sentence in said
    assert SECRET not in said
    assert "another-secret-of-ours" not in said


@as_root
def test_a_file_that_asterisk_cannot_read_is_named_with_what_to_do(folder: Folder, type_in: Type) -> None:
    path = folder.path / "winback_manager.conf"
    os.chown(path, 0, 0)
    path.chmod(0o640)

    said = type_in("asterisk", "check", str(folder.path), code=1).output
    assert f"Asterisk cannot read {path}: it is root:root 0640" in said
    assert "chown --reference=" in said


def test_a_folder_as_it_should_be_is_told_so(folder: Folder, type_in: Type) -> None:
    said = type_in("asterisk", "check", str(folder.path)).output
    assert "Asterisk's files are what Winback would write." in said


def test_a_folder_that_is_none_is_one_sentence(folder: Folder, type_in: Type) -> None:
    for act in ("check", "remove"):
        said = type_in("asterisk", act, str(folder.path / "nowhere"), code=2).output
        assert "nowhere is no folder: name the one of Asterisk's configuration" in said
