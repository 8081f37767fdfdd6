"""The diagrams in the docs are those of the tables."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_machines_page_is_what_the_tables_say():
    spec = importlib.util.spec_from_file_location("draw", DOCS / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)

    assert (DOCS / "machines.md").read_text(encoding="utf-8") == draw.page()
