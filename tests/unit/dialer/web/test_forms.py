"""Every form of every page: what Enter does in it, and what becomes of it when a field is wrong."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.services.campaigns import campaigns
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}
PAGES = (
    "/", "/agents", "/agents/ben/panel", "/agents/amira", "/agents/ben", "/agents/dev", "/agents/hugo",
    "/campaigns", "/campaigns/new", "/campaigns/1", "/promises", "/do-not-call", "/schedule", "/plan",
)  # fmt: skip


@dataclass
class FormSeen:
    """One form: where it goes, whether something can be typed or chosen in it, and its first button."""

    action: str
    method: str
    fields: list[str] = field(default_factory=list)
    buttons: list[dict[str, str | None]] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[FormSeen] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.open = True
            self.found.append(FormSeen(given.get("action") or "", given.get("method") or "get"))
        elif not self.open:
            return
        elif tag == "button" and given.get("type", "submit") == "submit":
            self.found[-1].buttons.append(given)
        elif tag in {"select", "textarea"} or (tag == "input" and given.get("type") != "hidden"):
            self.found[-1].fields.append(given.get("name") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=20)
    seeded.connect(seeded.ring(), "amira")
    talked = seeded.ring()
    seeded.connect(talked, "ben")
    seeded.hang_up(talked, "ben")
    seeded.promise(1)
    yield seeded
    seeded.database.close()


def forms_of(client: TestClient, path: str) -> list[FormSeen]:
    parser = Forms()
    parser.feed(client.get(path).text)
    return parser.found


def test_no_form_that_changes_something_has_a_default_button_that_decides(client: TestClient) -> None:
    """A browser's Enter presses the first button of a form, and nothing at all where that is disabled."""
    seen = [(path, form) for path in PAGES for form in forms_of(client, path) if form.method == "post"]
    # who looks something up presses Enter; it is posted to keep names and numbers out of logs
    with_fields = [(path, form) for path, form in seen if form.fields and not form.action.endswith("/search")]

    decided = [(path, form) for path, form in with_fields if "disabled" not in form.buttons[0]]
    assert decided == []
    assert {form.action.rsplit("/", 1)[-1] for _, form in with_fields} >= {
        "disposition", "leave", "direction", "cancel", "do-not-call", "new",
    }  # fmt: skip


KEPT = {
    "name": "Summer <save>", "top": "40", "script": "Ask what changed.", "offer": "Half price.",
    "caller_id": "+442079460958", "holdout_share": "0.1", "explore_share": "0", "max_attempts": "3",
    "ring_s": "30", "abandon_target": "0.02", "mode": "predictive",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field_name", "typed", "sentence"),
    [
        ("caller_id", "0123", "such as +442079460958"),
        ("top", "many", "A whole number from 1"),
        ("holdout_share", "2", "A share from 0 to 0.9"),
        ("name", "", "One line of 1 to 120 characters"),
        ("queue", "not a queue", "letters, digits"),
    ],
)
def test_a_campaign_with_one_wrong_field_comes_back_whole_with_a_sentence_at_it(
    client: TestClient, field_name: str, typed: str, sentence: str
) -> None:
    answer = client.post("/campaigns/new", data=KEPT | {field_name: typed})

    assert answer.status_code == 422
    assert re.search(rf'id="{field_name}-wrong"[^>]*>[^<]*{re.escape(sentence)}', answer.text)
    assert answer.text.count('class="wrong"') == 1
    for name, value in KEPT.items():
        if name not in {field_name, "mode"}:
            assert html.escape(value) in answer.text, name
    assert "selected>predictive" in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_number_that_is_none_and_a_missing_reason_come_back_with_what_was_typed(client: TestClient) -> None:
    wrong_number = client.post("/do-not-call", data={"number": "call me", "reason": "asked by letter"})
    no_reason = client.post("/do-not-call", data={"number": "020 7946 0958", "reason": ""})

    assert (wrong_number.status_code, no_reason.status_code) == (422, 422)
    assert 'value="asked by letter"' in wrong_number.text
    assert 'id="number-wrong"' in wrong_number.text
    assert 'value="020 7946 0958"' in no_reason.text
    assert 'id="reason-wrong"' in no_reason.text


def test_a_promise_without_a_reason_to_cancel_stays_on_its_page(seeded: Seeded, client: TestClient) -> None:
    made = seeded.promise(2)
    answer = client.post(f"/promises/{made.id}/cancel", data={"reason": "x"})
    over = client.post("/promises/9999/cancel", data={"reason": "wrote an e-mail"})

    assert (answer.status_code, over.status_code) == (422, 409)
    assert made.reference in answer.text
    assert 'value="x" aria-invalid="true"' in answer.text
    assert made.reference in over.text
    assert "promise.not-open" in over.text


def test_a_plan_with_a_wrong_number_keeps_the_others(client: TestClient) -> None:
    answer = client.get("/plan", params={"agents": -1, "top": 40})

    assert answer.status_code == 422
    assert 'id="agents-wrong"' in answer.text
    assert re.search(r'id="top"[^>]*value="40"', answer.text)


def test_a_supervisors_short_reason_and_an_agents_note_are_not_lost(
    seeded: Seeded, client: TestClient
) -> None:
    why = client.post("/agents/dev/direction", data={"act": "pause", "why": "x"})
    attempt = seeded.ring()
    seeded.connect(attempt, "chloe")
    note = client.post(
        "/agents/chloe/disposition",
        data={"attempt": attempt, "disposition": "call_again", "note": "after six", "call_again_at": "soon"},
    )

    assert (why.status_code, note.status_code) == (422, 422)
    assert 'value="x" aria-invalid="true"' in why.text
    assert "after six</textarea>" in note.text


def test_a_campaign_is_finished_only_after_its_page_has_said_what_that_means(
    seeded: Seeded, client: TestClient
) -> None:
    asked = client.post("/campaigns/1/event", data={"event": "finish"})
    card = campaigns.campaign_card(seeded.database, 1)
    assert card is not None
    assert asked.status_code == 200
    assert card.state is CampaignState.RUNNING
    assert re.search(rf"<b>{card.leads[LeadState.LISTED]}</b> customers on its list are still", asked.text)
    assert "<b>0</b> of these calls were agreed" in asked.text

    sure = client.post("/campaigns/1/event", data={"event": "finish", "sure": "true"})
    card = campaigns.campaign_card(seeded.database, 1)
    assert card is not None
    assert (sure.status_code, card.state) == (303, CampaignState.FINISHED)
