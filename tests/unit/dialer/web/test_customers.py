"""A customer's page and the API: found by number or id, explained by rule, allowed again for a reason."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.queries import audit
from dialer.services.campaigns.list_figures import ListFigures
from dialer.services.customers.customers import CustomerRow, store_customers
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
SHARED, NOBODYS = "+441914980001", "+441914980002"


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    said = Prohibited(ProhibitionKind.OBJECTION, "Reservert", "Ja")
    rows = [
        CustomerRow(external_id="one", name="Ann Onehouse", numbers=("+441134960999",), prohibition=said),
        CustomerRow(external_id="two", name="Bo Twin", numbers=(SHARED,)),
        CustomerRow(external_id="three", name="Cy Twin", numbers=(SHARED,)),
    ]
    store_customers(seeded.database, rows, seeded.now)
    yield seeded
    seeded.database.close()


def test_a_customer_is_found_by_id_and_the_page_says_what_puts_them_off(client: TestClient) -> None:
    found = client.post("/customers", data={"who": "one"})
    page = client.get(found.headers["location"]).text

    assert 303 == found.status_code
    assert "Ann Onehouse" in page
    assert "whatever number they have or get: Reservert" in page
    assert re.search(r"<td>refuses</td><td><code>dnc\.\w+</code>", page)


def test_somebody_put_off_is_allowed_again_with_a_reason_that_stays_on_record(
    client: TestClient, seeded: Seeded
) -> None:
    at = client.post("/customers", data={"who": "one"}).headers["location"]
    assert 422 == client.post(f"{at}/allow", data={"reason": ""}).status_code
    assert "Ann Onehouse" in client.post(f"{at}/allow", data={"reason": "x"}).text

    client.post(f"{at}/allow", data={"reason": "asked us to call"})

    assert "whatever number" not in client.get(at).text
    with seeded.database.read() as tx:
        (entry,) = [row for row in audit.latest(tx, 50) if row.action == "person.allowed"]
    assert {"reason": "asked us to call"} == entry.details


def test_a_number_that_two_share_shows_both_and_one_of_nobodys_is_judged_too(client: TestClient) -> None:
    both = client.post("/customers", data={"who": SHARED}, follow_redirects=True).text
    nobody = client.post("/customers", data={"who": NOBODYS}, follow_redirects=True).text

    assert "Bo Twin" in both
    assert "Cy Twin" in both
    assert "No customer has this id or number." in nobody
    assert "hours.closed" in nobody
    assert SHARED not in both.replace(f'value="{SHARED}"', "")


def test_a_customer_is_found_by_words_of_their_name(client: TestClient) -> None:
    several = client.post("/customers", data={"who": "TWIN"}, follow_redirects=True).text

    assert ["Bo Twin", "Cy Twin"] == re.findall(r'<a href="/customers/\d+">([^<]+)', several)
    assert SHARED not in several
    assert 303 == client.post("/customers", data={"who": "one ann"}).status_code
    nobody = client.post("/customers", data={"who": "Nobody Here"}, follow_redirects=True).text
    assert "No customer has this id" in nobody


def test_the_rules_are_asked_at_another_moment(client: TestClient) -> None:
    at = client.post("/customers", data={"who": SHARED}, follow_redirects=True).text
    customer = re.findall(r'href="(/customers/\d+)"', at)[0]

    assert "may be called" in client.get(customer).text
    assert (
        "<td>refuses</td><td><code>hours.closed</code>" in client.get(f"{customer}?at=2026-06-10T23:30").text
    )
    assert 404 == client.get("/customers/99999").status_code
    assert 422 == client.get(f"{customer}?at=soon").status_code


def test_the_api_says_the_same_of_a_person_and_of_a_list(client: TestClient, seeded: Seeded) -> None:
    ask = {"person": "one", "at": "2026-06-10T10:00:00Z"}
    (person,) = client.post("/api/v1/explain", json=ask).json()
    listed = client.get(f"/api/v1/campaigns/{seeded.campaign}/explain").json()

    assert "Ann Onehouse" == person["name"]
    assert ["dnc"] == [
        said["rule"].split(".")[0] for call in person["calls"] for said in call["rules"] if said["refuses"]
    ][:1]
    assert listed["exact"]
    assert 404 == client.post("/api/v1/explain", json={**ask, "campaign": "none"}).status_code


def test_a_program_never_waits_for_a_long_list_to_be_counted(client: TestClient, seeded: Seeded) -> None:
    state = client.app.state  # type: ignore[attr-defined]
    address = f"/api/v1/campaigns/{seeded.campaign}/now"
    with ThreadPoolExecutor(1) as beside:
        state.deps = replace(state.deps, figures=ListFigures(seeded.database, beside, at_once=0))
        first = client.get(address)
    assert 202 == first.status_code
    assert {"retry_after_s": int(first.headers["retry-after"])} == first.json()

    counted = client.get(address)
    assert 200 == counted.status_code
    assert {"callable", "held", "at", "exact"} == set(counted.json())
