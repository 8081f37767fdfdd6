"""The report on live callers, on its page, over the API and as a table for a spreadsheet."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.services.calls.inbound_calls import record_caller
from telephony.calls.events import CallerConnected, CallerFinished, CallerGone, CallerJoined, CallerLeft
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Three callers of two queues: one served after 12 s, two who gave up."""
    seeded = Seeded(tmp_path / "winback.db", people=5)
    for caller, queue, waited_s, agent in (
        ("1700000000.1", "support", 12.0, "anna"),
        ("1700000000.2", "support", 90.0, None),
        ("1700000000.3", "=2+2", 30.0, None),
    ):
        ring_in(seeded, caller, queue, waited_s, agent)
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE) as client:
        yield client
    seeded.database.close()


def test_who_waits_at_this_moment_is_shown_against_the_limit_in_words(waited: TestClient) -> None:
    page = waited.get("/callers", headers={"accept": "text/html"}).text

    assert "support: 1 caller, the first for 6 min" in page
    assert "over the limit</span>" in page


@pytest.fixture
def waited(tmp_path: Path) -> Iterator[TestClient]:
    """One caller who has waited for six minutes and still does."""
    seeded = Seeded(tmp_path / "winback.db", people=1)
    joined = seeded.clock() - timedelta(minutes=6)
    fact = CallerJoined(at=joined, queue="support", caller="1700000000.4", number="07700900123", position=1)
    record_caller(seeded.database, "pbx", "GB", fact, joined)
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE) as client:
        yield client
    seeded.database.close()


def ring_in(seeded: Seeded, caller: str, queue: str, waited_s: float, agent: str | None) -> None:
    began = seeded.clock() - timedelta(minutes=10)
    over = began + timedelta(seconds=waited_s)
    facts = [
        CallerJoined(at=began, queue=queue, caller=caller, number="07700900123", position=1),
        CallerLeft(at=over, queue=queue, caller=caller, abandoned=agent is None),
        CallerGone(at=over + timedelta(seconds=60), caller=caller),
    ]
    if agent is not None:
        talk = CallerFinished(at=over + timedelta(seconds=60), caller=caller, agent=agent, talk_s=60.0)
        facts[1:1] = [CallerConnected(at=over, queue=queue, caller=caller, agent=agent)]
        facts.insert(3, talk)
    for fact in facts:
        record_caller(seeded.database, "pbx", "GB", fact, fact.at)


def test_the_page_shows_callers_by_day_and_queue(client: TestClient) -> None:
    page = client.get("/callers", headers={"accept": "text/html"}).text

    assert '<td data-name="queue">support</td>' in page
    assert "50.0 %" in page, "one of two within 20 s"
    assert "12 s" in page
    assert "Nobody rang in" in client.get("/callers?queue=nowhere", headers={"accept": "text/html"}).text


def test_the_api_says_the_same_and_a_shorter_time_is_a_lower_service_level(client: TestClient) -> None:
    (line,) = client.get("/api/v1/reports/inbound?queue=support").json()

    assert (line["callers"], line["served"], line["gave_up"]) == (2, 1, 1)
    assert (line["service_level"], line["wait_mean_s"], line["talk_mean_s"]) == (0.5, 12.0, 60.0)
    (strict,) = client.get("/api/v1/reports/inbound?queue=support&soon=10").json()
    assert strict["service_level"] == 0.0
    assert client.get("/api/v1/reports/inbound?from=2020-01-01&to=2020-01-02").json() == []


def test_no_cell_of_the_table_is_a_formula_to_a_spreadsheet(client: TestClient) -> None:
    answer = client.get("/callers.csv")

    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert {row["queue"]: row["gave_up"] for row in rows} == {"'=2+2": "1", "support": "1"}
