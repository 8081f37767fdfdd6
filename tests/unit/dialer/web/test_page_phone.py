"""The page that is a phone: who is told what, what it may reach, and what it says where a part is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from dialer.pbx_settings import AgentSettings, PbxSettings
from dialer.settings import Settings
from dialer.web import page_phone
from dialer.web_settings import LoginSettings, PhoneSettings, WebSettings
from telephony.asterisk.config.page_phones import page_phone_password
from tests.browser.application import application
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
ADDRESS = "wss://pbx.example.com:8089/ws"
SECRET = "a-secret-of-the-test"  # noqa: S105 - a test's


def settings(address: str = ADDRESS, secret: str | None = SECRET) -> Settings:
    return Settings(
        web=WebSettings(login=LoginSettings(mode="off"), phone=PhoneSettings(address=address)),
        pbx=PbxSettings(secret=secret),
        agents=[AgentSettings(id="amira", phone="web"), AgentSettings(id="ben", phone="PJSIP/102")],
    )


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield seeded
    seeded.database.close()


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of files in which the library is."""
    found = tmp_path / "static/npm/sip.js-1.2.3/lib"
    found.mkdir(parents=True)
    (found / "index.js").touch()
    monkeypatch.setattr(page_phone, "STATIC", tmp_path / "static")
    return tmp_path / "static"


def client(seeded: Seeded, asked: Settings) -> TestClient:
    return TestClient(application(seeded.database, asked, seeded.clock), base_url=HERE)


def test_the_page_is_told_where_and_as_whom_it_registers(seeded: Seeded, static: Path) -> None:
    said = client(seeded, settings()).get("/agents/amira/phone").json()
    assert said["address"] == ADDRESS
    assert (said["user"], said["domain"]) == ("winback-web-amira", "pbx.example.com")
    assert said["password"] == page_phone_password(SECRET, "winback-web-amira")
    assert said["library"] == "/static/npm/sip.js-1.2.3/lib/index.js"
    assert said["queues"] == ["support"]
    assert said["numbers"] is False


def test_nobody_is_told_of_a_phone_that_is_no_page(seeded: Seeded, static: Path) -> None:
    assert client(seeded, settings()).get("/agents/ben/phone").status_code == 404


def test_only_a_page_that_is_a_phone_may_reach_the_pbx_and_the_microphone(
    seeded: Seeded, static: Path
) -> None:
    asked = client(seeded, settings())
    page = asked.get("/agents/amira")
    assert "connect-src 'self' wss://pbx.example.com:8089;" in page.headers["content-security-policy"]
    assert "microphone=(self)" in page.headers["permissions-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    for other in ("/agents/ben", "/promises"):
        headers = asked.get(other).headers
        assert "connect-src 'self';" in headers["content-security-policy"]
        assert "microphone=()" in headers["permissions-policy"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (settings(address=""), "web.phone.address"),
        (settings(secret=None), "pbx.secret"),
    ],
)
def test_what_is_missing_is_said_on_the_page(
    seeded: Seeded, static: Path, asked: Settings, said: str
) -> None:
    page = client(seeded, asked)
    assert said in page.get("/agents/amira").text
    assert page.get("/agents/amira/phone").status_code == 409


def test_without_the_library_the_page_works_and_says_so(
    seeded: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_phone, "STATIC", tmp_path)
    page = client(seeded, settings()).get("/agents/amira")
    assert page.status_code == 200
    assert "make phone" in page.text
    assert "phone.js" not in page.text


@pytest.mark.parametrize(
    "address", ["ws://pbx.example.com/ws", "https://pbx.example.com", "wss://a:b@pbx/ws"]
)
def test_sound_and_passwords_go_where_nobody_on_the_way_hears_them(address: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        PhoneSettings(address=address)


def test_a_stun_server_is_named_as_one() -> None:
    with pytest.raises(ValidationError, match="stun:host"):
        PhoneSettings(stun=["https://example.com"])
