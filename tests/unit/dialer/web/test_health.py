"""Health and readiness say what is so, and whoever asks is told at once why it cannot be had."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from dialer.db.database_faults import DatabaseFault
from dialer.db.session import Database
from tests.browser.application import application
from tests.browser.seeded import Seeded, web_settings

HERE = "http://127.0.0.1:8000"
WAIT_S = 0.2  # what a page waits for another writer here
PAGE = {"accept": "text/html"}


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    seeded = Seeded(tmp_path / "winback.db", people=5)
    yield seeded
    seeded.database.close()


@pytest.fixture
def database(seeded: Seeded) -> Iterator[Database]:
    """Connections of the pages' own."""
    database = Database(seeded.database.url, seeded.database.policy, wait_s=WAIT_S)
    yield database
    database.close()


@pytest.fixture
def client(seeded: Seeded, database: Database) -> Iterator[TestClient]:
    app = application(database, web_settings(), seeded.clock)
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process writes and does not end."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextmanager
def full(database: Database) -> Iterator[None]:
    """The file has no free page, and may not grow by a single one."""
    database.engine.dispose()
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("VACUUM")
    other.close()

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count=1")

    event.listen(database.engine, "connect", prepare)
    yield


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """The file is opened as one nobody may write to."""
    path = database.engine.url.database
    database.engine.dispose()

    def connect(*_: Any) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False, timeout=WAIT_S)

    event.listen(database.engine, "do_connect", connect)
    yield


Ailing = Callable[[Database], Any]
CAMPAIGN = {"name": "Long words", "script": "x" * 4000}  # it needs a page more


@pytest.mark.parametrize(
    ("ailing", "fault"),
    [
        (locked, DatabaseFault.LOCKED),
        (full, DatabaseFault.FULL),
        (read_only, DatabaseFault.READ_ONLY),
    ],
)
def test_what_cannot_be_saved_is_answered_at_once_with_a_code_and_when_to_ask_again(
    client: TestClient, database: Database, ailing: Ailing, fault: DatabaseFault
) -> None:
    with ailing(database):
        api = client.post("/api/v1/campaigns", json=CAMPAIGN)
        page = client.post("/campaigns/new", data=CAMPAIGN, headers=PAGE)

    assert (api.status_code, api.json()["error"]["code"]) == (503, fault)
    assert int(api.headers["retry-after"]) > 0
    assert (page.status_code, page.headers["retry-after"]) == (503, api.headers["retry-after"])
    assert fault in page.text


def test_a_page_waits_for_another_writer_as_long_as_it_was_told_and_no_longer(database: Database) -> None:
    with database.engine.connect() as connection:
        waited_ms = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()

    assert waited_ms == WAIT_S * 1000


@pytest.mark.parametrize(
    ("ailing", "fault"), [(locked, DatabaseFault.LOCKED), (read_only, DatabaseFault.READ_ONLY)]
)
def test_a_centre_that_can_save_nothing_is_healthy_for_readers_and_not_ready(
    client: TestClient, database: Database, ailing: Ailing, fault: DatabaseFault
) -> None:
    with ailing(database):
        healthy, ready = client.get("/healthz"), client.get("/readyz")

    assert healthy.status_code == 200
    assert (ready.status_code, ready.json()["ok"], ready.json()["code"]) == (503, False, fault)
    assert int(ready.headers["retry-after"]) > 0
    assert client.get("/readyz").status_code == (200 if ailing is locked else 503)


def test_a_centre_is_ready_while_an_engine_leads_with_its_link_up(client: TestClient, seeded: Seeded) -> None:
    seeded.show(link="ready")
    ready = client.get("/readyz")
    seeded.show(link="lost")
    cut_off = client.get("/readyz")
    seeded.later(60)
    silent = client.get("/readyz")

    assert ready.status_code == 200
    assert "leads" in ready.json()["parts"]["engine"]["detail"]
    assert (cut_off.status_code, cut_off.json()["code"]) == (503, "link.down")
    assert (silent.status_code, silent.json()["code"]) == (503, "engine.silent")
