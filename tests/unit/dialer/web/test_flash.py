"""What came of a form is there after a reload, which sends nothing again; no address has any of it."""

import re
from collections.abc import Mapping

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from dialer.services.organisation.users import invite_first_admin
from dialer.settings import Settings
from dialer.web import flash
from dialer.web_settings import LoginSettings, WebSettings
from tests.browser.application import application
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
PASSWORD = "four words are easy"  # noqa: S105 - the test's own
NEW_PASSWORD = "four other words here"  # noqa: S105 - the test's own
TOKEN = {"name": "bi", "weeks": "4", "scopes": "campaigns.read"}
WHY = {"reason": "asked by letter"}

#: where a form goes, what it holds, and what has to be seen of it
SENT: tuple[tuple[str, Mapping[str, str], str], ...] = (
    ("/users", {"name": "ola", "role": "agent"}, "/invitation/"),
    ("/users/admin/invitation", {}, "/invitation/"),
    ("/users/-/tokens", TOKEN, "wbk_"),
    ("/account/tokens", TOKEN, "wbk_"),
    ("/account/password", {"old": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}, "is changed"),
    ("/customers", {"who": "+15005550001"}, "No customer has this id"),
    ("/customers/2/rectify", {"name": "Ola Nordmann", **WHY}, "Correct the source too"),
    ("/customers/3/erase", {"ground": "asked", "confirm": ""}, "Still to be done by you"),
    ("/do-not-call/search", {"number": "+442079460999"}, "Neither on your list"),
    ("/setup", {"text": "[[teams]]\nid = 'north'\n", "act": "apply", "version": ""}, "Applied"),
    (
        "/campaigns/new/list",
        {"save_as": "Loyal", "top": "10", "holdout_share": "0", "explore_share": "0", "script": "Hei på deg"},
        "is kept",
    ),
)


@pytest.fixture
def admin(seeded: Seeded) -> TestClient:
    settings = Settings(web=WebSettings(login=LoginSettings(mode="local")))
    app = application(seeded.database, settings, seeded.clock)
    client = TestClient(app, base_url=HERE, follow_redirects=False, headers={"accept": "text/html"})
    secret = invite_first_admin(seeded.database, seeded.now)
    client.post(f"/invitation/{secret}", data={"password": PASSWORD, "again": PASSWORD})
    return client


def filled(admin: TestClient, path: str, form: Mapping[str, str]) -> dict[str, str]:
    """The form as somebody fills it who looks at the page."""
    shown = admin.get("/setup").text
    known = {
        "version": re.search('name="version" value="([0-9]+)"', shown),
        "confirm": re.search(
            r"<small>([^<]+)</small></div>\s*<div class=\"field wide\"><button class=\"danger",
            admin.get("/customers/3/requests").text,
        ),
    }
    return {name: value or known[name][1] for name, value in form.items()}  # type: ignore[index]


@pytest.mark.parametrize(("path", "form", "seen"), SENT, ids=[path for path, _, _ in SENT])
def test_what_came_of_a_form_outlives_a_reload_and_is_in_no_address(
    admin: TestClient, path: str, form: Mapping[str, str], seen: str
) -> None:
    answer = admin.post(path, data=filled(admin, path, form))
    assert 303 == answer.status_code, answer.text
    address = answer.headers["location"]

    assert seen in admin.get(address).text
    assert seen in admin.get(address).text
    assert re.fullmatch(r"[a-z0-9/-]+\?told=[0-9a-f]{8}", address)
    assert seen not in admin.get(address.partition("?")[0]).text


def kept_by(answer: Response) -> str:
    return answer.headers["set-cookie"]


def test_what_is_kept_leaves_the_browser_by_itself_and_no_script_reads_it(admin: TestClient) -> None:
    kept = kept_by(admin.post("/users/-/tokens", data=TOKEN))

    assert {"HttpOnly", "Max-Age=600", "Path=/users", "SameSite=strict"} <= set(kept.split("; "))
    assert "wbk_" not in kept


def test_another_session_in_the_same_browser_is_told_nothing(admin: TestClient, seeded: Seeded) -> None:
    address = admin.post("/users", data={"name": "ola", "role": "admin"}).headers["location"]
    link = re.search('id="link-once">([^<]+)', admin.get(address).text)[1]  # type: ignore[index]

    admin.post(link, data={"password": NEW_PASSWORD, "again": NEW_PASSWORD})

    assert "Ola" in admin.get("/account").text or "ola" in admin.get("/account").text
    assert "link-once" not in admin.get(address).text


@pytest.mark.parametrize("put", ["", ".", "x.x", "0" * 64 + ".eJyrVipOTS5KLVGyUqpUqgUAJzcFJA=="])
def test_what_was_put_there_by_somebody_else_is_not_shown(admin: TestClient, put: str) -> None:
    admin.cookies.set(f"{flash.COOKIE}0a0a0a0a", put, path="/users")

    page = admin.get("/users?told=0a0a0a0a")

    assert 200 == page.status_code
    assert "link-once" not in page.text


def test_several_are_told_side_by_side_until_the_browser_would_send_too_much(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (admin.post("/users/-/tokens", data=TOKEN).headers["location"] for _ in range(2))
    assert "wbk_" in admin.get(one).text
    assert "wbk_" in admin.get(two).text

    monkeypatch.setattr(flash, "MOST_BYTES", 300)
    three = admin.post("/users/-/tokens", data=TOKEN).headers["location"]

    assert "wbk_" not in admin.get(one).text
    assert "wbk_" in admin.get(three).text


def test_what_no_cookie_has_room_for_is_shown_at_once(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash, "MOST_BYTES", 100)

    answer = admin.post("/users/-/tokens", data=TOKEN)

    assert 200 == answer.status_code
    assert "wbk_" in answer.text
