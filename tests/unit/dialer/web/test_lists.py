"""A list by page and API: each row counted, kept by a name, begun with again; slips lose nothing."""

import pytest
from starlette.testclient import TestClient

from dialer.core.calling.call_order import CalledFirst
from dialer.services.campaigns.campaigns import campaign_card
from dialer.services.campaigns.saved_lists import saved_lists_by_name
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
FORM = {
    "name": "Summer", "where": "contract = one year\ntenure >= 20", "top": "10", "script": "Good morning",
    "holdout_share": "0.1", "explore_share": "0", "max_attempts": "3", "ring_s": "30",
    "abandon_target": "0.02",
}  # fmt: skip


def test_each_row_is_counted_and_the_first_say_why_they_rank(client: TestClient) -> None:
    asked = {"where": ["contract = one year", "tenure >= 20"], "top": 5}
    told = client.get("/api/v1/campaigns/preview", params=asked).json()

    assert [(step["kind"], step["customers"]) for step in told["steps"]] == [
        ("everybody", 60), ("condition", 20), ("condition", 14), ("top", 5),
    ]  # fmt: skip
    assert told["exact"]
    assert told["count"]["listed"] == len(told["first"]) == 5
    assert told["first"][0]["reasons"]
    gains = [each["gain"] for each in told["first"]]
    assert gains == sorted(gains, reverse=True)
    assert told["steps"][-1]["gain"] == pytest.approx(sum(gains))


def test_a_list_is_kept_from_a_form_that_goes_on_and_a_campaign_begins_with_it(
    seeded: Seeded, client: TestClient
) -> None:
    form = {**FORM, "save_as": "Loyal", "name": ""}
    kept = client.post("/campaigns/new/list", data=form, follow_redirects=True)
    assert kept.status_code == 200
    assert "The list Loyal is kept" in kept.text
    assert "Good morning" in kept.text, "what else was typed stays"
    [card] = saved_lists_by_name(seeded.database)
    assert card.filters.in_words() == ("Contract = one year", "tenure >= 20")

    assert "tenure &gt;= 20" in client.get("/lists").text
    again = client.get("/campaigns/new", params={"list": card.id}).text
    assert "Contract = one year\ntenure &gt;= 20</textarea>" in again
    other = {**FORM, "save_as": "Loyal", "where": "tenure >= 30"}
    refused = client.post("/campaigns/new", data=other)
    assert (refused.status_code, "say that it is replaced" in refused.text) == (409, True)
    assert client.post("/campaigns/new", data={**other, "replace": "true"}).status_code == 303
    assert saved_lists_by_name(seeded.database)[0].filters.in_words() == ("tenure >= 30",)
    assert client.post(f"/lists/{card.id}/remove").status_code == 303
    assert saved_lists_by_name(seeded.database) == ()


def test_a_list_is_kept_and_removed_over_the_api(seeded: Seeded, client: TestClient) -> None:
    json = {"accept": "application/json"}
    body = {"name": "Loyal", "where": ["tenure >= 20"], "top": 10}
    made = client.post("/api/v1/lists", json=body, headers=json)
    assert made.status_code == 201
    taken = client.post("/api/v1/lists", json={**body, "top": 11}, headers=json)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "list.name-taken")
    assert [each["name"] for each in client.get("/api/v1/lists").json()] == ["Loyal"]
    assert client.post(f"/api/v1/lists/{made.json()['id']}/remove", headers=json).status_code == 204
    assert client.post("/api/v1/lists/99/remove", headers=json).status_code == 404
    assert client.get("/campaigns/new", params={"list": 99}).status_code == 404


def test_a_slip_loses_no_tick(seeded: Seeded, client: TestClient) -> None:
    slip = {**FORM, "not_on": str(seeded.campaign), "max_attempts": "many", "call_order": "random"}
    again = client.post("/campaigns/new", data=slip)

    assert again.status_code == 422
    assert f'name="not_on" value="{seeded.campaign}" checked' in again.text
    assert '<option value="random" selected>' in again.text


def test_an_order_by_days_wants_a_column_that_there_is(seeded: Seeded, client: TestClient) -> None:
    for column, said in (("", "by which column"), ("nothing", "There are: Contract, tenure")):
        asked = {**FORM, "call_order": "by_day", "order_column": column}
        refused = client.post("/campaigns/new", data=asked)
        assert (refused.status_code, said in refused.text) == (409, True)
    made = client.post("/campaigns/new", data={**FORM, "call_order": "oldest_contact", "share": "2"})
    card = campaign_card(seeded.database, int(made.headers["location"].rsplit("/", 1)[1]))
    assert card is not None
    assert (card.call_order, card.share) == (CalledFirst.OLDEST_CONTACT, 2.0)
    assert "called first: the longest without a talk" in client.get(f"/campaigns/{card.id}").text
