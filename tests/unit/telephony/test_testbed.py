"""Where a private Asterisk comes from, and what is said where there is none."""

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from bench.testbed import ports
from bench.testbed.install import CannotInstall, find


@pytest.fixture(autouse=True)
def root_with_an_empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINBACK_ASTERISK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_a_suite_that_is_not_there_is_told_with_the_command_that_installs_it() -> None:
    with pytest.raises(CannotInstall, match=r"-m bench\.testbed\.install sid"):
        find("sid")


def test_a_folder_without_an_asterisk_is_none_and_one_with_it_is_taken(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match="sid, bullseye"):
        find(str(tmp_path))
    program = tmp_path / "usr/sbin/asterisk"
    program.parent.mkdir(parents=True)
    program.touch()

    assert find(str(tmp_path)).root == tmp_path


def test_without_root_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CannotInstall, match="takes root"):
        find("sid")


def test_a_port_is_lent_once_whoever_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ports, "LAST", ports.FIRST + 2)
    monkeypatch.setattr(ports, "_is_free", lambda port, kind: True)
    monkeypatch.setattr(ports, "_lent", {})
    lent_elsewhere = os.open(tmp_path / "another", os.O_CREAT | os.O_RDWR)
    (tmp_path / "winback-ports").mkdir()
    (tmp_path / "another").rename(tmp_path / "winback-ports" / str(ports.FIRST + 1))
    fcntl.flock(lent_elsewhere, fcntl.LOCK_EX)

    assert {ports.free_port(), ports.free_port()} == {ports.FIRST, ports.FIRST + 2}
    with pytest.raises(OSError, match="no free port"):
        ports.free_port()
    os.close(lent_elsewhere)


def test_commands_are_timed_until_one_fails() -> None:
    script = Path(__file__).parents[2] / "timed.sh"

    done = subprocess.run(
        [script, "true", "sh -c 'exit 3'", "echo too far"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 3
    assert "too far" not in done.stdout
    named = [line.split("  ")[-1] for line in done.stdout.splitlines()]
    assert named == ["true", "sh -c 'exit 3'", "together"]


def test_ports_in_a_row_are_lent_once_whoever_asks_and_again_when_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ports, "STREAMS_LAST", ports.STREAMS_FIRST + 29)
    monkeypatch.setattr(ports, "_lent", {})
    (tmp_path / "winback-ports").mkdir()

    with (tmp_path / "winback-ports" / str(ports.STREAMS_FIRST + 10)).open("w") as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        first, third = ports.lend_ports(10), ports.lend_ports(10)
        with pytest.raises(OSError, match="no 10 free ports in a row"):
            ports.lend_ports(10)
        ports.give_back(first)

        assert (first, third) == (ports.STREAMS_FIRST, ports.STREAMS_FIRST + 20)
        assert ports.lend_ports(10) == first
    ports.give_back(first)
    ports.give_back(third)
