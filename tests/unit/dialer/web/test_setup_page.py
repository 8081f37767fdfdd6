"""The setup page and its API: looked at first, applied as one, refused in one sentence with the text kept."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dialer.db.queries import audit
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}
TEAM = '[[agents]]\nid = "amira"\nphone = "PJSIP/101"\n[[teams]]\nid = "north"\nagents = ["amira"]\n'


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, headers=A_PAGE) as client:
        yield client


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def text_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_a_change_is_shown_then_applied_and_is_in_the_audit(client: TestClient, seeded: Seeded) -> None:
    shown = client.get("/setup").text
    planned = client.post("/setup", data={"text": TEAM, "act": "plan"}).text
    assert "Team north is added with amira." in planned
    assert TEAM == text_of(planned)
    assert "north" not in text_of(client.get("/setup").text)

    applied = client.post("/setup", data={"text": TEAM, "act": "apply", "version": version(shown)}).text
    assert "Queue team_north is new" in unescape(applied)
    assert 'id = "north"' in text_of(applied)
    with seeded.database.read() as tx:
        assert {"team.added", "organisation.taken-over"} <= {line.action for line in audit.latest(tx, 20)}
    # the form of a new campaign offers the team at once
    assert '<option value="north"' in client.get("/campaigns/new").text


def test_what_somebody_else_added_meanwhile_is_not_removed(client: TestClient) -> None:
    before = version(client.get("/setup").text)
    client.post("/setup", data={"text": TEAM, "act": "apply", "version": before})

    late = client.post("/setup", data={"text": "teams = []", "act": "apply", "version": before})
    assert late.status_code == 409
    assert "Somebody else has changed" in late.text
    assert 'id = "north"' in text_of(client.get("/setup").text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[teams]", "cannot be read as TOML"),
        ('[[teams]]\nid = "north"\nagents = ["nobody"]', "Nobody knows the agent 'nobody' of team north"),
        ('[[trunks]]\nid = "x"\ndial = "no dial string"', "must match"),
    ],
)
def test_a_refusal_says_why_and_keeps_the_text(client: TestClient, text: str, said: str) -> None:
    answer = client.post("/setup", data={"text": text, "act": "apply", "version": "0"})

    assert answer.status_code == 409
    assert said in unescape(answer.text)
    assert text == text_of(answer.text)


def test_programs_plan_and_apply_the_same(client: TestClient) -> None:
    body: dict[str, Any] = {"pause_reasons": ["lunch"], "numbers": [{"id": "+442079460001"}]}
    api = "/api/v1/organisation"
    plan = client.post(f"{api}/plan", json=body).json()
    assert not plan["applied"]
    assert client.get(api).json()["numbers"] == []

    done = client.patch(api, json=body).json()
    assert (done["applied"], done["words"]) == (True, plan["words"])
    found = client.get(api).json()
    assert [{"id": "lunch"}] == found["pause_reasons"]
    assert client.patch(api, json=body).json()["words"] == []
    refused = client.patch(api, json={"pause_reasons": []})
    assert (409, "setup.refused") == (refused.status_code, refused.json()["error"]["code"])
