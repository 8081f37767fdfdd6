"""The reports on their pages, over the API and as files: one definition, by right, and written down."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from python_calamine import load_workbook
from starlette.testclient import TestClient

from dialer.core.outbox.message import MessageChannel, MessageState
from dialer.db.queries import audit, outbox
from dialer.messaging_settings import MailSettings
from dialer.services.reporting.reports import REPORTS
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
HTML = {"accept": "text/html"}
WEEK = "from=2026-06-04&to=2026-06-10"


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=8)
    attempt = seeded.ring()
    seeded.answer(attempt)
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE) as client:
        yield client


def test_page_api_and_files_say_the_same_of_a_campaign(client: TestClient, seeded: Seeded) -> None:
    (row,) = client.get(f"/api/v1/reports/contacts?{WEEK}&by=all").json()["rows"]
    page = client.get(f"/reports/contacts?{WEEK}&by=all", headers=HTML).text
    (line,) = csv.DictReader(StringIO(client.get(f"/reports/contacts.csv?{WEEK}&by=all").text))
    sheet = load_workbook(BytesIO(client.get(f"/reports/contacts.xlsx?{WEEK}").content)).get_sheet_by_index(0)
    with seeded.database.read() as tx:
        taken = [act.subject for act in audit.of_action(tx, "report.taken-away", seeded.now)]

    assert ("Spring save", 1, 1) == (row["campaign"], row["attempts"], row["connected"])
    assert ("Spring save", "1") == (line["campaign"], line["connected"])
    assert "Spring save" in page
    assert "Attempts" in sheet.to_python()[0]
    assert ["contacts", "contacts"] == taken


def test_every_report_has_a_page_a_file_and_an_answer_for_programs(client: TestClient) -> None:
    listed = client.get("/reports", headers=HTML).text

    assert list(REPORTS) == [report["name"] for report in client.get("/api/v1/reports").json()]
    for name, card in REPORTS.items():
        page = client.get(f"/reports/{name}", headers=HTML)
        answer = client.get(f"/api/v1/reports/{name}").json()

        assert (200, True) == (page.status_code, card.title in page.text)
        assert f'href="/reports/{name}"' in listed
        assert answer["columns"]
        assert 200 == client.get(f"/reports/{name}.csv").status_code


def test_a_figure_beside_its_limit_is_said_in_words(client: TestClient) -> None:
    page = client.get("/reports/abandonment", headers=HTML).text

    assert "within</span>" in page
    assert 'class="pill is-ready"' in page


def test_what_cannot_be_reported_is_said_in_a_sentence(client: TestClient) -> None:
    backwards = client.get("/api/v1/reports/contacts?from=2026-06-10&to=2026-06-01")
    endless = client.get("/api/v1/reports/contacts?from=2020-01-01&to=2026-06-01")

    assert (409, "report.refused") == (backwards.status_code, backwards.json()["error"]["code"])
    assert "400 days" in endless.json()["error"]["message"]
    assert 404 == client.get("/api/v1/reports/gossip").status_code
    assert 422 == client.get("/api/v1/reports/contacts?by=hour").status_code


def test_a_report_is_put_on_the_mailing_list_for_the_house_alone(seeded: Seeded) -> None:
    mail = MailSettings(way="file", sender="winback@example.com", domains=["example.com"])
    settings = web_settings().model_copy(update={"mail": mail})
    with TestClient(application(seeded.database, settings, seeded.clock), base_url=HERE) as client:
        wrong = client.post("/reports/mailings", data={"report": "agents", "address": "a@evil.org"})
        page = client.post("/reports/mailings", data={"report": "agents", "address": "a@example.com"}).text
        (card,) = client.get("/api/v1/reports/mailings").json()
        client.post(f"/reports/mailings/{card['id']}/remove")

        assert (422, True) == (wrong.status_code, "mail.domains" in wrong.text)
        assert "a@example.com" in page
        assert ("agents", "weekly", "xlsx") == (card["report"], card["rhythm"], card["format"])
        assert [] == client.get("/api/v1/reports/mailings").json()


def test_a_message_that_failed_is_shown_with_its_reason_and_tried_again(
    client: TestClient, seeded: Seeded
) -> None:
    with seeded.database.write() as tx:
        outbox.add(tx, MessageChannel.WEBHOOK, "promise.made", seeded.now, endpoint="crm")
        (row,) = outbox.latest(tx, 1)
        row.state, row.fault, row.due_at = MessageState.FAILED, "it answered 400", None
        key = row.id

    shown = client.get("/outbox?state=failed", headers=HTML).text
    back = {**HTML, "referer": "http://127.0.0.1:8000/outbox?state=failed"}
    again, too_late = (
        client.post(f"/outbox/{key}/retry", headers=back, follow_redirects=True) for _ in range(2)
    )

    assert "it answered 400" in shown
    assert "It goes out again" in again.text
    assert "Try again" not in again.text
    assert "/outbox?state=failed&told=" in str(again.url)
    assert "message.not-failed" in too_late.text
    assert ["waiting"] == [message["state"] for message in client.get("/api/v1/outbox").json()]
    assert 409 == client.post(f"/api/v1/outbox/{key}/retry").status_code


def test_the_dashboard_warns_of_abandonment_and_of_late_promises_in_words(
    client: TestClient, seeded: Seeded
) -> None:
    seeded.abandon(seeded.ring())
    seeded.promise(3)

    view = client.get("/api/v1/dashboard").json()

    assert "over the limit" == view["today"]["standing"]
    assert {promise["standing"] for promise in view["promises"]["next"]} <= {"not known", "within"}
