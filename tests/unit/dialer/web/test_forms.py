"""Every form of every page: what Enter does in it, and what becomes of it when a field is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.web.app import create_app
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}
PAGES = (
    "/", "/agents", "/agents/amira", "/agents/ben", "/agents/dev", "/agents/hugo", "/campaigns",
    "/campaigns/new", "/campaigns/1", "/promises", "/do-not-call", "/schedule", "/plan",
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


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = create_app(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, follow_redirects=False, headers=A_PAGE) as client:
        yield client


def forms_of(client: TestClient, path: str) -> list[FormSeen]:
    parser = Forms()
    parser.feed(client.get(path).text)
    return parser.found


def test_no_form_that_changes_something_has_a_default_button_that_decides(client: TestClient) -> None:
    """A browser's Enter presses the first button of a form, and nothing at all where that is disabled."""
    seen = [(path, form) for path in PAGES for form in forms_of(client, path) if form.method == "post"]
    with_fields = [(path, form) for path, form in seen if form.fields]

    decided = [(path, form) for path, form in with_fields if "disabled" not in form.buttons[0]]
    assert decided == []
    assert {form.action.rsplit("/", 1)[-1] for _, form in with_fields} >= {
        "disposition", "leave", "direction", "cancel", "do-not-call", "new",
    }  # fmt: skip
