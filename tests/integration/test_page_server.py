"""A real page server: event sources carry the views, and never hold up a stop."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from dialer.core.agents.state import AgentState
from dialer.web.headers import HEADERS
from tests.browser.conftest import Served
from tests.browser.seeded import Seeded

GRACE_S, STOPS_WITHIN_S = 120, 30.0  # a stop that waits for the grace is told from a busy machine's


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    yield seeded
    seeded.database.close()


@pytest.fixture
def served(seeded: Seeded) -> Iterator[Served]:
    served = Served(seeded).start()
    yield served
    served.stop()


def events(answer: httpx2.Response) -> Iterator[dict[str, object]]:
    """What an event source sends, as values."""
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_the_event_source_sends_the_dashboard_again_and_again(served: Served) -> None:
    with httpx2.stream("GET", f"{served.url}/dashboard/events", timeout=30) as answer:
        views = events(answer)
        first, second = next(views), next(views)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert set(first) == set(second)
    assert {"agents", "calls", "list", "today", "promises", "engine"} <= set(first)


def test_an_agents_source_changes_its_mark_when_the_agent_changes(served: Served, seeded: Seeded) -> None:
    with httpx2.stream("GET", f"{served.url}/agents/amira/events", timeout=30) as answer:
        marks = (str(said["mark"]) for said in events(answer))
        before = next(marks)
        seeded.agent("amira", AgentState.PAUSED, reason="lunch")
        after = next(mark for mark in marks if mark != before)

    assert before.startswith("ready|")
    assert after.startswith("paused|lunch|")


@pytest.fixture
def long_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.web.page_server.GRACE_S", GRACE_S)


def test_a_server_stops_at_once_with_event_sources_open(long_grace: None, served: Served) -> None:
    with (
        httpx2.stream("GET", f"{served.url}/dashboard/events", timeout=30) as one,
        httpx2.stream("GET", f"{served.url}/agents/amira/events", timeout=30) as other,
    ):
        views, marks = events(one), events(other)
        next(views)
        next(marks)
        began = time.monotonic()
        served.stop()
        took = time.monotonic() - began
        list(views)  # the sources end; they do not break off
        list(marks)

    assert took < STOPS_WITHIN_S


def test_one_source_too_many_is_refused(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.web.dashboard_stream.WATCHERS_LIMIT", 1)
    with httpx2.stream("GET", f"{served.url}/dashboard/events", timeout=30) as answer:
        views = events(answer)  # held: a source nobody reads is closed
        next(views)
        refused = httpx2.get(f"{served.url}/dashboard/events", timeout=30)

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "dashboard.full")
