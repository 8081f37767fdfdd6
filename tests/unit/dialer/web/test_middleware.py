"""The door refuses foreign hosts, foreign origins and large bodies, and marks every answer."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from dialer.web.headers import HEADERS
from dialer.web.middleware import BODY_LIMIT_BYTES, HostAndOriginCheck, host_allowed

HERE = "http://127.0.0.1:8000"


def _app() -> FastAPI:
    app = FastAPI()

    @app.api_route("/", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def read(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    app.add_middleware(HostAndOriginCheck, names=frozenset({"localhost", "winback.example"}))
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(_app(), base_url=HERE) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("10.1.2.3", True),
        ("localhost", True),
        ("LOCALHOST.:8000", True),
        ("winback.example", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_only_addresses_and_known_names_are_answered_to(host: str, allowed: bool) -> None:  # noqa: FBT001 - a table of cases
    assert host_allowed(host, frozenset({"localhost", "winback.example"})) is allowed


def test_a_repointed_name_is_refused_even_for_reading(client: TestClient) -> None:
    answer = client.get("/", headers={"host": "evil.example"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "host.unknown")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": HERE},
    ],
)
def test_another_sites_page_changes_nothing(client: TestClient, method: str, headers: dict[str, str]) -> None:
    answer = client.request(method, "/", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin.foreign")


@pytest.mark.parametrize("headers", [{}, {"origin": HERE}, {"origin": HERE, "sec-fetch-site": "same-origin"}])
def test_our_own_pages_and_programs_may_change_things(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/", headers=headers).status_code == 200


def test_a_body_beyond_the_limit_is_refused_by_its_stated_length(client: TestClient) -> None:
    assert client.post("/", content=b"x" * BODY_LIMIT_BYTES).status_code == 200
    answer = client.post("/", content=b"x" * (BODY_LIMIT_BYTES + 1))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body.too-large")


def test_a_body_without_a_stated_length_is_counted(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(BODY_LIMIT_BYTES // 1000 + 2):
            yield b"x" * 1000

    assert client.post("/", content=endless()).status_code == 413


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}])
def test_every_answer_carries_the_security_headers(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get("/", headers=headers)

    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert answer.headers["cache-control"] == "no-store"


def test_nothing_inline_and_nothing_from_elsewhere_may_run() -> None:
    policy = HEADERS["content-security-policy"]

    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "default-src 'none'" in policy
