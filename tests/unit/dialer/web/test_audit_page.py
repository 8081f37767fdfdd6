"""The audit looked up: by person, user, kind and day, on the page, over the API and as a file."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.db.queries import audit
from dialer.services.customers.suppression import add_do_not_call
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
HTML = {"accept": "text/html"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    with seeded.database.write() as tx:
        for days, actor, action, subject, details in (
            (0, "maria", "promise.cancelled", "7", {"reason": "=cmd()"}),
            (0, "ola", "promise.moved", "7", {}),
            (1, "maria", "person.allowed", "1", {"reason": "asked"}),
            (40, "maria", "campaign.created", "old", {}),
        ):
            audit.add(tx, seeded.now - timedelta(days=days), actor, action, subject, details)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


def acts(client: TestClient, query: str = "") -> list[tuple[str, str]]:
    found = client.get(f"/api/v1/audit?{query}").json()["acts"]
    return [(act["actor"], act["action"]) for act in found if act["actor"] in {"maria", "ola"}]


def test_acts_are_found_by_user_kind_area_person_and_day(client: TestClient) -> None:
    assert [("ola", "promise.moved"), ("maria", "promise.cancelled"), ("maria", "person.allowed")] == acts(
        client
    )
    assert [("ola", "promise.moved")] == acts(client, "actor=ola")
    assert [("maria", "promise.cancelled")] == acts(client, "kind=promise.cancelled")
    assert ["promise.moved", "promise.cancelled"] == [action for _, action in acts(client, "kind=promise")]
    assert [("maria", "person.allowed")] == acts(client, "person=1")
    assert [("maria", "campaign.created")] == acts(client, "from=2026-04-01&to=2026-05-05&actor=maria")
    assert [] == acts(client, "kind=prom") == acts(client, "person=9999")


def test_pages_follow_each_other_without_a_gap(client: TestClient) -> None:
    first = client.get("/api/v1/audit?limit=2&actor=maria&from=2026-01-01").json()
    second = client.get(f"/api/v1/audit?limit=2&actor=maria&before={first['more']}&from=2026-01-01").json()

    assert ["promise.cancelled", "person.allowed"] == [act["action"] for act in first["acts"]]
    assert (["campaign.created"], None) == ([act["action"] for act in second["acts"]], second["more"])


def test_the_page_looks_for_a_person_by_id_and_keeps_the_number_out_of_the_address(
    client: TestClient, seeded: Seeded
) -> None:
    found = client.post(
        "/audit", data={"who": "nobody at all", "from": "", "to": "", "actor": "", "kind": ""}
    )
    by_day = client.post(
        "/audit", data={"who": "", "actor": "maria", "from": "2026-06-01", "to": "2026-06-10"}
    )
    page = client.get(by_day.headers["location"], headers=HTML).text

    assert (422, True) == (found.status_code, "Nobody has this id or number." in found.text)
    assert "/audit?from=2026-06-01&to=2026-06-10&actor=maria" == by_day.headers["location"]
    assert "promise.cancelled" in page
    assert "promise.moved</code>" not in page


def test_numbers_are_masked_and_a_file_is_free_of_formulas_and_written_down(
    client: TestClient, seeded: Seeded
) -> None:
    add_do_not_call(seeded.database, "+442079460958", "said +442079460958", "test", seeded.now)

    page = client.get("/audit", headers=HTML).text
    table = client.get("/audit.csv").text
    workbook = client.get("/audit.xlsx")
    with seeded.database.read() as tx:
        taken = audit.of_action(tx, "audit.taken-away", seeded.now)

    assert "2079460" not in page + table
    assert "958" in table
    rows = list(csv.DictReader(StringIO(table)))
    assert {row["details"] for row in rows if row["action"] == "promise.cancelled"} == {
        '{"reason": "=cmd()"}'
    }
    assert b"PK" == workbook.content[:2]
    assert 2 == len(taken)


def test_a_number_is_looked_up_on_the_list_without_standing_in_an_address(
    client: TestClient, seeded: Seeded
) -> None:
    add_do_not_call(seeded.database, "+442079460958", "asked by letter", "maria", seeded.now)

    sought = {"number": "020 7946 0958"}
    listed = client.post("/do-not-call/search", data=sought, headers=HTML, follow_redirects=True).text
    free = client.post("/api/v1/do-not-call/search", json={"number": "+442079460999"}).json()
    wrong = client.post("/do-not-call/search", data={"number": "12"}, headers=HTML)

    assert "Not to be rung for an offer" in listed
    assert "asked by letter" in listed
    assert {"e164": "+442079460999", "listed": None, "registers": []} == free
    assert 422 == wrong.status_code
