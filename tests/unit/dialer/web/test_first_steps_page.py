"""An empty database leads by the hand: what is left to do is on the dashboard until a campaign has begun."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases.migrated import empty_database
from starlette.testclient import TestClient

from dialer.core.calling.campaign import CampaignEvent
from dialer.db.session import Database
from dialer.services.campaigns import campaigns
from dialer.settings import Settings
from tests.browser.application import application
from tests.browser.seeded import TEN_O_CLOCK, store_people, web_settings


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "winback.db").write_bytes(empty_database())
    database = Database(f"sqlite:///{tmp_path / 'winback.db'}")
    yield database
    database.close()


def open_pages(database: Database) -> TestClient:
    app = application(database, web_settings(), lambda: TEN_O_CLOCK)
    return TestClient(app, base_url="http://127.0.0.1:8000", headers={"accept": "text/html"})


def test_the_dashboard_says_what_is_left_until_a_campaign_has_begun(database: Database) -> None:
    pages = open_pages(database)

    assert steps_of(pages) == ["/imports", "/setup", "/campaigns/new"]
    store_people(database, ("+442079460123",), TEN_O_CLOCK)
    draft = campaigns.CampaignDraft(name="first", queue="outbound", trunk="main", holdout_share=0.0)
    made = campaigns.create_campaign(database, draft, TEN_O_CLOCK)
    assert steps_of(pages) == ["/setup", "/campaigns"]
    campaigns.move_campaign(database, made.id, CampaignEvent.START, TEN_O_CLOCK, "test")
    assert "first-steps" not in pages.get("/").text


def steps_of(pages: TestClient) -> list[str]:
    """Where the steps that are left lead to."""
    section = pages.get("/").text.partition('id="first-steps"')[2].partition("</section>")[0]
    return re.findall(r'<a href="([^"]+)"', section)


def test_where_nobody_is_to_be_called_yet_a_new_campaign_counts_none_and_says_where_to_begin(
    database: Database,
) -> None:
    pages = open_pages(database)

    counted = pages.get("/campaigns/new/preview?top=500&holdout_share=0.1&explore_share=0.1")
    assert (counted.status_code, counted.json()["customers"]) == (200, 0)
    assert 'There is no customer yet. <a href="/imports">' in pages.get("/campaigns/new").text


def test_an_agent_of_the_setup_whom_no_engine_has_told_of_is_not_called_nobody(
    database: Database,
) -> None:
    named = Settings(web=web_settings().web, agents=[{"id": "anna", "phone": "PJSIP/101", "code": "101"}])
    app = application(database, named, lambda: TEN_O_CLOCK)
    pages = TestClient(app, base_url="http://127.0.0.1:8000", headers={"accept": "text/html"})

    assert "No engine has told of this agent yet" in pages.get("/agents/anna").text
    assert "There is no such agent" in pages.get("/agents/bert").text
