"""People come in by the house's OpenID provider: a real one, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from bench.testbed.ports import free_port
from bench.testbed.server import wait_until
from starlette.testclient import TestClient

from dialer.core.access.rights import UserRole
from dialer.db.queries import audit
from dialer.services.organisation.users import add_user, disable_user, invite
from dialer.settings import Settings
from dialer.web.access.oidc import WELL_KNOWN
from dialer.web.access.visitors import COOKIE
from dialer.web.app import create_app
from dialer.web_settings import LoginSettings, OidcSettings, WebSettings
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
ACTOR = "test"
SECRET = "winback's own"  # noqa: S105 - the test's own
START_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider's address: the whole flow over HTTP, its own keys, its own form."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        wait_until(lambda: answers(port), START_WITHIN_S, "the provider answers")
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}{WELL_KNOWN}").is_success
    except httpx2.TransportError:
        return False


class House:
    """A centre that logs in at its provider, and browsers before both."""

    def __init__(self, seeded: Seeded, issuer: str) -> None:
        self.seeded = seeded
        self.issuer = issuer
        login = LoginSettings(
            mode="oidc",
            oidc=OidcSettings(
                issuer=issuer, client_id="winback", client_secret=SECRET, label="Log in with Acme"
            ),
        )
        self.settings = Settings(web=WebSettings(login=login))

    def browser(self) -> TestClient:
        app = create_app(self.seeded.database, self.settings, self.seeded.clock)
        return TestClient(app, base_url=HERE, follow_redirects=False, headers={"accept": "text/html"})

    def user(self, name: str = "maria") -> None:
        add_user(self.seeded.database, name, UserRole.MANAGER, now=self.seeded.now, actor=ACTOR)

    def known_there(self, subject: str, name: str) -> None:
        claims = {"preferred_username": name}
        httpx2.put(f"{self.issuer}/users/{quote(subject)}", json=claims).raise_for_status()

    def way_back(
        self, browser: TestClient, subject: str, *, path: str = "", action: str = "authorize"
    ) -> str:
        """Where the provider sends the browser once `subject` has proven themselves there."""
        sent = browser.get("/log-in/provider", params={"next": path})
        form = {"sub": subject, "action": action}
        return httpx2.post(sent.headers["location"], data=form).headers["location"]


@pytest.fixture
def house(tmp_path: Path, provider: str) -> Iterator[House]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield House(seeded, provider)
    seeded.database.close()


def test_who_the_provider_proves_is_in_under_their_own_name_and_where_they_wanted_to_go(house: House) -> None:
    house.user()
    house.known_there("s-1", "Maria")
    browser = house.browser()
    page = browser.get("/log-in?next=/plan")
    answer = browser.get(house.way_back(browser, "s-1", path="/plan?day=2"))

    assert "Log in with Acme" in page.text
    assert "password" not in page.text
    assert (303, "/plan?day=2") == (answer.status_code, answer.headers["location"])
    assert "maria" == browser.get("/api/v1/me", headers={"accept": "application/json"}).json()["name"]
    with house.seeded.database.read() as tx:
        assert {"way": "oidc", "address": "testclient"} == audit.latest(tx, 1)[0].details


def test_whoever_is_no_user_here_is_not_let_in_though_the_provider_knows_them(house: House) -> None:
    house.user("ola")
    disable_user(house.seeded.database, "ola", now=house.seeded.now, actor=ACTOR)
    for subject, name in (("s-2", "eva"), ("s-3", "ola"), ("s-4", "no name!")):
        house.known_there(subject, name)
        browser = house.browser()
        answer = browser.get(house.way_back(browser, subject))

        assert 403 == answer.status_code
        assert COOKIE not in browser.cookies


def test_a_name_that_was_given_to_another_person_lets_that_one_in_nowhere(house: House) -> None:
    house.user()
    house.known_there("s-5", "maria")
    house.known_there("s-6", "maria")
    first, second = house.browser(), house.browser()
    came_in = first.get(house.way_back(first, "s-5"))
    taken_over = second.get(house.way_back(second, "s-6"))
    house.known_there("s-5", "maria.hansen")
    renamed = first.get(house.way_back(first, "s-5"))

    assert (303, 403, 303) == (came_in.status_code, taken_over.status_code, renamed.status_code)
    assert "log-in.other-person" in taken_over.text


def test_an_answer_counts_once_and_in_the_browser_that_asked(house: House) -> None:
    house.user()
    house.known_there("s-7", "maria")
    browser, other = house.browser(), house.browser()
    answer = house.way_back(browser, "s-7")
    house.way_back(other, "s-7")

    assert 403 == other.get(answer).status_code
    assert 403 == house.browser().get(answer).status_code
    assert 303 == browser.get(answer).status_code
    assert 403 == browser.get(answer).status_code


def test_who_says_no_there_is_told_so_and_may_try_again(house: House) -> None:
    browser = house.browser()
    answer = browser.get(house.way_back(browser, "s-8", action="deny"))

    assert 403 == answer.status_code
    assert "did not confirm who you are" in answer.text
    assert 303 == browser.get("/log-in/provider").status_code


def test_with_a_provider_no_password_and_no_link_lets_anybody_in(house: House) -> None:
    house.user()
    secret = invite(house.seeded.database, "maria", now=house.seeded.now, actor=ACTOR)
    browser = house.browser()
    words = {"password": "four words are easy", "again": "four words are easy"}

    assert 403 == browser.post(f"/invitation/{secret}", data=words).status_code
    assert 403 == browser.post("/log-in", data={"name": "maria", "password": words["password"]}).status_code
    assert COOKIE not in browser.cookies


def test_where_nobody_answers_the_page_says_so_in_one_sentence(tmp_path: Path) -> None:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    answer = House(seeded, "http://localhost:9").browser().get("/log-in/provider")
    seeded.database.close()

    assert 403 == answer.status_code
    assert "the log says why" in answer.text


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    app = create_app(seeded.database, Settings(), seeded.clock)
    answer = TestClient(app, base_url=HERE).get("/log-in/provider")
    seeded.database.close()

    assert 403 == answer.status_code
    assert "log-in.elsewhere" in answer.text
