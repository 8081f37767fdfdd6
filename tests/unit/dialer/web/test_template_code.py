"""Templates kept as code: read once, anew where they change, and shown where nothing can be kept."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from dialer.web import template_code
from dialer.web.template_code import FOLDER, TemplateCode, all_kept, have_them_read
from dialer.web.template_reading import read_templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("one")
    return tmp_path


def shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """The page as a new process shows it, and how many templates it read for that."""
    environment, read = Environment(loader=FileSystemLoader(folder), bytecode_cache=TemplateCode(folder)), []  # noqa: S701 - plain text
    parse = environment._parse

    def parse_counted(*template: str | None) -> nodes.Template:
        read.append(template)
        return parse(*template)

    monkeypatch.setattr(environment, "_parse", parse_counted)
    return environment.get_template("page.html").render(), len(read)


def test_a_template_is_read_once_and_again_when_it_has_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)

    assert [("one", 1), ("one", 0)] == [shown(folder, monkeypatch) for _ in range(2)]
    (folder / "page.html").write_text("two")
    assert [("two", 1), ("two", 0)] == [shown(folder, monkeypatch) for _ in range(2)]


def test_templates_that_were_all_read_are_read_by_no_page_until_one_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    (folder / "parts").mkdir()
    (folder / "parts/head.html").write_text("head")
    assert not all_kept(folder)

    assert 2 == read_templates(folder)

    assert all_kept(folder)
    changed = (folder / FOLDER / template_code.ALL_READ).stat().st_mtime + 1
    os.utime(folder / "parts/head.html", (changed, changed))
    assert not all_kept(folder)


def test_no_process_is_started_to_read_templates_whose_code_is_or_may_not_be_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Sequence[str]] = []
    monkeypatch.setattr("subprocess.run", lambda words, **_: started.append(words))

    monkeypatch.setattr("sys.dont_write_bytecode", True)
    have_them_read(folder)
    assert not started
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    have_them_read(folder)
    assert 1 == len(started)
    read_templates(folder)
    have_them_read(folder)
    assert 1 == len(started)


def test_where_no_code_may_be_kept_the_page_is_shown_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert [("one", 1), ("one", 1)] == [shown(folder, monkeypatch) for _ in range(2)]
    assert not (folder / FOLDER).exists()

    monkeypatch.setattr("sys.dont_write_bytecode", False)
    (folder / FOLDER).write_text("no folder")  # whoever is root writes to any folder, but not to this
    assert ("one", 1) == shown(folder, monkeypatch)
