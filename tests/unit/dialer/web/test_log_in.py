"""The way in: passwords, second steps, one-time links, a proxy's word; and what keeps guessers out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from pydantic import ValidationError
from starlette.testclient import TestClient

from dialer.core.access.log_in_limits import MOST_OF_NAME_AND_ADDRESS, network_of
from dialer.core.access.rights import UserRole
from dialer.services.organisation import secrets_kept
from dialer.services.organisation.users import (
    UserFault,
    add_user,
    change_user,
    disable_user,
    invite,
    invite_first_admin,
)
from dialer.settings import Settings
from dialer.web.access.visitors import COOKIE
from dialer.web.pages.log_in import inside
from dialer.web_settings import LoginSettings, WebSettings
from tests.browser.application import application
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}
PASSWORD = "four words are easy"  # noqa: S105 - the test's own
ACTOR = "test"
#: argon2id with as little work as it takes: what is tested here is who comes in, not how long a guess takes
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
products_own_hasher = secrets_kept._hasher


@pytest.fixture(autouse=True, scope="module")
def _passwords_are_hashed_lightly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets_kept, "_hasher", lambda: LIGHT)
        yield


@dataclass(frozen=True)
class Door:
    """A centre's front door, and browsers before it."""

    seeded: Seeded
    settings: Settings

    def browser(self, *, at: str = "192.0.2.7", here: str = HERE) -> TestClient:
        app = application(self.seeded.database, self.settings, self.seeded.clock)
        return TestClient(app, base_url=here, follow_redirects=False, headers=A_PAGE, client=(at, 5))

    def invited(self, name: str = "maria", role: UserRole = UserRole.MANAGER) -> str:
        database, now = self.seeded.database, self.seeded.now
        add_user(database, name, role, now=now, actor=ACTOR)
        return f"/invitation/{invite(database, name, now=now, actor=ACTOR)}"

    def with_password(self, name: str = "maria") -> None:
        self.browser().post(self.invited(name), data={"password": PASSWORD, "again": PASSWORD})


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield Door(seeded, Settings())
    seeded.database.close()


def log_in(browser: TestClient, password: str = PASSWORD, **more: str) -> int:
    return browser.post("/log-in", data={"name": "maria", "password": password, **more}).status_code


def test_the_first_link_makes_an_administrator_and_none_is_given_once_somebody_came_in(door: Door) -> None:
    secret = invite_first_admin(door.seeded.database, door.seeded.now)
    browser = door.browser()
    looked_at_twice = [browser.get(f"/invitation/{secret}").status_code for _ in range(2)]
    came_in = browser.post(f"/invitation/{secret}", data={"password": PASSWORD, "again": PASSWORD})

    assert [200, 200] == looked_at_twice
    assert (303, "/") == (came_in.status_code, came_in.headers["location"])
    assert 200 == browser.get("/users").status_code
    assert invite_first_admin(door.seeded.database, door.seeded.now) is None


def test_a_link_works_once_and_for_three_days(door: Door) -> None:
    link = door.invited()
    door.browser().post(link, data={"password": PASSWORD, "again": PASSWORD})
    again = door.browser().post(link, data={"password": "another good word", "again": "another good word"})
    other = door.invited("ola")
    door.seeded.now += timedelta(days=3)

    assert 403 == again.status_code
    assert "This link was used" in again.text
    assert [403, 303] == [door.browser().get(other).status_code, log_in(door.browser())]


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        (PASSWORD, "something else", "not the same"),
        ("short", "short", "12 to 200 characters"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "different characters"),
        ("maria is my name", "maria is my name", "log-in name"),
    ],
)
def test_a_weak_password_is_shown_again_and_the_link_still_works(
    door: Door, password: str, again: str, said: str
) -> None:
    link, browser = door.invited(), door.browser()
    shown = browser.post(link, data={"password": password, "again": again})

    assert 422 == shown.status_code
    assert said in shown.text
    assert 200 == browser.get(link).status_code


def test_a_log_in_leads_to_the_page_that_was_asked_for_and_out_again(door: Door) -> None:
    door.with_password()
    browser = door.browser()
    asked = browser.get("/campaigns").headers["location"]
    answer = browser.post("/log-in", data={"name": "Maria", "password": PASSWORD, "next": "/campaigns"})
    cookie = answer.headers["set-cookie"]

    assert "/log-in?next=%2Fcampaigns" == asked
    assert (303, "/campaigns") == (answer.status_code, answer.headers["location"])
    assert ["HttpOnly", "SameSite=lax"] == re.findall("HttpOnly|SameSite=lax|Secure", cookie)
    assert 200 == browser.get("/campaigns").status_code

    kept = browser.cookies[COOKIE]
    browser.post("/log-out")
    browser.cookies.set(COOKIE, kept)
    assert 303 == browser.get("/campaigns").status_code


