"""Doctor says when a promise is stuck or was overtaken, by number, and what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.bootstrap import App
from dialer.cli.doctor_checks import Finding, look_at_promises
from dialer.services.agents.last_roster import RosterSeen, save_roster
from dialer.services.promises.outage import hold_overdue
from tests.browser.seeded import Seeded, web_settings


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    yield seeded
    seeded.database.close()


def look(seeded: Seeded) -> Finding:
    return look_at_promises(App(settings=web_settings(), database=seeded.database, clock=seeded.clock))


def test_promises_kept_in_order_are_no_fault(seeded: Seeded) -> None:
    seeded.promise(1)

    assert look(seeded) == Finding(
        what="promises", ok=True, seen="none is stuck, overtaken or unaccounted for"
    )


def test_promises_that_are_stuck_or_overtaken_are_a_fault_and_are_named(seeded: Seeded) -> None:
    seeded.break_promises()

    found = look(seeded)

    assert not found.ok
    assert "stuck, nothing would ever call them: promise 1;" in found.seen
    assert "overtaken by somebody who joined later, in the last day: promise 1, promise 2" in found.seen
    assert "by hand" in found.remedy


def test_promises_that_wait_for_a_decision_after_an_outage_are_a_fault_and_are_named(seeded: Seeded) -> None:
    seeded.promise(1)
    save_roster(seeded.database, "pbx", RosterSeen(seen_at=seeded.now, booted_at=None))
    seeded.later(26 * 3600)
    hold_overdue(seeded.database, seeded.now)

    found = look(seeded)

    assert not found.ok
    assert "before somebody decides: promise 1" in found.seen
    assert "winback callbacks held" in found.remedy
