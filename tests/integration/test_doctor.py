"""Doctor says what ails database and Redis, and no fault of one part hides the others."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event
from typer.testing import Result

from dialer.bootstrap import App, open_app
from dialer.cli import site_checks
from dialer.cli.doctor_checks import look_at_database, look_at_everything, look_at_redis
from dialer.cli.main import put_right
from dialer.db.database_faults import DatabaseUnavailable
from dialer.db.migrations.upgrade import NewerTables
from dialer.jobs.redis import open_redis
from dialer.settings import Settings

Type = Callable[..., Result]
NOWHERE = "postgresql+psycopg://winback:a-pass-word@127.0.0.1:1/winback"  # nobody listens there


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, redis_url=None)


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    with open_app(settings, wait_s=0.2) as app:
        yield app


@contextmanager
def newer(settings: Settings) -> Iterator[None]:
    """A newer version has been at work on the database."""
    with open_app(settings):
        pass
    with sqlite3.connect(settings.data_dir / "winback.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    yield


def test_a_database_that_is_down_is_one_finding_among_all(
    settings: Settings,
) -> None:
    findings = {
        each.what: each for each in look_at_everything(settings.model_copy(update={"database_url": NOWHERE}))
    }

    assert not findings["database"].ok
    assert "database.away" in findings["database"].seen
    assert "a-pass-word" not in repr(findings)
    assert findings["Redis"].ok
    assert {"AMI", "FastAGI"} < set(findings)


def test_a_database_that_is_read_only_is_a_fault(app: App) -> None:
    path = app.database.engine.url.database
    app.database.engine.dispose()

    @event.listens_for(app.database.engine, "do_connect")
    def connect(*_: object) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)

    found = look_at_database(app)

    assert not found.ok
    assert "database.read-only" in found.seen


def test_a_database_that_can_be_written_to_is_no_fault(app: App) -> None:
    assert look_at_database(app).ok


@pytest.mark.parametrize("command", ["web", "worker", "campaign list", "schedule"])
def test_a_database_of_a_newer_version_is_one_sentence(type_in: Type, command: str) -> None:
    with newer(Settings()), pytest.raises(NewerTables) as refused:
        type_in(*command.split())
    (said,) = put_right(refused.value) or [""]

    assert "newer Winback" in said
    assert "9999" in said


def test_an_engine_on_a_newer_database_ends_with_one_sentence(settings: Settings) -> None:
    with newer(settings):
        done = subprocess.run(
            [sys.executable, "-m", "dialer.cli", "engine"],
            env={**os.environ, "WINBACK_DATA_DIR": str(settings.data_dir), "COLUMNS": "300"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 2
    assert "newer Winback" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_one_sentence_of_any_command(
    monkeypatch: pytest.MonkeyPatch, type_in: Type
) -> None:
    monkeypatch.setenv("WINBACK_DATABASE_URL", NOWHERE)

    with pytest.raises(DatabaseUnavailable) as refused:
        type_in("campaign", "list")
    (said,) = put_right(refused.value) or [""]

    assert "database.away" in said
    assert "a-pass-word" not in said


@pytest.mark.parametrize(
    "ails",
    [{"maxmemory": "1"}, {"replicaof": "127.0.0.1 1"}],
    ids=["full", "a replica that only reads"],
)
def test_a_redis_that_takes_nothing_new_is_a_fault(settings: Settings, ails: dict[str, str]) -> None:
    with open_redis(settings) as server, server.connect() as connection:
        for name, value in ails.items():
            if name == "replicaof":
                connection.execute_command("REPLICAOF", *value.split())
            else:
                connection.config_set(name, value)
        found = look_at_redis(settings.model_copy(update={"redis_url": server.url}))
        connection.execute_command("REPLICAOF", "NO", "ONE")

    assert not found.ok
    assert "takes nothing new" in found.seen
    assert os.fspath(settings.data_dir) not in found.remedy


def test_a_redis_that_takes_what_is_written_is_no_fault(settings: Settings) -> None:
    assert look_at_redis(settings).ok


def test_an_asterisk_whose_folder_is_closed_to_us_is_said_and_ends_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(folder: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(folder / "asterisk.conf"))

    monkeypatch.setattr(site_checks, "can_be_seen", closed)
    pbx = settings.pbx.model_copy(update={"host": "127.0.0.1"})

    (finding,) = site_checks.look_at_site(settings.model_copy(update={"pbx": pbx}))

    assert finding.ok
    assert "asterisk.conf may not be read by this user" in finding.seen
