"""The cockpit's pages: what a change means is said first, a copy is a form, and each page is answered."""

import re

import pytest
from starlette.testclient import TestClient

from dialer.core.calling.campaign import MOVES, CampaignEvent, CampaignState
from dialer.core.calling.disposition import Disposition
from dialer.services.campaigns.campaigns import campaign_card
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"


FORM = {
    "name": "Spring save", "trunk": "main", "mode": "predictive", "abandon_target": "0.02",
    "max_attempts": "4", "ring_s": "30", "hours": "Mon-Fri 09:00-18:00",
    "caller_ids": "+442079460001, +442079460002",
}  # fmt: skip


def test_a_change_is_said_before_it_is_made(seeded: Seeded, client: TestClient) -> None:
    asked = client.post(f"/campaigns/{seeded.campaign}/edit", data=FORM)
    assert "What this changes" in asked.text
    assert "customers are rung before an agent is free" in asked.text
    card = campaign_card(seeded.database, seeded.campaign)
    assert card is not None
    assert card.mode == "progressive", "nothing is changed by asking"

    done = client.post(f"/campaigns/{seeded.campaign}/edit", data={**FORM, "sure": "true"})
    assert done.status_code == 303
    card = campaign_card(seeded.database, seeded.campaign)
    assert card is not None
    assert (card.mode, card.hours, card.caller_ids) == (
        "predictive",
        "Mon-Fri 09:00-18:00",
        ("+442079460001", "+442079460002"),
    )
    assert "one of 2" in client.get(f"/campaigns/{seeded.campaign}").text
    assert "max attempts" in client.get(f"/campaigns/{seeded.campaign}/results").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hours": "nine to five"}, "not hours"),
        ({"starts_on": "2026-06-12", "ends_on": "2026-06-11"}, "end before it begins"),
        ({"caller_ids": "+4420"}, "caller_ids"),
        ({"trunk": "nowhere"}, "There is no trunk"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    seeded: Seeded, client: TestClient, wrong: dict[str, str], said: str
) -> None:
    answer = client.post(f"/campaigns/{seeded.campaign}/edit", data={**FORM, "offer": "half", **wrong})

    assert answer.status_code in {409, 422}
    assert said in answer.text
    assert ">half</textarea>" in answer.text


def test_a_copy_is_a_new_form_with_the_others_terms(seeded: Seeded, client: TestClient) -> None:
    copied = client.get(f"/campaigns/new?like={seeded.campaign}").text

    assert 'value="Spring save (copy)"' in copied
    assert 'value="0.1"' in copied, "the list's own filter"


def test_how_many_are_listed_again_is_said_first(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    seeded.say(attempt, "amira", Disposition.LOST)
    seeded.later(40 * 86_400)
    form = {"words": "lost", "days": "30"}

    assert (
        "<b>1</b> customer goes back" in client.post(f"/campaigns/{seeded.campaign}/recycle", data=form).text
    )
    nobody = client.post(f"/campaigns/{seeded.campaign}/recycle", data={"days": "30"})
    assert (nobody.status_code, "recycle.nobody" in nobody.text) == (409, True)
    client.post(f"/campaigns/{seeded.campaign}/recycle", data={**form, "sure": "true"})
    assert "<b>0</b>" in client.post(f"/campaigns/{seeded.campaign}/recycle", data=form).text


def test_everything_is_paused_by_one_button(seeded: Seeded, client: TestClient) -> None:
    assert "Pause all" in client.get("/campaigns").text
    client.post("/campaigns/pause-all")
    card = campaign_card(seeded.database, seeded.campaign)
    assert card is not None
    assert card.state is CampaignState.PAUSED
    assert "Pause all" not in client.get("/campaigns").text


def test_the_effect_is_said_in_sentences_and_pauses_nothing(seeded: Seeded, client: TestClient) -> None:
    told = client.get(f"/campaigns/{seeded.campaign}/effect").text

    assert "held out by chance" in told
    assert "nothing to say yet" in told


def test_a_condition_on_a_column_that_nobody_has_names_those_there_are(
    seeded: Seeded, client: TestClient
) -> None:
    form = client.get("/campaigns/new").text
    assert "Columns and their values" in form
    counted = client.get("/api/v1/campaigns/count", params={"where": "no such column >= 60"})
    assert (counted.status_code, counted.json()["error"]["code"]) == (409, "filter.column-unknown")
    unreadable = client.get("/api/v1/campaigns/count", params={"where": ["charge lots"]})
    assert (unreadable.status_code, unreadable.json()["error"]["code"]) == (409, "filter.unreadable")

    typed = {**FORM, "name": "Summer", "where": "no such column >= 60", "top": "10"}
    again = client.post("/campaigns/new", data=typed)
    assert (again.status_code, "no such column &gt;= 60</textarea>" in again.text) == (409, True)


def test_nobody_of_another_list_is_called_twice(seeded: Seeded, client: TestClient) -> None:
    overlap = client.get("/api/v1/campaigns/count").json()
    assert overlap["listed_already"] > 0
    apart = client.get("/api/v1/campaigns/count", params={"not_on": [seeded.campaign, 99]}).json()
    assert apart["listed_already"] == 0
    assert apart["matching"] < overlap["matching"]


def test_whatever_move_a_campaigns_page_offers_is_taken_by_it_and_by_the_api(
    seeded: Seeded, client: TestClient
) -> None:
    page, programs = f"/campaigns/{seeded.campaign}", f"/api/v1/campaigns/{seeded.campaign}/events"
    offered = re.compile(r'name="event" value="(\w+)"')

    for event in (CampaignEvent.PAUSE, CampaignEvent.FINISH, CampaignEvent.REOPEN, CampaignEvent.START):
        assert event in offered.findall(client.get(page).text), event
        moved = client.post(f"{page}/event", data={"event": event.value, "sure": "true"})
        assert 303 == moved.status_code, event
    for event in (CampaignEvent.FINISH, CampaignEvent.REOPEN):
        assert 200 == client.post(programs, json={"event": event.value}).status_code, event
    assert {event.value for event in MOVES} == {"start", "pause", "finish", "reopen"}
