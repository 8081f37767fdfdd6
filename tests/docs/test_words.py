"""One word per thing: names, glossary and cited invariants agree with each other."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from dialer.db.base import Base

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("dialer", "callbacks", "churnmodel", "telephony")

#: folders of one area's modules, layer by layer: `agents` is about agents in each of them
LAYERS: Final = (
    "dialer/core/",
    "dialer/db/",
    "dialer/services/",
    "dialer/engine/",
    "dialer/jobs/",
    "dialer/web/",
    "dialer/cli/",
)
#: module names that stand in several packages, and why they may
SHARED_MODULES: Final = {
    "attempts": "an attempt as a call on the PBX, and as a row: the same attempt",
    "effect": "the use case measures by churnmodel's formulas",
    "errors": "each package's own exceptions",
    "events": "AMI's events, and the domain's, which they are folded into",
    "languages": "a model's reasons and the pages, each said in the reader's language",
    "lifecycle": "a call's table and a promise's table",
    "offers": "the use case asks callbacks' rules",
    "partitions": "the jobs score churnmodel's partitions",
    "plots": "drawn by one kit",
    "quotes": "the use case scores by callbacks' rules",
    "ranking_policy": "the use case keeps what churnmodel decides",
    "reconcile": "the engine acts on what telephony rules",
    "save_rate": "the use case settles by churnmodel's formulas",
    "server": "a PBX's and FastAGI's, each the server of its folder",
    "session": "a log-in to AMI, and transactions of the database",
    "settings": "a pacer's, and the process's",
    "slots": "the use case asks callbacks' rules",
    "training": "of risk, of uplift, and the use case of both",
    "wire": "AMI's and FastAGI's codec",
}
#: class names that stand in several packages, and why they may
SHARED_CLASSES: Final[dict[str, str]] = {}


def modules() -> Iterator[Path]:
    """Every module of the four packages but migrations, as a path below the root."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts and not path.stem.startswith("__"):
                yield path.relative_to(ROOT)


@cache  # eighteen names ask every module
def classes(path: Path) -> tuple[str, ...]:
    """The public classes that a module defines."""
    body = ast.parse((ROOT / path).read_text()).body
    return tuple(
        node.name for node in body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )


def area(path: Path) -> str:
    """Where a module name may stand once: a layer of the dialer counts as one place with the others."""
    return "dialer, layer by layer" if str(path).startswith(LAYERS) else str(path.parent)


def twice(named: dict[str, set[str]], allowed: dict[str, str]) -> dict[str, list[str]]:
    """The names that stand in more than one place and are not allowed to."""
    return {name: sorted(places) for name, places in named.items() if len(places) > 1 and name not in allowed}


@cache
def code() -> str:
    """All of the four packages as one text."""
    return "\n".join((ROOT / path).read_text() for path in modules())


def words() -> tuple[str, ...]:
    """The glossary's words, lower case; a cell may have several."""
    found = []
    page = (ROOT / "docs/glossary.md").read_text().split("## What others call it")[0]
    for cell in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE):
        if cell != "word":
            found += [re.sub(r" \(.*\)", "", word).strip().lower() for word in re.split(r"[/,]", cell)]
    return tuple(found)


def test_no_module_name_stands_in_two_packages_without_a_reason() -> None:
    named = defaultdict(set)
    for path in modules():
        named[path.stem].add(area(path))

    assert {} == twice(named, SHARED_MODULES)


def test_no_class_name_stands_in_two_modules_without_a_reason() -> None:
    named = defaultdict(set)
    for path in modules():
        for name in classes(path):
            named[name].add(str(path))

    assert {} == twice(named, SHARED_CLASSES)


@pytest.mark.parametrize("allowed", [*SHARED_MODULES, *SHARED_CLASSES])
def test_a_name_that_is_allowed_twice_is_there_twice(allowed: str) -> None:
    places = {str(path) for path in modules() if path.stem == allowed or allowed in classes(path)}

    assert len(places) > 1


def test_a_second_class_of_one_name_is_found() -> None:
    named = {"Plan": {"dialer/web/plan_form.py", "churnmodel/allocation.py"}, "Lead": {"dialer/db/models"}}

    assert {"Plan": ["churnmodel/allocation.py", "dialer/web/plan_form.py"]} == twice(named, SHARED_CLASSES)


@pytest.mark.parametrize("word", words())
def test_every_word_of_the_glossary_is_a_word_of_the_code(word: str) -> None:
    said = re.compile(re.escape(word).replace(r"\ ", r"[\s_-]*").replace(r"\-", r"[\s_-]*"), re.IGNORECASE)

    assert said.search(code())


def test_every_table_is_a_word_of_the_glossary() -> None:
    tables = {table.name.replace("_", " ") for table in Base.metadata.sorted_tables}

    assert set() == {name for name in tables if not any(word in name for word in words())}


def test_every_cited_invariant_stands_in_the_architecture() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    stated = set(re.findall(r"^(\d+)\. \*\*", page, re.MULTILINE))
    cited = defaultdict(set)
    for folder in (*PACKAGES, "tests", "docs"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in {".py", ".md", ".toml"}:
                for number in re.findall(r"\binvariants? (\d+)", path.read_text()):
                    cited[number].add(str(path.relative_to(ROOT)))

    assert {str(number) for number in range(1, 13)} == stated
    assert {} == {number: places for number, places in cited.items() if number not in stated}
