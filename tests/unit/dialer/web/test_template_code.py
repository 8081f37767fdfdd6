"""Templates kept as code: read once, anew where they change, and shown where nothing can be kept."""

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from dialer.web.template_code import FOLDER, TemplateCode


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


def test_where_no_code_may_be_kept_the_page_is_shown_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert [("one", 1), ("one", 1)] == [shown(folder, monkeypatch) for _ in range(2)]
    assert not (folder / FOLDER).exists()

    monkeypatch.setattr("sys.dont_write_bytecode", False)
    (folder / FOLDER).write_text("no folder")  # whoever is root writes to any folder, but not to this
    assert ("one", 1) == shown(folder, monkeypatch)