def test_every_log_in_has_a_session_of_its_own(door: Door) -> None:
    door.with_password()
    chosen = {"cookie": f"{COOKIE}=chosen-by-somebody-else"}
    data = {"name": "maria", "password": PASSWORD}
    given = {door.browser().post("/log-in", data=data, headers=chosen).cookies[COOKIE] for _ in range(2)}

    assert 2 == len(given - {"chosen-by-somebody-else"})


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb"]
)
def test_a_log_in_leads_nowhere_else(path: str) -> None:
    assert inside(path) is None


def test_nobody_is_told_whether_a_name_or_a_password_is_wrong(door: Door) -> None:
    door.with_password()
    said = [
        re.sub(
            'value="[a-z]*"', "", door.browser().post("/log-in", data={"name": name, "password": "x"}).text
        )
        for name in ("maria", "nobody")
    ]

    assert said[0] == said[1]
    assert "log-in.wrong" in said[0]


def test_guessing_locks_a_name_where_it_is_guessed_and_not_for_its_owner(door: Door) -> None:
    door.with_password()
    guesser, owner = door.browser(), door.browser(at="192.0.2.8")
    guessed = [log_in(guesser, "a wrong guess") for _ in range(MOST_OF_NAME_AND_ADDRESS)]

    assert [403] * MOST_OF_NAME_AND_ADDRESS == guessed
    assert 429 == log_in(guesser)  # also with the right one: else the lock would tell
    assert 303 == log_in(owner)

    door.seeded.now += timedelta(minutes=15)
    assert 303 == log_in(guesser)


def test_households_of_ipv6_are_counted_as_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert "192.0.2.1" == network_of("::ffff:192.0.2.1")


def test_a_second_step_is_asked_for_and_each_code_is_good_once(door: Door) -> None:
    door.with_password()
    browser = door.browser()
    log_in(browser)
    secret = re.search('id="second-step-secret">([A-Z2-7]+)', browser.get("/account").text)[1]  # type: ignore[index]
    totp = pyotp.TOTP(secret)

    def code(steps: int = 0) -> str:
        return totp.at(door.seeded.now + steps * timedelta(seconds=30))

    assert 422 == browser.post("/account/second-step", data={"secret": secret, "code": "000000"}).status_code
    assert 303 == browser.post("/account/second-step", data={"secret": secret, "code": code()}).status_code

    assert 403 == log_in(door.browser())
    assert 403 == log_in(door.browser(), code=code())  # it has set up the step, and is used
    door.seeded.now += timedelta(seconds=30)
    assert 303 == log_in(door.browser(), code=f"{code()[:3]} {code()[3:]}")
    assert 403 == log_in(door.browser(), code=code())
    assert 403 == log_in(door.browser(), code=code(5))


def test_a_new_password_ends_every_other_session_and_a_new_link_gives_up_the_second_step(door: Door) -> None:
    door.with_password()
    here, there = door.browser(), door.browser()
    log_in(here)
    log_in(there)
    new = "quite another phrase"
    wrong = here.post("/account/password", data={"old": "x", "password": new, "again": new})
    right = here.post("/account/password", data={"old": PASSWORD, "password": new, "again": new})

    assert [422, 303] == [wrong.status_code, right.status_code]
    assert [200, 303] == [browser.get("/account").status_code for browser in (here, there)]
    assert [403, 303] == [log_in(door.browser()), log_in(door.browser(), new)]


def test_the_only_administrator_stays_one(door: Door) -> None:
    database, now = door.seeded.database, door.seeded.now
    secret = invite_first_admin(database, now)
    door.browser().post(f"/invitation/{secret}", data={"password": PASSWORD, "again": PASSWORD})

    assert UserFault.LAST_ADMIN is disable_user(database, "admin", now=now, actor=ACTOR)
    assert UserFault.LAST_ADMIN is change_user(
        database, "admin", now=now, actor=ACTOR, role=UserRole.AGENT, agent=None, teams=()
    )


def test_two_people_are_not_the_same_agent(door: Door) -> None:
    database, now = door.seeded.database, door.seeded.now
    add_user(database, "maria", UserRole.AGENT, now=now, actor=ACTOR, agent="amira")

    assert UserFault.AGENT_TAKEN is add_user(
        database, "ola", UserRole.AGENT, now=now, actor=ACTOR, agent="amira"
    )
    assert UserFault.TEAM_UNKNOWN is add_user(
        database, "ola", UserRole.AGENT, now=now, actor=ACTOR, teams=["north"]
    )


