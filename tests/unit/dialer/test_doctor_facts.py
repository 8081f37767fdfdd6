"""Doctor says when a fact of a call had to be set aside, names the newest, and calms down after a day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.bootstrap import App
from dialer.cli.doctor_checks import Finding, look_at_facts
from dialer.services.calls.set_aside_facts import set_aside_fact
from telephony.calls.events import Answered
from tests.browser.seeded import Seeded, web_settings

FIRST, SECOND = "wb-" + "a" * 10, "wb-" + "b" * 10


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    yield seeded
    seeded.database.close()


def look(seeded: Seeded) -> Finding:
    return look_at_facts(App(settings=web_settings(), database=seeded.database, clock=seeded.clock))


def test_nothing_set_aside_is_no_fault(seeded: Seeded) -> None:
    assert look(seeded) == Finding(what="facts", ok=True, seen="none had to be set aside")


def test_facts_set_aside_are_a_fault_for_a_day_and_the_newest_is_named(seeded: Seeded) -> None:
    for attempt in (FIRST, SECOND):
        fact = Answered(at=seeded.now, attempt=attempt)
        set_aside_fact(seeded.database, "pbx", fact, OverflowError(), seeded.now)

    found = look(seeded)

    assert not found.ok
    assert f": 2; the newest Answered of {SECOND} at " in found.seen
    assert "(OverflowError)" in found.seen
    assert "by hand" in found.remedy

    seeded.later(25 * 3600)

    assert look(seeded).ok
    assert f": 0; the newest Answered of {SECOND} at " in look(seeded).seen
