"""Doctor says of each running campaign who may be called now, and which rule holds the others until when."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.bootstrap import App
from dialer.cli.doctor_checks import Finding
from dialer.cli.list_checks import look_at_lists
from dialer.core.calling.campaign import CampaignEvent
from dialer.services.campaigns.campaigns import move_campaign
from tests.browser.seeded import Seeded, web_settings


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    yield seeded
    seeded.database.close()


def look(seeded: Seeded) -> Finding:
    return look_at_lists(App(settings=web_settings(), database=seeded.database, clock=seeded.clock))


def test_by_day_it_says_how_many_may_be_called(seeded: Seeded) -> None:
    assert look(seeded).seen.startswith("Spring save: ")
    assert "may be called now." in look(seeded).seen


def test_by_night_it_names_the_rule_how_many_it_holds_and_when_they_may_be_called(seeded: Seeded) -> None:
    seeded.now = seeded.now.replace(hour=2) + timedelta(days=1)

    found = look(seeded)
    assert found.ok, "a night is no fault"
    assert "The list is held: " in found.seen
    assert " by hours." in found.seen
    assert "the first may be called from " in found.seen


def test_where_no_campaign_runs_it_says_so(seeded: Seeded) -> None:
    move_campaign(seeded.database, seeded.campaign, CampaignEvent.PAUSE, seeded.now, "test")

    assert look(seeded).seen == "no campaign runs"
