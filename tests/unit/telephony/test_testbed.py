"""Where a private Asterisk comes from, and what is said where there is none."""

import os
from pathlib import Path

import pytest
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
