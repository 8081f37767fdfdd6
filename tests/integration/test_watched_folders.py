"""A folder's files go in once each, when nobody writes to them any more, and are put away."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bench.testbed.server import wait_until

from dialer.bootstrap import App, open_app
from dialer.db.queries import audit
from dialer.import_settings import FolderSettings
from dialer.services.customers.customers import list_batches
from dialer.services.customers.import_sources import list_sources
from dialer.services.customers.watched_folders import ALIVE_S, FileTaken, watch_folder
from dialer.settings import Settings
from telephony.numbers import fictional_numbers

WITHIN_S = 120.0
SETTLE_S = 60.0
NUMBERS = [number.e164 for number in fictional_numbers(400)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with open_app(Settings(data_dir=tmp_path / "app", log_level="error")) as app:
        yield app


@pytest.fixture
def folder(tmp_path: Path) -> FolderSettings:
    path = tmp_path / "crm"
    path.mkdir()
    return FolderSettings(path=path, source="crm", missing=None)


def put(folder: FolderSettings, name: str, ids: range) -> Path:
    path = folder.path / name
    path.write_text("id,phone\n" + "".join(f"k{each},{NUMBERS[each]}\n" for each in ids))
    return path


def watch(app: App, folder: FolderSettings, *, later_s: float = SETTLE_S + 1) -> list[FileTaken]:
    """A worker's look, as if so many seconds had passed since now."""
    return watch_folder(
        app.database,
        folder,
        lambda: app.clock() + timedelta(seconds=later_s),
        region="GB",
        settle_s=SETTLE_S,
        wall=lambda: datetime.now(UTC).timestamp() + later_s,
    )


def names(folder: Path) -> list[str]:
    """What is in a folder, without the moments before the names."""
    return sorted(path.name.partition("-")[2] for path in folder.iterdir())


def test_a_file_goes_in_and_is_put_away_with_its_report(app: App, folder: FolderSettings) -> None:
    put(folder, "monday.csv", range(20))
    (came,) = watch(app, folder)
    assert (came.good, came.bad, came.refused) == (20, 0, "")
    assert names(folder.path / "done") == ["monday.csv", "monday.csv.report.json"]

    put(folder, "tuesday.csv", range(2, 20))
    (came,) = watch(app, folder)
    assert came.missing == 2
    (report,) = (folder.path / "done").glob("*tuesday.csv.report.json")
    assert json.loads(report.read_text())["missing"]["newly"] == 2
    assert "tuesday.csv.missing.csv" in names(folder.path / "done")
    assert [source.name for source in list_sources(app.database)] == ["crm"]
    with app.database.read() as tx:
        assert [
            act.subject for act in audit.of_action(tx, "file.taken", datetime(2020, 1, 1, tzinfo=UTC))
        ] == [
            "monday.csv",
            "tuesday.csv",
        ]


def test_a_file_somebody_writes_to_waits_whatever_its_own_date_says(app: App, folder: FolderSettings) -> None:
    path = put(folder, "growing.csv", range(5))
    os.utime(path, (0, 0))  # as a program that keeps dates sets it
    assert watch(app, folder, later_s=SETTLE_S - 10) == []
    assert path.is_file()


@pytest.mark.parametrize("name", [".hidden.csv", "upload.csv.part", "x.csv.filepart"])
def test_a_file_on_its_way_is_left_alone(app: App, folder: FolderSettings, name: str) -> None:
    put(folder, name, range(5))
    assert watch(app, folder) == []


def test_a_file_that_is_written_to_while_it_is_read_is_put_back(
    app: App, folder: FolderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder, "slow.csv", range(5))
    with path.open("a") as writer:

        def late(*args: object, **values: object) -> object:
            writer.write(f"k6,{NUMBERS[6]}\n")
            writer.flush()
            return original(*args, **values)

        from dialer.services.customers import watched_folders  # noqa: PLC0415 - the one that is patched

        original = watched_folders.import_of
        monkeypatch.setattr(watched_folders, "import_of", late)
        assert watch(app, folder) == []
    monkeypatch.undo()
    assert path.is_file()
    (came,) = watch(app, folder)
    assert came.good == 6


def test_a_file_that_is_none_is_refused_with_the_reason_beside_it(app: App, folder: FolderSettings) -> None:
    (folder.path / "page.xls").write_bytes(b"<html><body>Log in first</body></html>")
    (came,) = watch(app, folder)
    assert "page.xls is an HTML page" in came.refused
    (report,) = (folder.path / "refused").glob("*.report.json")
    assert json.loads(report.read_text())["refused"] == came.refused


def test_the_same_name_every_night_loses_no_file(app: App, folder: FolderSettings) -> None:
    for days, night in enumerate((range(20), range(1, 20))):
        put(folder, "customers.csv", night)
        watch(app, folder, later_s=days * 86400 + SETTLE_S + 1)
    assert names(folder.path / "done").count("customers.csv") == 2


def test_two_workers_at_once_take_each_file_once(app: App, folder: FolderSettings) -> None:
    for each in range(8):
        put(folder, f"part{each}.csv", range(each * 5, each * 5 + 5))
    taken: list[FileTaken] = []
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        taken.extend(watch(app, folder))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(each.name for each in taken) == [f"part{each}.csv" for each in range(8)]
    assert len(list_batches(app.database)) == 8


def test_what_a_dead_worker_had_taken_is_taken_again(app: App, folder: FolderSettings) -> None:
    path = put(folder, "left.csv", range(5))
    left = folder.path / "taken" / "gone-1" / path.name
    left.parent.mkdir(parents=True)
    path.rename(left)
    assert watch(app, folder) == []  # it may be at work
    (came,) = watch(app, folder, later_s=ALIVE_S + 1)
    assert came.good == 5
    assert list((folder.path / "taken").iterdir()) == []


def test_a_worker_watches_by_itself(tmp_path: Path, folder: FolderSettings) -> None:
    put(folder, "night.csv", range(10))
    (tmp_path / "winback.toml").write_text(
        f'[imports]\nsettle_s = 1.0\n[[imports.folders]]\npath = "{folder.path}"\nsource = "crm"\n'
    )
    environment = {**os.environ, "WINBACK_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "dialer.cli", "worker"]
    with open_app(Settings(data_dir=tmp_path / "data", log_level="error")):
        pass  # the tables
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as worker:
        try:
            wait_until(lambda: any(folder.path.glob("done/*night.csv")), WITHIN_S, "the file is done")
        finally:
            worker.terminate()
            worker.wait(WITHIN_S)
