"""The centre does its scheduled jobs by itself: real workers, a real Redis, one database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from churnmodel.synthetic_customers import make_customers
from dialer.bootstrap import App, open_app
from dialer.cli.doctor_checks import look_at_restarts, look_at_schedule
from dialer.core.importing.mapping import Given
from dialer.core.schedule import ScheduledJob
from dialer.db.queries import audit
from dialer.jobs.redis import RedisServer, open_redis
from dialer.jobs.scheduler import TICKED
from dialer.services.analytics.training import train_model
from dialer.services.customers.imports import import_customers, plan_import
from dialer.services.schedule.process_restarts import note_end
from dialer.services.schedule.schedule import HOLD, End, ScheduledJobCard, list_scheduled_jobs, write_down
from dialer.settings import Settings

WITHIN_S = 300.0  # a busy machine; alone it takes ten seconds


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Three hundred customers, a model, and a schedule written down today."""
    settings = Settings(data_dir=tmp_path / "app", redis_url=None, log_level="error")
    path = tmp_path / "customers.parquet"
    make_customers(300, 3).write_parquet(path)
    with open_app(settings) as app:
        plan = plan_import(path, Given(), region="GB", fictional=True)
        import_customers(app.database, plan, app.clock(), region="GB")
        train_model(app.database, settings.data_dir, app.clock(), quick=True)
        write_down(app.database, settings, app.clock())
        yield app


@pytest.fixture
def redis_server(app: App) -> Iterator[RedisServer]:
    with open_redis(app.settings) as redis_server:
        yield redis_server


@contextmanager
def worker(app: App, redis_server: RedisServer, *, later: timedelta) -> Iterator[subprocess.Popen[bytes]]:
    """One `winback worker` whose clock is ahead by so much."""
    environment = {
        **os.environ,
        "WINBACK_DATA_DIR": str(app.settings.data_dir),
        "WINBACK_REDIS_URL": redis_server.url,
        "WINBACK_CLOCK_SHIFT_S": str(later.total_seconds()),
        "WINBACK_SCHEDULE__TRAIN": app.settings.schedule.train,
        "WINBACK_LOG_LEVEL": "error",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dialer.cli", "worker"], env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        at_work = subprocess.run(
            ["pgrep", "-P", str(process.pid)],
            capture_output=True,
            check=False,
        )
        process.kill()
        process.wait()
        for each in map(int, at_work.stdout.split()):
            with suppress(ProcessLookupError):  # its job was over just now
                os.kill(each, signal.SIGKILL)


def cards(app: App, later: timedelta) -> dict[ScheduledJob, ScheduledJobCard]:
    return {
        card.scheduled_job: card
        for card in list_scheduled_jobs(app.database, app.settings, app.clock() + later)
    }


def wait_for_end(
    app: App, scheduled_jobs: set[ScheduledJob], later: timedelta
) -> dict[ScheduledJob, ScheduledJobCard]:
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = cards(app, later)
        if all(
            found[scheduled_job].end is not None and not found[scheduled_job].at_work
            for scheduled_job in scheduled_jobs
        ):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def wait_for_start(app: App, later: timedelta) -> datetime:
    """When training was begun, once it was."""
    deadline = time.monotonic() + WITHIN_S
    while not (card := cards(app, later)[ScheduledJob.TRAIN]).at_work or card.began_at is None:
        assert time.monotonic() < deadline, card
        time.sleep(0.05)
    return card.began_at


def test_two_workers_make_up_for_missed_nights_once(app: App, redis_server: RedisServer) -> None:
    later = timedelta(days=3)
    app = replace(
        app,
        settings=app.settings.model_copy(
            update={"schedule": app.settings.schedule.model_copy(update={"train": "never"})}
        ),
    )
    nightly = set(ScheduledJob) - {ScheduledJob.TRAIN}
    with worker(app, redis_server, later=later), worker(app, redis_server, later=later):
        found = wait_for_end(app, nightly, later)

    assert found[ScheduledJob.SCORE].end is End.DONE, found[ScheduledJob.SCORE].said
    assert found[ScheduledJob.SCORE].figures["scored"] == 300
    assert found[ScheduledJob.DRIFT].end is End.DONE, found[ScheduledJob.DRIFT].said
    assert "running" in found[ScheduledJob.EFFECT].said
    with app.database.read() as tx:
        written = sorted(line.subject for line in audit.latest(tx, 50) if line.actor == "schedule")
    assert written == sorted(scheduled_job.value for scheduled_job in nightly)


def test_a_killed_workers_job_is_taken_by_the_next_one(app: App, redis_server: RedisServer) -> None:
    later = timedelta(days=40)
    with worker(app, redis_server, later=later):
        first = wait_for_start(app, later)  # and both worker and its job's own process are killed
    assert cards(app, later)[ScheduledJob.TRAIN].at_work
    with redis_server.connect() as connection:  # a hundred silent seconds, without waiting for them
        connection.hset("rq:job:scheduled-train", "last_heartbeat", "2026-01-01T00:00:00.000000Z")
        connection.delete(TICKED)

    later += HOLD + timedelta(seconds=30)
    assert not cards(app, later)[ScheduledJob.TRAIN].at_work
    with worker(app, redis_server, later=later):
        assert first < wait_for_start(app, later)


def test_doctor_tells_a_part_that_ended_by_itself_within_the_hour(app: App) -> None:
    assert look_at_restarts(app).ok
    for hours, ok in ((2, True), (0, False)):
        at = app.clock() - timedelta(hours=hours)
        note_end(app.database, at, "here", "worker", code=-9, again_in_s=1.0)
        found = look_at_restarts(app)
        assert found.ok is ok
        assert "signal 9" in found.seen


def test_doctor_tells_jobs_that_nobody_takes(app: App) -> None:
    """Without a worker a centre is silent about its nights, so doctor is not."""
    assert look_at_schedule(app).ok
    idle = replace(app, clock=lambda: app.clock() + timedelta(days=2))

    found = look_at_schedule(idle)

    assert not found.ok
    assert "score" in found.seen
    assert "winback worker" in found.remedy
