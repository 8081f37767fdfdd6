"""The API tells the same facts as the pages, in one error shape, and health and metrics are true."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from dialer.core.dashboard.view import Dashboard
from dialer.services.calls.set_aside_facts import set_aside_fact
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.web.app import create_app
from dialer.web.headers import HEADERS
from dialer.web.middleware import UNSAFE
from telephony.calls.events import Answered
from tests.browser.application import application
from tests.browser.seeded import Seeded, busy_morning, web_settings

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=45)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = application(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


ERRORS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/api/v1/nothing", {}, 404, "not-found"),
    ("GET", "/api/v1/campaigns/99", {}, 404, "not-found"),
    ("GET", "/api/v1/campaigns/99/results", {}, 404, "not-found"),
    ("GET", "/api/v1/campaigns/99/list", {}, 404, "not-found"),
    ("GET", "/api/v1/agents/nobody", {}, 404, "not-found"),
    ("GET", "/api/v1/campaigns/0", {}, 422, "input.invalid"),
    ("GET", "/api/v1/campaigns/count?min_risk=2", {}, 422, "input.invalid"),
    ("GET", "/api/v1/campaigns/count?attribute=Contract", {}, 409, "filter.half"),
    ("DELETE", "/api/v1/campaigns", {}, 405, "method.not-allowed"),
    ("POST", "/api/v1/campaigns", {"content": b"{"}, 422, "input.invalid"),
    ("POST", "/api/v1/campaigns", {"json": {"name": "Spring save"}}, 409, "campaign.name-taken"),
    ("POST", "/api/v1/campaigns", {"json": {"name": "a", "extra": 1}}, 422, "input.invalid"),
    ("POST", "/api/v1/campaigns", {"json": {"name": "a", "queue": "nowhere"}}, 409, "queue.unknown"),
    ("POST", "/api/v1/campaigns", {"json": {"name": "a", "trunk": "moon"}}, 409, "trunk.unknown"),
    (
        "POST",
        "/api/v1/campaigns",
        {"json": {"name": "a", "caller_id": "+999123456789"}},
        409,
        "caller-id.invalid",
    ),
    ("POST", "/api/v1/campaigns", {"json": {"name": "a\r\nb"}}, 422, "input.invalid"),
    ("POST", "/api/v1/campaigns", {"json": {"name": "a", "caller_id": "+441\r\nX"}}, 422, "input.invalid"),
    ("POST", "/api/v1/campaigns/1/events", {"json": {"event": "start"}}, 409, "campaign.running"),
    ("POST", "/api/v1/campaigns/99/events", {"json": {"event": "start"}}, 404, "not-found"),
    ("POST", "/api/v1/promises/7/cancel", {"json": {"reason": "no need"}}, 409, "promise.not-open"),
    ("POST", "/api/v1/agents/nobody/wish", {"json": {"wish": "resume"}}, 404, "not-found"),
    ("POST", "/api/v1/agents/nobody/leave", {"json": {"kind": "pause"}}, 404, "not-found"),
    (
        "POST",
        "/api/v1/agents/dev/leave",
        {"json": {"kind": "pause", "reason": "x"}},
        409,
        "pause.reason-unknown",
    ),
    (
        "POST",
        "/api/v1/agents/nobody/direction",
        {"json": {"act": "resume", "why": "why not"}},
        404,
        "not-found",
    ),
    ("POST", "/api/v1/agents/dev/direction", {"json": {"act": "pause", "why": " "}}, 422, "input.invalid"),
    ("POST", "/api/v1/agents/dev/preview", {"json": {"lead": 1, "act": "call"}}, 409, "preview.over"),
    (
        "POST",
        "/api/v1/attempts/wb-aaaaaaaa/disposition",
        {"json": {"agent": "amira", "disposition": "saved"}},
        409,
        "attempt.unknown",
    ),
    (
        "POST",
        "/api/v1/do-not-call",
        {"json": {"number": "12345", "reason": "asked"}},
        409,
        "number.no-area-code",
    ),
    (
        "POST",
        "/api/v1/do-not-call",
        {"json": {"number": "12345", "reason": "asked"}, "headers": {"origin": "https://evil.example"}},
        403,
        "origin.foreign",
    ),
]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A database that no refused request may change."""
    seeded = Seeded(tmp_path_factory.mktemp("quiet") / "winback.db", people=5)
    with TestClient(create_app(seeded.database, web_settings(), seeded.clock), base_url=HERE) as client:
        yield client
    seeded.database.close()


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: f"{case[0]} {case[1]} {case[4]}")
def test_every_error_has_the_one_shape(
    quiet: TestClient, case: tuple[str, str, dict[str, Any], int, str]
) -> None:
    method, path, body, status, code = case
    answer = quiet.request(method, path, **body)
    error = answer.json()["error"]

    assert (answer.status_code, error["code"]) == (status, code)
    assert set(error) == {"code", "message", "until", "fields"}
    assert error["message"]


