"""The pages drawn from the code are what the code says."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def draw() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw", DOCS / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["machines.md", "rules.md", "settings.md"])
def test_a_drawn_page_is_current(page: str):
    assert (DOCS / page).read_text(encoding="utf-8") == draw().PAGES[page]()


def test_every_setting_says_what_it_means():
    silent = [name for name, _default, meaning in draw().walk(draw().Settings) if not meaning]

    assert silent == []


def test_no_module_is_longer_than_a_person_reads_at_once():
    roots = ["telephony", "churnmodel", "callbacks", "dialer", "tests", "docs"]
    app = DOCS.parent
    long = {
        str(path.relative_to(app)): lines
        for root in roots
        for path in (app / root).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert long == {}


def without_code(text: str) -> str:
    """A page without its fenced blocks, in which brackets are a shell's or a program's."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def test_every_relative_link_in_the_docs_leads_somewhere():
    app = DOCS.parent
    pages = [app / "README.md", app / "CONTRIBUTING.md", *DOCS.glob("*.md")]
    missing = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", without_code(page.read_text(encoding="utf-8")))
        if not (page.parent / target).exists()
    ]

    assert missing == []
