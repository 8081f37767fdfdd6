"""The inner door: every route with every role, and who may work as whom."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from dialer.core.access.needs import SpecialNeed
from dialer.core.access.rights import RIGHTS_OF, SCOPES, Right, UserRole
from dialer.db.models import Team, TeamAgent
from dialer.services.organisation.access_tokens import list_tokens, make_token, revoke_token
from dialer.services.organisation.log_in import LoggedIn, log_in_known
from dialer.services.organisation.users import UserCard, add_user, change_user, disable_user
from dialer.settings import Settings
from dialer.web.access.route_needs import ROUTE_NEEDS, guarded_routes
from dialer.web.access.visitors import COOKIE, AccessCheck
from dialer.web.app import create_app
from tests.browser.application import application
from tests.browser.seeded import Seeded

HERE = "http://127.0.0.1:8000"
ACTOR = "test"
#: a few routes spelt out, apart from the table: who may, by role; "own" as the agent amira, "other" as ben
SPELT_OUT = (
    ("GET", "/", {"agent", "supervisor", "manager", "analyst", "admin"}),
    ("GET", "/dashboard/events", {"supervisor", "manager", "analyst", "admin"}),
    ("GET", "/agents", {"supervisor", "manager", "analyst", "admin"}),
    ("POST", "/agents/amira/direction", {"supervisor", "manager", "admin"}),
    ("GET", "/agents/amira", {"agent", "supervisor", "manager", "analyst", "admin"}),
    ("GET", "/agents/ben", {"supervisor", "manager", "analyst", "admin"}),
    ("POST", "/agents/amira/disposition", {"agent"}),
    ("POST", "/agents/ben/disposition", set()),
    ("POST", "/api/v1/agents/amira/wish", {"agent"}),
    ("POST", "/api/v1/agents/ben/wish", set()),
    ("POST", "/campaigns/new", {"manager", "admin"}),
    ("POST", "/api/v1/campaigns/1/events", {"manager", "admin"}),
    ("GET", "/campaigns/1", {"supervisor", "manager", "analyst", "admin"}),
    ("POST", "/customers", {"supervisor", "manager", "admin"}),
    ("POST", "/customers/1/allow", {"manager", "admin"}),
    ("POST", "/do-not-call/import", {"supervisor", "manager", "admin"}),
    ("POST", "/schedule/train/now", {"manager", "admin"}),
    ("GET", "/users", {"admin"}),
    ("POST", "/users", {"admin"}),
    ("GET", "/account", {"agent", "supervisor", "manager", "analyst", "admin"}),
)


@dataclass(frozen=True)
class House:
    """A centre in which everybody has to log in, with one person of each role."""

    seeded: Seeded
    app: FastAPI
    users: dict[UserRole, UserCard]
    sessions: dict[UserRole, str]

    def client(self, role: UserRole | None = None, *, token: str = "") -> TestClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        client = TestClient(self.app, base_url=HERE, follow_redirects=False, headers=headers)
        if role is not None:
            client.cookies.set(COOKIE, self.sessions[role])
        return client

    def judged(self, method: str, path: str, session: str | None) -> int:
        """What the door says: 0 where it lets somebody through, else the status it turns them away with."""
        statuses: list[int] = []

        async def inside(scope: Scope, receive: Receive, send: Send) -> None:
            statuses.append(0)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def receive() -> Any:
            raise AssertionError("the body is not read before it is judged who sends it")

        headers = [] if session is None else [(b"cookie", f"{COOKIE}={session}".encode())]
        scope: Scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "headers": headers,
            "app": self.app, "client": ("192.0.2.1", 5), "server": ("127.0.0.1", 8000), "scheme": "http",
        }  # fmt: skip
        asyncio.run(AccessCheck(inside)(scope, receive, send))
        return statuses[0]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    database, now = seeded.database, seeded.now
    users, sessions = {}, {}
    for role in UserRole:
        agent = "amira" if role is UserRole.AGENT else None
        user = add_user(database, role.value, role, now=now, actor=ACTOR, agent=agent)
        assert isinstance(user, UserCard)
        session = log_in_known(database, user.id, address="", now=now, lasts=timedelta(hours=1), way=ACTOR)
        assert isinstance(session, LoggedIn)
        users[role], sessions[role] = user, session.secret
    yield House(seeded, application(database, Settings(), seeded.clock), users, sessions)
    database.close()


def test_every_route_has_a_row_and_every_row_a_route(house: House) -> None:
    routes = guarded_routes(house.app.routes)

    assert [] == [f"{route.key} ({route.address})" for route in routes if route.need is None]
    assert set() == set(ROUTE_NEEDS) - {route.key for route in routes}


@pytest.mark.slow
def test_every_route_is_as_its_row_says_for_every_role_and_closed_for_strangers(house: House) -> None:
    wrong = []
    for route in guarded_routes(house.app.routes):
        path = route.address.format(
            **{name: "amira" if name == "agent" else "1" for name in route.pattern.groupindex}
        )
        method = min(route.methods - {"HEAD"})
        for role in (None, *UserRole):
            rights = RIGHTS_OF[role] if role is not None else frozenset()
            is_amira = role is UserRole.AGENT
            may = {
                SpecialNeed.ANYBODY: True,
                SpecialNeed.KNOWN: role is not None,
                # an attempt's route names the agent in its body, where it is judged again
                SpecialNeed.OWN_AGENT: is_amira
                if "agent" in route.pattern.groupindex
                else Right.DESK in rights,
                SpecialNeed.SEEN_AGENT: is_amira or Right.SEE_FLOOR in rights,
                SpecialNeed.DIRECTED_AGENT: Right.DIRECT_AGENTS in rights,
            }.get(route.need, route.need in rights)  # type: ignore[call-overload] # never None: tested above
            said = house.judged(method, path, house.sessions[role] if role is not None else None)
            if said != (0 if may else 401 if role is None else 403):
                wrong.append((method, path, role, said))

    assert [] == wrong


def test_roles_may_what_people_expect_of_them(house: House) -> None:
    let_through = [
        (
            method,
            path,
            {role.value for role in UserRole if house.judged(method, path, house.sessions[role]) == 0},
        )
        for method, path, _ in SPELT_OUT
    ]

    assert list(SPELT_OUT) == let_through


def test_a_stranger_is_led_to_the_log_in_and_a_program_is_told_to_send_a_token(house: House) -> None:
    stranger = house.client()
    page = stranger.get("/campaigns/1?page=2", headers={"accept": "text/html"})
    call = stranger.get("/api/v1/promises")

    assert (303, "/log-in?next=%2Fcampaigns%2F1%3Fpage%3D2") == (page.status_code, page.headers["location"])
    assert (401, "log-in.needed", "Bearer") == (
        call.status_code, call.json()["error"]["code"], call.headers["www-authenticate"],
    )  # fmt: skip
    assert 401 == stranger.get("/api/v1/promises", headers={"authorization": "Bearer nothing"}).status_code
    assert [200, 200] == [stranger.get(path).status_code for path in ("/healthz", "/metrics")]


def test_nobody_says_what_came_of_another_ones_call_not_even_in_the_body(house: House) -> None:
    said = {"disposition": "saved", "agent": "ben"}
    answer = house.client(UserRole.AGENT).post("/api/v1/attempts/wb-aaaaaaaa/disposition", json=said)
    own = house.client(UserRole.AGENT).post(
        "/api/v1/attempts/wb-aaaaaaaa/disposition", json={**said, "agent": "amira"}
    )

    assert (403, "role.not-enough") == (answer.status_code, answer.json()["error"]["code"])
    assert "attempt.unknown" == own.json()["error"]["code"]


def test_a_supervisor_sees_and_directs_their_own_team_alone(house: House) -> None:
    database, now = house.seeded.database, house.seeded.now
    with database.write() as tx:
        tx.add_all([Team(id="north"), Team(id="south")])
        tx.flush()
        tx.add_all([TeamAgent(team_id="north", agent_id="amira"), TeamAgent(team_id="south", agent_id="ben")])
    change_user(
        database, "supervisor", now=now, actor=ACTOR, role=UserRole.SUPERVISOR, agent=None, teams=["north"]
    )
    client = house.client(UserRole.SUPERVISOR)
    words = {"act": "pause", "why": "fire drill"}

    assert ["amira"] == [agent["id"] for agent in client.get("/api/v1/agents").json()]
    assert 200 == client.post("/api/v1/agents/amira/direction", json=words).status_code
    assert 403 == client.post("/api/v1/agents/ben/direction", json=words).status_code
    assert 403 == client.get("/agents/ben").status_code


def test_what_somebody_does_stands_in_the_audit_by_their_name(house: House) -> None:
    from dialer.db.queries import audit  # noqa: PLC0415 - this test's alone

    house.client(UserRole.SUPERVISOR).post(
        "/api/v1/agents/amira/direction", json={"act": "pause", "why": "fire drill"}
    )
    with house.seeded.database.read() as tx:
        line = audit.latest(tx, 1)[0]

    assert ("supervisor", "agent.pause", "amira") == (line.actor, line.action, line.subject)


def test_a_new_role_and_a_shut_door_hold_from_the_next_request_on(house: House) -> None:
    database, now = house.seeded.database, house.seeded.now
    client = house.client(UserRole.MANAGER)
    assert 200 == client.get("/plan").status_code

    change_user(database, "manager", now=now, actor=ACTOR, role=UserRole.AGENT, agent=None, teams=())
    assert 403 == client.get("/plan").status_code

    disable_user(database, "manager", now=now, actor=ACTOR)
    assert 401 == client.get("/plan").status_code


def test_a_session_ends_at_its_hour(house: House) -> None:
    client = house.client(UserRole.ADMIN)
    assert 200 == client.get("/api/v1/me").status_code

    house.seeded.now += timedelta(hours=1)
    assert 401 == client.get("/api/v1/me").status_code


def test_a_token_may_what_its_scopes_say_and_no_more_than_its_owner(house: House) -> None:
    database, now = house.seeded.database, house.seeded.now
    wanted = [Right.SEE_PROMISES, Right.CHANGE_CAMPAIGNS]
    user = house.users[UserRole.SUPERVISOR].id
    mine = make_token(database, "mine", wanted, user=user, now=now, actor=ACTOR)
    theirs = make_token(
        database, "crm", wanted, user=None, now=now, actor=ACTOR, ends_at=now + timedelta(days=1)
    )
    by_me, by_service = house.client(token=str(mine)), house.client(token=str(theirs))

    assert ["promises.read"] == by_me.get("/api/v1/me").json()["rights"]
    assert "supervisor (token mine)" == by_me.get("/api/v1/me").json()["name"]
    assert 200 == by_me.get("/api/v1/promises").status_code
    assert [403, 403] == [by_me.get(path).status_code for path in ("/api/v1/agents", "/account")]
    assert 404 == by_service.post("/api/v1/campaigns/99/events", json={"event": "start"}).status_code

    revoke_token(database, list_tokens(database, user)[0].id, user=user, now=now, actor=ACTOR)
    house.seeded.now += timedelta(days=1)
    assert [401, 401] == [client.get("/api/v1/me").status_code for client in (by_me, by_service)]


def test_whole_numbers_are_for_those_with_the_right_and_it_is_written_down_who_saw_them(
    house: House,
) -> None:
    from dialer.db.queries import audit  # noqa: PLC0415 - two tests' alone
    from dialer.services.customers.suppression import add_do_not_call  # noqa: PLC0415 - this test's alone

    database, now = house.seeded.database, house.seeded.now
    add_do_not_call(database, "+442079460958", "asked", "test", now)
    blind = make_token(database, "blind", [Right.SEE_DO_NOT_CALL], user=None, now=now, actor=ACTOR)
    masked = house.client(token=str(blind)).get("/api/v1/do-not-call").json()[0]["e164"]
    whole = house.client(UserRole.SUPERVISOR).get("/api/v1/do-not-call").json()[0]["e164"]
    with database.read() as tx:
        shown = [(line.actor, line.subject) for line in audit.of_action(tx, "numbers.shown", now)]

    assert ("+442079460958", "958") == (whole, masked[-3:])
    assert "2079460" not in masked
    assert [("supervisor", "do not call")] == shown


def test_no_token_makes_users_or_further_tokens() -> None:
    assert {Right.ACCOUNT, Right.USERS} == set(Right) - set(SCOPES)


def test_where_log_in_is_off_everybody_may_everything_and_nobody_is_named(tmp_path: Path) -> None:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    app = create_app(seeded.database, Settings(web={"login": {"mode": "off"}}), seeded.clock)  # type: ignore[arg-type]
    me = TestClient(app, base_url=HERE).get("/api/v1/me").json()
    seeded.database.close()

    assert ("", [right.value for right in Right]) == (me["name"], me["rights"])


def test_the_docs_say_of_every_right_who_has_it() -> None:
    page = (Path(__file__).parents[4] / "docs/access.md").read_text()
    said = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[0].startswith("`"):
            said[cells[0].strip("`")] = {
                role.value for role, cell in zip(UserRole, cells[1:6], strict=True) if cell == "yes"
            }

    assert {
        right.value: {role.value for role in UserRole if right in RIGHTS_OF[role]} for right in Right
    } == said