def test_a_fault_of_ours_has_the_shape_too_and_tells_nobody_what_it_was(
    seeded: Seeded, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("dialer.web.dependencies.read_dashboard", fail)
    answer = client.get("/api/v1/dashboard")

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)


def test_every_method_that_may_change_something_is_one_whose_origin_the_door_checks(
    client: TestClient,
) -> None:
    app: Any = client.app
    methods = {method for route in app.routes if isinstance(route, APIRoute) for method in route.methods}

    assert {"GET", "POST"} <= methods <= {"GET", "HEAD", *UNSAFE}


def test_the_api_describes_every_route_under_api_and_no_page(client: TestClient) -> None:
    app: Any = client.app
    api = {str(route.path) for route in app.routes if isinstance(route, APIRoute) and "/api/" in route.path}

    assert set(app.openapi()["paths"]) == api != set()


def test_the_api_says_the_dashboard_as_the_pages_read_it(seeded: Seeded, client: TestClient) -> None:
    busy_morning(seeded)
    told, known = client.get("/api/v1/dashboard").json(), read_dashboard(seeded.database, seeded.now)

    assert Dashboard.model_validate(told) == Dashboard.model_validate_json(known.model_dump_json())
    assert told["engine"]["state"] == "up"
    assert sum(told["agents_by_state"].values()) == len(known.agents)
    promises = told["promises"]
    assert (0, 0, 0) == (promises["error"], promises["stuck"], promises["overtaken"])


def test_the_dashboards_former_address_answers_the_same_and_says_that_it_is_one(
    seeded: Seeded, client: TestClient
) -> None:
    former, now = client.get("/api/v1/live"), client.get("/api/v1/dashboard")

    assert former.json() == now.json()
    assert former.headers["deprecation"] == "@1795824000"
    assert former.headers["link"] == '</api/v1/dashboard>; rel="successor-version"'
    assert "deprecation" not in now.headers


