"""What a person may ask for, from the customer's page and over HTTP: with a reason, audited, in one shape."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.db.queries import audit
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.persons import person_card
from dialer.web.app import create_app
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
WHY = {"reason": "asked by letter"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    row = CustomerRow(external_id="one", name="Ann Onehouse", numbers=("+441134960999",))
    store_customers(seeded.database, [row], seeded.now)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded, tmp_path: Path) -> Iterator[TestClient]:
    settings = web_settings().model_copy(update={"data_dir": tmp_path / "data"})
    (tmp_path / "data").mkdir()
    app = create_app(seeded.database, settings, seeded.clock)
    with TestClient(app, base_url=HERE, headers={"accept": "text/html"}) as client:
        yield client


@pytest.fixture
def page(client: TestClient) -> str:
    """The customer's page."""
    answer = client.post("/customers", data={"who": "one"})
    assert "what they may ask for" in answer.text
    return answer.url.path


def said(seeded: Seeded, action: str) -> list[tuple[str, object]]:
    with seeded.database.read() as tx:
        return [(act.actor, act.details.get("reason")) for act in audit.of_action(tx, action, seeded.now)]


def test_everything_is_handed_out_as_a_file_and_that_is_audited(
    client: TestClient, seeded: Seeded, page: str
) -> None:
    answer = client.post(f"{page}/export", data=WHY)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["customer"][0]["name"] == "Ann Onehouse"
    assert said(seeded, "person.exported") == [("manager's page", "asked by letter")]


def test_a_restriction_is_set_shown_and_lifted(client: TestClient, seeded: Seeded, page: str) -> None:
    answer = client.post(f"{page}/restrict", data=WHY)
    assert "Restricted: nobody rings them for any purpose. asked by letter" in answer.text
    assert "Restricted" in client.get(page).text
    answer = client.post(f"{page}/lift", data={"reason": "it was clarified"})
    assert "Restricted" not in answer.text
    assert said(seeded, "person.restriction-lifted") == [("manager's page", "it was clarified")]


def test_a_name_and_numbers_are_corrected(client: TestClient, seeded: Seeded, page: str) -> None:
    right = {
        "name": "Anne Onehouse",
        "zone": "Europe/Oslo",
        "language": "nb",
        "numbers": "0113 496 0998, 0113 496 0997",
    }
    answer = client.post(f"{page}/rectify", data={**right, **WHY})
    assert "Corrected." in answer.text
    card = person_card(seeded.database, int(page.rpartition("/")[2]))
    assert card is not None
    assert (card.name, card.zone, card.language, len(card.numbers)) == (
        "Anne Onehouse",
        "Europe/Oslo",
        "nb",
        2,
    )
    assert said(seeded, "person.rectified") == [("manager's page", "asked by letter")]


@pytest.mark.parametrize(
    ("act", "form", "wrong"),
    [
        ("restrict", {"reason": ""}, (422, "A reason in one line")),
        ("rectify", {**WHY, "zone": "Oslo"}, (409, "is no time zone")),
        ("rectify", {**WHY, "numbers": "12"}, (409, "number.too-short")),
        ("erase", {"ground": "asked", "confirm": "two"}, (422, "That is not this customer")),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    client: TestClient, seeded: Seeded, act: str, form: dict[str, str], wrong: tuple[int, str]
) -> None:
    page = client.post("/customers", data={"who": "one"}).url.path
    answer = client.post(f"{page}/{act}", data=form)
    assert answer.status_code == wrong[0]
    assert wrong[1] in answer.text
    card = person_card(seeded.database, int(page.rpartition("/")[2]))
    assert card is not None
    assert (card.external_id, card.zone, card.restricted) == ("one", None, None)


def test_an_erasure_says_what_is_left_to_do_and_keeps_no_name(
    client: TestClient, seeded: Seeded, page: str
) -> None:
    answer = client.post(f"{page}/erase", data={"ground": "asked", "confirm": "one"})
    assert "Erased. Numbers: 1" in answer.text
    assert "backups of the database" in answer.text
    card = person_card(seeded.database, int(page.rpartition("/")[2]))
    assert card is not None
    assert (card.name, card.numbers) == ("", ())
    with seeded.database.read() as tx:
        (act,) = audit.of_action(tx, "person.erased", seeded.now)
        assert act.details == {"ground": "asked"}


def test_a_program_asks_for_the_same_and_names_the_person_in_the_body(
    client: TestClient, seeded: Seeded
) -> None:
    who = {"customer": "one", **WHY}
    assert client.post("/api/v1/persons/export", json=who).json()["customer"][0]["external_id"] == "one"
    assert client.post("/api/v1/persons/restrict", json=who).json() == {"changed": True}
    assert client.post("/api/v1/persons/restrict", json=who).json() == {"changed": False}
    assert client.post("/api/v1/persons/lift", json=who).json() == {"changed": True}
    assert client.post("/api/v1/persons/rectify", json={**who, "name": "Anne"}).json() == {"changed": True}
    assert said(seeded, "person.exported") == [("api", "asked by letter")]
    erase = {"customer": "one", "ground": "objected", "confirm": "one"}
    assert client.post("/api/v1/persons/erase", json=erase).json()["numbers"] == 1
    answer = client.post("/api/v1/persons/export", json=who)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")
