"""What Asterisk has to be rendered for, on the page *Setup*: seen, asked for by one button, its end told."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dialer.core.access.rights import RIGHTS_OF, Right, UserRole
from dialer.core.organisation.rendering import (
    SILENT_AFTER,
    UNDER_WAY,
    RenderedDifference,
    RenderingSeen,
    outcome_of,
)
from dialer.db.queries import audit
from dialer.services.organisation.rendering import is_rendering_asked, note_look, note_rendering
from dialer.web.app import create_app
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
A_PAGE = {"accept": "text/html"}
PBX = "pbx"
DUE = RenderingSeen(
    folder="/etc/asterisk",
    differences=(RenderedDifference(name="winback_queues.conf", lines=("+[team_north]",)),),
    commands=("queue reload all",),
)
BY_HAND = "winback asterisk render /etc/asterisk --reload"
BUTTON = "Render and reload<"


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=2)
    yield seeded
    seeded.database.close()


@pytest.fixture
def client(seeded: Seeded) -> Iterator[TestClient]:
    app = create_app(seeded.database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, headers=A_PAGE) as client:
        yield client


def shown(client: TestClient) -> str:
    return unescape(client.get("/setup").text)


def test_before_any_engine_has_looked_the_page_says_which_command_does(client: TestClient) -> None:
    assert "No engine has looked at them yet" in shown(client)
    assert "winback asterisk check /etc/asterisk" in shown(client)


def test_what_differs_is_shown_asked_for_once_and_its_outcome_said(
    client: TestClient, seeded: Seeded
) -> None:
    note_look(seeded.database, PBX, DUE, seeded.clock())
    page = shown(client)
    assert "winback_queues.conf" in page
    assert "+[team_north]" in page
    assert BUTTON in page

    for _ in range(2):
        asked = unescape(client.post(f"/setup/rendering/{PBX}").text)
    assert "the engine renders and reloads now" in asked
    assert BUTTON not in asked
    assert is_rendering_asked(seeded.database, PBX)
    note_rendering(seeded.database, PBX, "Wrote winback_queues.conf.", seeded.clock(), well=True)
    note_look(seeded.database, PBX, RenderingSeen(folder="/etc/asterisk"), seeded.clock())

    done = shown(client)
    assert "Wrote winback_queues.conf." in done
    assert "Asterisk runs what Winback would render" in done
    assert BUTTON not in done
    with seeded.database.read() as tx:
        lines = [(each.action, each.actor) for each in reversed(audit.latest(tx, 9))]
    assert [("rendering.asked", "setup page"), ("rendering.done", "engine")] == [
        line for line in lines if line[0].startswith("rendering.")
    ]


def test_where_the_engine_cannot_write_the_page_says_why_and_which_command_to_run(
    client: TestClient, seeded: Seeded
) -> None:
    closed = DUE.model_copy(update={"obstacle": "the user winback may not write into /etc/asterisk"})
    note_look(seeded.database, PBX, closed, seeded.clock())

    page = shown(client)
    assert "the user winback may not write into /etc/asterisk" in page
    assert BY_HAND in page
    assert BUTTON not in page
    refused = client.post(f"/api/v1/organisation/rendering/{PBX}")
    assert (409, "rendering.not-here") == (refused.status_code, refused.json()["error"]["code"])
    assert not is_rendering_asked(seeded.database, PBX)


def test_no_engine_that_looks_is_none_that_renders(client: TestClient, seeded: Seeded) -> None:
    note_look(seeded.database, PBX, DUE, seeded.clock() - SILENT_AFTER - timedelta(seconds=1))

    assert "No engine has looked since" in shown(client)
    assert BY_HAND in shown(client)
    assert 409 == client.post(f"/setup/rendering/{PBX}").status_code
    assert 409 == client.post("/api/v1/organisation/rendering/another").status_code


def test_a_wish_that_no_engine_does_is_said_and_may_be_asked_again(
    client: TestClient, seeded: Seeded
) -> None:
    note_look(seeded.database, PBX, DUE, seeded.clock())
    client.post(f"/setup/rendering/{PBX}")
    seeded.later(UNDER_WAY.total_seconds())

    assert "no engine has done it: does one run?" in shown(client)
    assert BUTTON in shown(client)


def test_programs_see_and_ask_the_same(client: TestClient, seeded: Seeded) -> None:
    note_look(seeded.database, PBX, DUE, seeded.clock())
    where = "/api/v1/organisation/rendering"

    assert ["winback_queues.conf"] == [
        each["name"] for each in client.get(where).json()[0]["seen"]["differences"]
    ]
    asked = client.post(f"{where}/{PBX}")
    assert 202 == asked.status_code
    assert asked.json()[0]["asked_at"] is not None


def test_only_an_administrator_has_asterisk_reloaded() -> None:
    assert [UserRole.ADMIN] == [role for role in UserRole if Right.RENDER in RIGHTS_OF[role]]


@pytest.mark.parametrize(
    ("written", "told", "left", "sentence"),
    [
        ((), (), (), "Everything was so already: nothing was written, nothing reloaded. Asterisk runs what"),
        (
            ("a", "b"),
            ("x",),
            (),
            "Wrote a and b into /etc; told Asterisk: x. Asterisk runs what is rendered.",
        ),
        (
            (),
            ("x",),
            ("queues",),
            "The files were up to date; told Asterisk: x. queues still runs otherwise.",
        ),
        (("a", "b", "c"), (), (), "Wrote a, b and c into /etc. Asterisk runs what is rendered."),
    ],
)
def test_what_came_of_it_is_one_sentence(
    written: tuple[str, ...], told: tuple[str, ...], left: tuple[str, ...], sentence: str
) -> None:
    assert outcome_of(written, told, folder="/etc", left=left).startswith(sentence)