def test_the_dashboard_is_described_field_by_field(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    paths, schemas = described["paths"], described["components"]["schemas"]
    answer = paths["/api/v1/dashboard"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    assert answer == {"$ref": "#/components/schemas/Dashboard"}
    assert paths["/api/v1/live"]["get"]["deprecated"] is True
    assert set(schemas["Dashboard"]["properties"]) == set(Dashboard.model_fields)
    assert {"stuck", "overtaken"} <= set(schemas["PromisesOnDashboard"]["required"])


def test_a_count_before_saving_is_what_saving_lists(seeded: Seeded, client: TestClient) -> None:
    query = {"min_risk": 0.6, "attribute": "Contract", "equals": "Month-to-month", "top": 12}
    shares = {"holdout_share": 0.0, "explore_share": 0.0}
    count = client.get("/api/v1/campaigns/count", params=query | shares).json()
    saved = client.post("/api/v1/campaigns", json=query | shares | {"name": "Summer"}).json()

    assert count["listed"] == sum(saved["leads"].values())
    assert 0 < count["listed"] <= 12


def test_a_disposition_by_the_api_is_on_the_customers_clock_too(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "amira")
    seeded.hang_up(attempt, "amira")
    said = {"agent": "amira", "disposition": "call_again", "call_again_at": "2026-06-12T11:30:00"}

    answer = client.post(f"/api/v1/attempts/{attempt}/disposition", json=said)

    assert answer.json()["call_again_at"] == "2026-06-12T10:30:00Z"


def test_an_agents_program_can_say_that_a_talk_is_about_to_end(seeded: Seeded, client: TestClient) -> None:
    attempt = seeded.ring()
    path = f"/api/v1/attempts/{attempt}/closing"
    early = client.post(path, json={"agent": "amira"})
    seeded.connect(attempt, "amira")
    said, again = (client.post(path, json={"agent": "amira"}).json() for _ in range(2))

    assert (early.status_code, early.json()["error"]["code"]) == (409, "attempt.not-connected")
    assert said == again
    assert said["closing_at"] is not None
    assert said["wrap_closing_at"] is None


def test_health_tells_the_parts_and_serves_while_the_database_can_be_read(
    seeded: Seeded, client: TestClient
) -> None:
    well = client.get("/healthz")
    seeded.later(60)
    silent = client.get("/healthz")

    assert (well.status_code, well.json()["ok"]) == (200, True)
    assert (silent.status_code, silent.json()["ok"]) == (200, False)
    assert silent.json()["parts"]["engine"]["age_s"] == 60


def test_health_is_bad_without_a_database(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("dialer.web.dependencies.read_dashboard", fail)

    assert client.get("/healthz").status_code == 503


def test_health_names_a_redis_that_does_not_answer(seeded: Seeded) -> None:
    app = create_app(
        seeded.database, web_settings(), seeded.clock, redis_url="unix:///nowhere/redis.sock?db=0"
    )
    with TestClient(app, base_url=HERE) as client:
        answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["redis"]["ok"] is False


def test_metrics_can_be_read_by_prometheus_and_agree_with_the_database(
    seeded: Seeded, client: TestClient
) -> None:
    busy_morning(seeded)
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    today = read_dashboard(seeded.database, seeded.now).today

    def value(name: str) -> float:
        return families[name].samples[0].value

    assert value("winback_attempts_today") == today.attempts
    assert value("winback_abandoned_today") == today.abandoned == 1
    for fault in ("winback_conservation_error", "winback_promises_stuck", "winback_promises_overtaken"):
        assert value(fault) == 0
    assert value("winback_dashboard_pages") == value("winback_live_pages") == 0
    assert value("winback_link_up") == 1
    promises = {sample.labels["state"]: sample.value for sample in families["winback_promises"].samples}
    assert promises == {"open": 5, "kept": 4, "settled": 0, "cancelled": 0, "closed": 0}


def test_metrics_and_the_dashboard_count_promises_that_are_stuck_or_overtaken(
    seeded: Seeded, client: TestClient
) -> None:
    seeded.break_promises()

    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    promises = client.get("/api/v1/dashboard").json()["promises"]

    assert (1, 2) == (promises["stuck"], promises["overtaken"])
    for name, count in (("winback_promises_stuck", 1), ("winback_promises_overtaken", 2)):
        assert families[name].samples[0].value == count


def test_metrics_and_the_dashboard_count_facts_that_were_set_aside(
    seeded: Seeded, client: TestClient
) -> None:
    fact = Answered(at=seeded.now, attempt="wb-" + "a" * 10)
    set_aside_fact(seeded.database, "pbx", fact, ValueError(), seeded.now)

    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}

    assert 1 == families["winback_facts_set_aside"].samples[0].value
    assert 1 == client.get("/api/v1/dashboard").json()["facts_set_aside"]


def test_every_metric_is_in_the_docs(client: TestClient) -> None:
    docs = (Path(__file__).parents[4] / "docs/pages.md").read_text()
    names = [family.name for family in text_string_to_metric_families(client.get("/metrics").text)]

    assert [name for name in names if f"`{name}" not in docs] == []


def test_every_code_of_the_door_and_the_forms_is_in_the_docs() -> None:
    root = Path(__file__).parents[4]
    docs = (root / "docs/pages.md").read_text()
    source = "".join(path.read_text() for path in (root / "dialer/web").rglob("*.py"))
    codes = set(re.findall(r'RequestError\(\s*"([a-z.-]+)"', source)) | {
        "input.invalid",
        "host.unknown",
        "body.too-large",
    }

    assert len(codes) > 6
    assert [code for code in sorted(codes) if f"`{code}`" not in docs] == []
