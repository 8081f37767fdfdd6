"""The page of promised calls: what callers were told, what is cancelled, and what could not be kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from dialer.services.promises import promises
from telephony.calls.events import Outcome
from telephony.numbers import fictional_numbers
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    yield seeded
    seeded.database.close()


def test_the_page_says_what_callers_were_told_and_how_often_it_held(
    seeded: Seeded, client: TestClient
) -> None:
    assert client.get("/api/v1/promises/quotes").json()["share"] is None
    seeded.promise(1)
    seeded.later(6 * 60)
    seeded.ring(promise=True)
    seeded.promise(2)
    seeded.later(16 * 60)

    page = client.get("/promises").text
    card = client.get("/api/v1/promises").json()[1]
    told = {"within": 1, "early": 0, "late": 1, "waiting": 0, "withdrawn": 0, "kept": 0}

    assert "told a time, in the last 30 days: 2; called within it: 1 (50.0 %), earlier: 0, later: 1" in page
    assert page.count("late</span>") == 1
    assert card["called_at"] is None
    assert card["said_from"] < card["said_until"]
    assert client.get("/api/v1/promises/quotes").json() == {
        **told,
        "share": 0.5,
        "kept_share": 0.0,
        # no wait is known yet: nobody was told the middle of one
        "bias": None,
        "wait_min": None,
        "width_min": None,
    }


def test_a_call_on_another_day_than_the_one_told_is_shown_with_its_day(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.promise(1)
    seeded.later(26 * 3600)
    seeded.ring(promise=True)

    page = client.get("/promises").text

    assert "Wed 10 Jun 10:05–10:15, called Thu 11 Jun 12:00" in page


def test_a_promise_is_cancelled_with_its_reason(seeded: Seeded, client: TestClient) -> None:
    made = seeded.promise(1, joined_s_ago=60)

    assert client.post(f"/promises/{made.id}/cancel", data={"reason": "wrote an e-mail"}).status_code == 303
    assert [(card.state.value, card.end_reason) for card in promises.ended_promises(seeded.database)] == [
        ("cancelled", "wrote an e-mail")
    ]
    again = client.post(f"/promises/{made.id}/cancel", data={"reason": "wrote an e-mail"})
    assert (again.status_code, "promise.not-open" in again.text) == (409, True)


def test_what_an_outage_made_overdue_is_on_the_page_until_somebody_decides(
    seeded: Seeded, client: TestClient
) -> None:
    made = seeded.promise(1)
    with seeded.database.write() as tx:
        tx.execute(text("UPDATE promise SET held_since = made_at"))
    page, own = (client.get(where).text for where in ("/promises", f"/promises/{made.id}"))
    assert "Overdue after an outage" in page
    assert "waits for your decision" in page
    assert "due now" not in page
    assert "overdue after an outage: not rung before" in own
    assert "when it is its turn" not in own

    assert client.post("/promises/held", data={"decision": "perhaps"}).status_code == 422
    assert client.post("/promises/held", data={"decision": "close"}).status_code == 303
    page = client.get("/promises").text
    assert ("Overdue after an outage" in page, "Could not be kept" in page) == (False, True)


def test_a_promise_that_could_not_be_kept_is_on_the_page_with_its_number_until_it_was_seen_to(
    seeded: Seeded, client: TestClient
) -> None:
    made = seeded.promise(1)
    assert "Could not be kept" not in client.get("/promises").text
    seeded.miss(seeded.ring(promise=True), Outcome.BAD_NUMBER)

    page = client.get("/promises").text
    assert "Could not be kept" in page
    assert fictional_numbers(40)[-2].e164 in page
    assert client.post(f"/promises/{made.id}/follow-up", data={"note": "."}).status_code == 422
    assert client.post(f"/promises/{made.id}/follow-up", data={"note": "wrote a letter"}).status_code == 303
    assert "Could not be kept" not in client.get("/promises").text
    again = client.post(f"/promises/{made.id}/follow-up", data={"note": "wrote a letter"})
    assert (again.status_code, "somebody has" in again.text) == (409, True)
    own = client.get(f"/promises/{made.id}").text
    assert "The number does not exist." in own
    assert "wrote a letter" in own, "what was done about it stands there for good"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("from=2026-06-02&to=2026-06-01", "The last day is before the first."),
        ("queue=suport", "No queue is called suport; there are support."),
        ("from=2026-01-01&to=2026-01-02", "No promise was made on these days."),
    ],
)
def test_days_or_a_queue_that_cannot_be_say_so(client: TestClient, asked: str, said: str) -> None:
    assert said in client.get(f"/promises/ledger?{asked}").text
