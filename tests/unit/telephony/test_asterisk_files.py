"""A guest in somebody else's /etc/asterisk: what is written can be read, and all of it can be taken out."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk.config.file_access import FileAccess
from telephony.asterisk.config.files import remove_config, unreadable, write_config
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.names import USUAL
from telephony.asterisk.config.render import render
from telephony.asterisk.config.syntax import faults
from tests.unit.telephony.test_asterisk_render import PLAN

ASTERISK = 4242  # user and group of a server that does not run as root
INCLUDED_IN = USUAL.homes
FILES = render(PLAN, AsteriskVersion.V22)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another user")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Asterisk's folder as a distribution's package leaves it, with the site's own lines."""
    for ours, home in INCLUDED_IN.items():
        (tmp_path / home).write_text(f"[general]\nmine = yes\n#include {ours}\n; the end\n")
        (tmp_path / home).chmod(0o640)
        if os.geteuid() == 0:
            os.chown(tmp_path / home, ASTERISK, ASTERISK)
    return tmp_path


def access(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


@as_root
def test_each_file_is_written_for_whom_the_file_that_includes_it_is_there(site: Path) -> None:
    write_config(FILES, site)

    assert {(ASTERISK, ASTERISK, 0o640)} == {access(site / name) for name in FILES}
    assert () == unreadable(site)


@as_root
def test_a_file_that_asterisk_cannot_read_is_named_and_rendering_again_cures_it(site: Path) -> None:
    write_config(FILES, site)
    os.chown(site / "winback_queues.conf", 0, 0)

    (sentence,) = unreadable(site)
    assert f"Asterisk cannot read {site}/winback_queues.conf: it is root:root 0640" in sentence
    assert (site / "winback_queues.conf",) == write_config(FILES, site)
    assert () == unreadable(site)


def test_what_asterisk_could_not_read_is_never_put_in_place(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(FILES, site)
    before = {path.name: path.read_text() for path in site.iterdir()}
    changed = render(replace(PLAN, inbound_queue="help"), AsteriskVersion.V22)

    with monkeypatch.context() as of_another_user:
        of_another_user.setattr(FileAccess, "lets_in_whom", lambda ours, theirs: False)
        with pytest.raises(PermissionError, match=r"Asterisk could not read winback_\w+\.conf: it would be"):
            write_config(changed, site)

    assert before == {path.name: path.read_text() for path in site.iterdir()}


def test_files_of_another_user_are_replaced_by_who_may_write_the_folder(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(FILES, site)
    changed = render(replace(PLAN, inbound_queue="help"), AsteriskVersion.V22)

    def refused(*_: object) -> None:  # as Linux does with fs.protected_hardlinks
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    write_config(changed, site)

    assert changed == {name: (site / name).read_text() for name in changed}
    assert [] == [path.name for path in site.iterdir() if path.name.startswith(".")]


def test_a_file_that_is_included_and_not_there_is_named(site: Path) -> None:
    write_config(FILES, site)
    (site / "winback_agents.conf").unlink()

    (sentence,) = unreadable(site)
    assert f"{site}/agents.conf includes it, and it is not there" in sentence


@pytest.mark.parametrize(
    ("ours", "theirs", "readable"),
    [
        ((0, 0, 0o640), (ASTERISK, ASTERISK, 0o640), False),
        ((ASTERISK, ASTERISK, 0o600), (ASTERISK, ASTERISK, 0o640), True),
        ((0, ASTERISK, 0o640), (ASTERISK, ASTERISK, 0o640), True),
        ((0, ASTERISK, 0o640), (0, ASTERISK, 0o640), True),
        ((0, 0, 0o640), (0, ASTERISK, 0o640), False),
        ((0, 0, 0o640), (0, 0, 0o644), False),  # whoever Asterisk runs as reads it as one of all
        ((0, 0, 0o644), (0, 0, 0o644), True),
        ((0, 0, 0o640), (0, 0, 0o600), True),  # Asterisk is root
    ],
)
def test_who_reads_the_including_file_is_who_has_to_read_ours(
    ours: tuple[int, int, int], theirs: tuple[int, int, int], *, readable: bool
) -> None:
    def made(of: tuple[int, int, int]) -> FileAccess:
        return FileAccess(uid=of[0], gid=of[1], mode=of[2])

    assert readable is made(ours).lets_in_whom(made(theirs))


def test_where_one_file_cannot_be_put_in_place_all_are_as_they_were(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config(FILES, site)
    before = {path.name: path.read_text() for path in site.iterdir()}
    changed = render(replace(PLAN, inbound_queue="help"), AsteriskVersion.V22)
    replaced, really = [], os.replace

    def full_disk(source: Path, target: Path) -> None:
        replaced.append(target)
        if len(replaced) == 2:
            raise OSError(28, "No space left on device")
        really(source, target)

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_config(changed, site)

    assert before == {path.name: path.read_text() for path in site.iterdir()}


def test_a_line_that_asterisk_would_not_take_is_never_written(site: Path) -> None:
    broken = FILES | {"winback_queues.conf": FILES["winback_queues.conf"] + "strategy\n"}

    with pytest.raises(ValueError, match=r"winback_queues\.conf, line \d+: 'strategy' is neither"):
        write_config(broken, site)
    assert set(INCLUDED_IN.values()) == {path.name for path in site.iterdir()}


@pytest.mark.parametrize("version", list(AsteriskVersion))
@pytest.mark.parametrize("everything", [False, True])
def test_what_is_rendered_is_read_without_a_fault(version: AsteriskVersion, *, everything: bool) -> None:
    plan = replace(PLAN, record=everything, whisper=everything, machine_hint=everything)
    assert [] == [fault for name, text in render(plan, version).items() for fault in faults(name, text)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("key = value\n", "stands in no section"),
        ("[a]\nnothing\n", "neither a section nor a key"),
        ("[a]\n[b\n", "neither a section nor a key"),
        ("[a]\nkey = a\x00b\n", "a control character"),
        (f"[a]\nkey = {'x' * 9000}\n", "longer than"),
        ("[a]\nexten => 1,1,Dial(PJSIP/1\n", "no step of a dialplan"),
        ("[a]\nexten => 1,1,Set(x=${y)\n", "leaves a bracket open"),
        ('[a]\nexten => 1,1,GotoIf($["${x}" = "1]?y)\n', "leaves a quotation mark open"),
        ("[a]\nexten => 1,Dial(PJSIP/1)\n", "no step of a dialplan"),
    ],
)
def test_each_kind_of_broken_line_is_found(text: str, fault: str) -> None:
    (found,) = faults("winback_x.conf", text)
    assert fault in found
    assert found.startswith("winback_x.conf, line ")


def test_removing_takes_our_lines_and_files_and_nothing_else(site: Path) -> None:
    write_config(FILES, site)
    access_before = {home: access(site / home) for home in INCLUDED_IN.values()}

    taken = remove_config(site)

    assert dict.fromkeys(INCLUDED_IN.values(), "[general]\nmine = yes\n; the end\n") == {
        path.name: path.read_text() for path in site.iterdir()
    }
    assert access_before == {home: access(site / home) for home in INCLUDED_IN.values()}
    assert all(f"-#include {name}" in taken for name in FILES)
    assert "-[winback-permit]" in taken
    assert "" == remove_config(site)


def test_the_sites_own_manager_settings_stay_as_they_are() -> None:
    assert "[general]" not in FILES["winback_manager.conf"]
    asked = render(replace(PLAN, enable_ami=True), AsteriskVersion.V22)["winback_manager.conf"]
    assert "[general](+)\nenabled = yes\nbindaddr = " in asked
    assert "webenabled" not in asked


def test_the_manager_user_is_let_in_from_the_networks_of_the_settings_alone() -> None:
    plan = replace(PLAN, permit=("10.1.2.0/24", "10.9.9.9/32"))
    lines = render(plan, AsteriskVersion.V22)["winback_manager.conf"].splitlines()

    assert ["permit = 10.1.2.0/24", "permit = 10.9.9.9/32"] == [
        line for line in lines if line.startswith("permit")
    ]
    assert {"deny = 0.0.0.0/0.0.0.0", "deny = ::/0"} <= set(lines)
