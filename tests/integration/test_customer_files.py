"""A CRM's export from a page and over HTTP: looked at, corrected, counted, stored after a yes, given back."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.testbed.server import wait_until
from sqlalchemy import select
from starlette.testclient import TestClient

from dialer.db.models import Customer, Prohibition, ReceivedFile
from dialer.services.customers.received_files import KEPT, drop_old_files, safe_name
from dialer.web.app import create_app
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
WITHIN_S = 120.0
#: as a German CRM writes it: semicolons, cp1252, days as Excel's numbers, decimal commas, two bad cells
EXPORT = (
    "Kundennummer;Name;Telefon;Vertragsende;Monatsbeitrag;Werbesperre;Notiz\r\n"
    + "".join(
        f"K{each:03};Jürgen Müller {each};030 2312{each:04};{46000 + each};{each + 20},50;"
        f"{'ja' if each == 3 else ''};\r\n"
        for each in range(1, 31)
    )
    + "K031;=cmd|' /C calc'!A0;12;46100;20,50;;\r\n"
    + "K001;Doppelt;030 23125099;46100;20,50;;=1+1\r\n"
).encode("cp1252")


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded, tmp_path: Path) -> Iterator[TestClient]:
    settings = web_settings().model_copy(update={"data_dir": tmp_path})
    settings.calling.default_region = "DE"
    app = create_app(seeded.database, settings, seeded.clock)
    with TestClient(app, base_url=HERE, headers={"accept": "text/html"}) as client:
        yield client


def hand_in(client: TestClient, content: bytes = EXPORT, name: str = "export.csv", **form: str) -> str:
    """The page of the file, once it was looked at."""
    answer = client.post("/imports", files={"file": (name, content)}, data=form)
    assert answer.status_code == 200, answer.text
    return settled(client, answer.url.path)


def settled(client: TestClient, path: str) -> str:
    """The page of a file once nobody is at work at it."""
    wait_until(lambda: 'http-equiv="refresh"' not in client.get(path).text, WITHIN_S, "nobody is at it")
    return client.get(path).text


def path_of(page: str) -> str:
    found = re.search(r'action="(/imports/\d+)/', page)
    assert found is not None, page
    return found[1]


def chosen(page: str) -> dict[str, str]:
    """What each column is said to be."""
    row = r'<label for="role-\d+">([^<]+)</label>.*?<option value="([^"]+)" selected>'
    return dict(re.findall(row, page, re.DOTALL))


def test_a_file_is_shown_corrected_counted_and_then_stored(client: TestClient, seeded: Seeded) -> None:
    page = hand_in(client, source="crm")
    assert "text in cp1252 with &#39;;&#39; between the cells" in page
    assert chosen(page) == {
        "Kundennummer": "id",
        "Name": "name",
        "Telefon": "phone",
        "Vertragsende": "attribute",
        "Monatsbeitrag": "attribute",
        "Werbesperre": "do not call",
        "Notiz": "attribute",
    }
    assert "Jürgen Müller 1 · Jürgen Müller 2" in page
    assert "numbers with a decimal comma" in page

    path = path_of(page)
    roles = {"role-6": "ignored"}
    page = settled(client, client.post(f"{path}/check", data=roles).url.path)
    assert "<b>32</b> rows: <b>31</b> good, <b>1</b> bad" in page
    assert chosen(page)["Notiz"] == "ignored"
    with seeded.database.read() as tx:
        assert tx.scalar(select(Customer).where(Customer.external_id == "K001")) is None

    page = settled(client, client.post(f"{path}/store").url.path)
    assert "31 customers added" in page
    assert "1 person is put off" in page
    with seeded.database.read() as tx:
        known = tx.scalars(select(Customer).where(Customer.external_id == "K003")).one()
        assert (known.name, known.attributes["Monatsbeitrag"]) == ("Jürgen Müller 3", "23.50")
        assert "Notiz" not in known.attributes
        assert tx.get(Prohibition, known.id) is not None

    rejected = client.get(f"{path}/rejected.csv")
    (bad,) = csv.DictReader(io.StringIO(rejected.text))
    assert (bad["line"], bad["Notiz"]) == ("33", "'=1+1")
    incomplete = client.get(f"{path}/incomplete.csv").text
    assert "'=cmd|" in incomplete

    again = hand_in(client, source="crm")
    assert "source crm, read as its file before" in again
    assert chosen(again)["Notiz"] == "ignored"


def test_two_columns_that_only_one_can_be_are_said_and_the_choice_stays(client: TestClient) -> None:
    page = hand_in(client)
    answer = client.post(f"{path_of(page)}/check", data={"role-1": "id"})
    assert answer.status_code == 422
    assert "Only one column can be the id: Kundennummer or Name?" in answer.text
    assert chosen(answer.text)["Name"] == "id"


def test_a_file_that_is_none_is_refused_in_one_sentence_with_its_own_name(client: TestClient) -> None:
    page = hand_in(client, b"%PDF-1.7 not a table", "kunden.csv")
    assert "kunden.csv is a PDF" in page
    assert str(Path("/")) + "tmp" not in page


def test_a_person_says_which_column_tells_customers_apart_where_none_is_found(client: TestClient) -> None:
    page = hand_in(client, b"a,b\n1,2\n", "odd.csv")
    assert chosen(page) == {"a": "attribute", "b": "attribute"}
    path = path_of(page)
    answer = client.post(f"{path}/check")
    assert (answer.status_code, "say which one is the id" in answer.text) == (422, True)
    page = settled(client, client.post(f"{path}/check", data={"role-0": "id"}).url.path)
    assert "<b>1</b> rows: <b>1</b> good" in page


def test_a_file_that_was_refused_can_be_looked_at_again(client: TestClient) -> None:
    page = hand_in(client, b"id,name\n", "odd.csv")
    assert "no row below" in page
    assert "/look" in page


def test_a_program_hands_its_nightly_file_in_and_hears_what_came_of_it(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/customer-files", files={"file": ("night.csv", EXPORT)}, data={"source": "crm"}
    )
    assert answer.status_code == 202, answer.text
    number = answer.json()["id"]

    def card_now() -> dict[str, Any]:
        card: dict[str, Any] = client.get(f"/api/v1/customer-files/{number}").json()
        return card

    wait_until(lambda: card_now()["state"] != "storing", WITHIN_S, "the file is read")
    card = card_now()
    assert card["state"] == "stored", card
    assert (card["report"]["good"], card["report"]["bad"]) == (31, 1)
    assert card["report"]["missing"]["sentences"] == ["Nobody of source 'crm' is missing."]
    assert "id.twice" in client.get(f"/api/v1/customer-files/{number}/rejected").text


def test_a_request_of_another_site_and_one_too_large_are_refused(client: TestClient) -> None:
    files = {"file": ("night.csv", EXPORT)}
    foreign = {"origin": "http://evil.example"}
    answer = client.post("/api/v1/customer-files", files=files, data={"source": "crm"}, headers=foreign)
    assert answer.status_code == 403
    large = {"content-length": str(513 * 1024 * 1024)}
    answer = client.post("/api/v1/customer-files", content=b"x", headers=large)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body.too-large")


def test_a_reader_that_dies_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.web.file_reader.READER", "dialer.jobs.not_there")
    page = hand_in(client)
    assert "What reads the file ended in the middle" in page


def test_files_go_after_two_weeks_and_what_was_shown_of_them(
    client: TestClient, seeded: Seeded, tmp_path: Path
) -> None:
    hand_in(client)
    assert list((tmp_path / "received").iterdir())
    assert drop_old_files(seeded.database, tmp_path, seeded.now + KEPT + KEPT) == 1
    assert not list((tmp_path / "received").iterdir())
    with seeded.database.read() as tx:
        assert tx.scalars(select(ReceivedFile.seen)).all() == [{}]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\crm\\Kunden Ø.xlsx", "Kunden Ø.xlsx"),
        ("a\x00b\n.csv", "a_b_.csv"),
        (".bashrc", "bashrc"),
        ("..", "customers"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_a_files_name_is_nothing_else_to_a_file_system(name: str, safe: str) -> None:
    assert safe_name(name) == safe


#: nothing in it tells whether 1.234 is a thousand and more, or 03/04/2024 in March
OPEN = b"id;Name;Tel;Umsatz;Seit\n1;Ada;030 23125000;1.234;03/04/2024\n2;Otis;0171 1234567;2.345;05/06/2024\n"


def attributes(seeded: Seeded, external_id: str) -> dict[str, Any]:
    with seeded.database.read() as tx:
        return dict(tx.scalars(select(Customer).where(Customer.external_id == external_id)).one().attributes)


def test_a_column_of_two_readings_is_picked_on_the_page_and_remembered(
    client: TestClient, seeded: Seeded
) -> None:
    page = hand_in(client, OPEN, "open.csv", source="sap")
    assert "decimal comma: 1.234 → 1234" in page
    assert "month first: 03/04/2024 → 04 March 2024" in page
    path = path_of(page)
    answer = client.post(f"{path}/check", data={"reading-3": "decimal comma"})
    assert answer.status_code == 422
    assert "Pick one under “Written as”, or make the column “ignored”" in answer.text
    assert '"decimal comma" selected' in answer.text

    picked = {"reading-3": "decimal comma", "reading-4": "day first", "country": "de"}
    page = settled(client, client.post(f"{path}/check", data=picked).url.path)
    assert "<b>2</b> rows: <b>2</b> good" in page
    settled(client, client.post(f"{path}/store").url.path)
    assert attributes(seeded, "1") == {"Umsatz": "1234", "Seit": "2024-04-03"}

    again = hand_in(client, OPEN, "open.csv", source="sap")
    assert '"day first" selected' in again
    assert "<b>2</b> rows: <b>2</b> good" in settled(client, client.post(f"{path_of(again)}/check").url.path)


def test_a_program_says_what_a_refused_file_left_open(client: TestClient, seeded: Seeded) -> None:
    files = {"file": ("open.csv", OPEN.replace(b"id;", b"Nummer des Hauses;"))}
    number = client.post("/api/v1/customer-files", files=files, data={"source": "sap"}).json()["id"]
    where = f"/api/v1/customer-files/{number}"

    def done() -> dict[str, Any]:
        wait_until(lambda: client.get(where).json()["state"] != "storing", WITHIN_S, "the file is read")
        card: dict[str, Any] = client.get(where).json()
        return card

    card = done()
    assert (card["state"], "--" in card["said"]) == ("refused", False)
    umsatz = next(column for column in card["columns"] if column["name"] == "Umsatz")
    assert umsatz["readings"] == {"decimal comma": "1234", "decimal point": "1.234"}
    answer = client.post(f"{where}/corrections", json={"columns": [{"name": "no", "role": "id"}]})
    assert (answer.status_code, "there is no column 'no'" in answer.text) == (409, True)
    answer = client.post(f"{where}/corrections", json={"columns": [{"name": "Umsatz", "notation": "?"}]})
    assert answer.status_code == 422

    said = [
        {"name": "Nummer des Hauses", "role": "id"},
        {"name": "Umsatz", "notation": "decimal point"},
        {"name": "Seit", "notation": "month first"},
    ]
    answer = client.post(f"{where}/corrections", json={"columns": said, "region": "DE"})
    assert answer.status_code == 202, answer.text
    assert done()["state"] == "stored", done()
    assert attributes(seeded, "2") == {"Umsatz": "2.345", "Seit": "2024-05-06"}
    assert client.post(f"{where}/corrections", json={"columns": said}).status_code == 409
