"""The page and the API of a coming day's agents."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.db.models import InboundCall
from tests.browser.application import application
from tests.browser.seeded import PBX, Seeded, web_settings


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    with seeded.database.write() as tx:
        for back in range(1, 29):
            for index in range(24):
                joined = seeded.now.replace(hour=index, minute=5) - timedelta(days=back)
                tx.add(
                    InboundCall(
                        pbx=PBX,
                        caller=f"{back}.{index}",
                        queue="support",
                        e164="",
                        joined_at=joined,
                        left_at=joined + timedelta(seconds=30),
                        connected_at=joined + timedelta(seconds=30),
                        agent="amira",
                        abandoned=False,
                    )
                )
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers={"accept": "text/html"}) as client:
        yield client
    seeded.database.close()


def test_the_page_draws_what_is_needed_beside_who_is_usually_there(client: TestClient) -> None:
    page = client.get("/plan/staffing").text

    assert page.count("<polyline") == 2
    assert '<td class="num" data-name="callers">' in page
    assert "in use" in page
    assert "24 callers" in page
    assert 'href="/plan/staffing"' in client.get("/plan").text


def test_a_day_that_is_none_says_so_at_its_field(client: TestClient) -> None:
    answer = client.get("/plan/staffing?day=soon&within_min=900")

    assert answer.status_code == 422
    assert 'id="day-wrong"' in answer.text
    assert 'id="within_min-wrong"' in answer.text


def test_the_api_says_the_same_and_a_stricter_goal_takes_no_fewer(client: TestClient) -> None:
    usual = client.get("/api/v1/plan/staffing").json()
    strict = client.get("/api/v1/plan/staffing", params={"within_min": 0, "share": 0.99}).json()

    assert usual["method"] in {"seasonal_naive", "smoothing"}
    assert sum(each["callers"] for each in usual["quarters"]) == pytest.approx(24, abs=1)
    pairs = zip(usual["quarters"], strict["quarters"], strict=True)
    assert all(each["needed"] <= other["needed"] for each, other in pairs)