def test_an_administrator_adds_somebody_on_the_page_and_hands_them_a_link(door: Door) -> None:
    secret = invite_first_admin(door.seeded.database, door.seeded.now)
    admin, new = door.browser(), door.browser()
    admin.post(f"/invitation/{secret}", data={"password": PASSWORD, "again": PASSWORD})
    form = {"name": "Ola", "role": "agent", "agent": "amira"}
    page = admin.post("/users", data=form, follow_redirects=True)
    link = re.search('id="link-once">([^<]+)', page.text)[1]  # type: ignore[index]
    new.post(link, data={"password": PASSWORD, "again": PASSWORD, "display": "Ola Nordmann"})

    assert "/agents/amira" == new.get("/").headers["location"]
    assert "Ola Nordmann" in admin.get("/users").text
    assert 403 == new.get("/users").status_code
    assert "input.invalid" not in admin.post("/users", data={"name": "no name!", "role": "agent"}).text


def test_a_proxy_is_believed_from_its_own_address_alone(door: Door) -> None:
    proxied = WebSettings(
        proxies=[ip_network("192.0.2.9/32")], login=LoginSettings(mode="proxy", header="X-User")
    )
    house = Door(door.seeded, Settings(web=proxied))
    add_user(door.seeded.database, "maria", UserRole.MANAGER, now=door.seeded.now, actor=ACTOR)
    said = {"X-User": "Maria", "X-Forwarded-For": "192.0.2.9"}

    def answers(at: str, headers: dict[str, str]) -> tuple[int, int]:
        browser = house.browser(at=at)
        return (
            browser.get("/plan", headers=headers).status_code,
            browser.get("/api/v1/me", headers={**headers, "accept": "application/json"}).status_code,
        )

    assert (200, 200) == answers("192.0.2.9", {"X-User": "Maria", "X-Forwarded-For": "203.0.113.5"})
    assert (303, 401) == answers("203.0.113.5", said)
    assert (303, 401) == answers("192.0.2.9", {"X-User": "somebody"})
    assert 403 == log_in(house.browser(at="203.0.113.5"))


def test_forms_behind_a_tls_proxy_are_not_taken_for_another_sites(door: Door) -> None:
    door.with_password()
    proxied = Door(door.seeded, Settings(web=WebSettings(proxies=[ip_network("192.0.2.9/32")])))
    headers = {"origin": "https://127.0.0.1:8000", "X-Forwarded-Proto": "https"}
    data = {"name": "maria", "password": PASSWORD}
    by_proxy = proxied.browser(at="192.0.2.9").post("/log-in", data=data, headers=headers)
    by_stranger = proxied.browser(at="192.0.2.8").post("/log-in", data=data, headers=headers)

    assert (303, 403) == (by_proxy.status_code, by_stranger.status_code)
    assert "Secure" in by_proxy.headers["set-cookie"]


@pytest.mark.parametrize(
    "web",
    [
        {"host": "0.0.0.0", "login": {"mode": "off"}},  # noqa: S104 - what is refused
        {"host": "calls.example", "login": {"mode": "off"}},
        {"login": {"mode": "proxy"}},
        {"key": "key.pem"},
    ],
)
def test_a_door_that_would_stand_open_is_refused_at_the_start(web: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(web=web)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_on_loopback_the_door_may_stand_open(host: str) -> None:
    assert "off" == Settings(web={"host": host, "login": {"mode": "off"}}).web.login.mode  # type: ignore[arg-type]


def test_a_password_is_hashed_with_the_work_of_rfc_9106() -> None:
    work = products_own_hasher()

    assert ("ID", 3, 65_536, 4) == (work.type.name, work.time_cost, work.memory_cost, work.parallelism)


def test_who_chooses_a_language_reads_every_page_in_it_from_then_on(door: Door) -> None:
    door.with_password()
    here, there = door.browser(), door.browser()
    log_in(here)
    log_in(there)
    german = {"accept-language": "de"}

    assert '<html lang="de">' in here.get("/account", headers=german).text
    assert 303 == here.post("/account/language", data={"language": "fi"}).status_code
    assert all(
        '<html lang="fi">' in browser.get("/account", headers=german).text for browser in (here, there)
    )
    assert 422 == here.post("/account/language", data={"language": "xx"}).status_code
    assert 303 == here.post("/account/language", data={"language": ""}).status_code
    assert '<html lang="de">' in here.get("/account", headers=german).text


def test_a_form_of_a_page_that_outlived_its_log_in_says_what_to_do(door: Door) -> None:
    refused = door.browser().post("/campaigns/1/event", headers={"origin": HERE})

    assert refused.status_code == 401
    assert "Log in in another tab, then do this again here." in refused.text
