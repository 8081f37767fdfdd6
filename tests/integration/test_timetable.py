"""The house does its duties by itself: real workers, a real Redis, one book."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from churnmodel.proof.synth import make_customers
from dialer.bootstrap import House, open_house
from dialer.cli.checkup import look_at_duties, look_at_upkeep
from dialer.core.importing.mapping import Given
from dialer.core.timetable import Duty
from dialer.db.queries import audit
from dialer.jobs.redis import Bell, open_redis
from dialer.jobs.timetable import KNOCKED
from dialer.services.imports import import_customers, plan_import
from dialer.services.timetable import HOLD, DutyCard, End, list_duties, write_down
from dialer.services.training import train_model
from dialer.services.upkeep import note_end
from dialer.settings import Settings

WITHIN_S = 120.0  # a busy machine; alone it takes ten seconds


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three hundred customers, a model, and a timetable written down today."""
    settings = Settings(data_dir=tmp_path / "house", redis_url=None, log_level="error")
    path = tmp_path / "customers.parquet"
    make_customers(300, 3).write_parquet(path)
    with open_house(settings) as house:
        plan = plan_import(path, Given(), region="GB", fictional=True)
        import_customers(house.book, plan, house.clock(), region="GB")
        train_model(house.book, settings.data_dir, house.clock(), quick=True)
        write_down(house.book, settings, house.clock())
        yield house


@pytest.fixture
def bell(house: House) -> Iterator[Bell]:
    with open_redis(house.settings) as bell:
        yield bell


@contextmanager
def worker(house: House, bell: Bell, *, later: timedelta) -> Iterator[subprocess.Popen[bytes]]:
    """One `winback worker` whose clock is ahead by so much."""
    environment = {
        **os.environ,
        "WINBACK_DATA_DIR": str(house.settings.data_dir),
        "WINBACK_REDIS_URL": bell.url,
        "WINBACK_CLOCK_SHIFT_S": str(later.total_seconds()),
        "WINBACK_TIMETABLE__TRAIN": house.settings.timetable.train,
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
        for each in (process.pid, *map(int, at_work.stdout.split())):
            os.kill(each, signal.SIGKILL)
        process.wait()


def cards(house: House, later: timedelta) -> dict[Duty, DutyCard]:
    return {card.duty: card for card in list_duties(house.book, house.settings, house.clock() + later)}


def wait_for_end(house: House, duties: set[Duty], later: timedelta) -> dict[Duty, DutyCard]:
    deadline = time.monotonic() + WITHIN_S
    while True:
        found = cards(house, later)
        if all(found[duty].end is not None and not found[duty].at_work for duty in duties):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def wait_for_start(house: House, later: timedelta) -> datetime:
    """When training was begun, once it was."""
    deadline = time.monotonic() + WITHIN_S
    while not (card := cards(house, later)[Duty.TRAIN]).at_work or card.began_at is None:
        assert time.monotonic() < deadline, card
        time.sleep(0.05)
    return card.began_at


def test_two_workers_make_up_for_missed_nights_once(house: House, bell: Bell) -> None:
    later = timedelta(days=3)
    house = replace(
        house,
        settings=house.settings.model_copy(
            update={"timetable": house.settings.timetable.model_copy(update={"train": "never"})}
        ),
    )
    nightly = {Duty.CONTACT, Duty.SCORE, Duty.EFFECT, Duty.DRIFT}
    with worker(house, bell, later=later), worker(house, bell, later=later):
        found = wait_for_end(house, nightly, later)

    assert found[Duty.SCORE].end is End.DONE, found[Duty.SCORE].said
    assert found[Duty.SCORE].figures["scored"] == 300
    assert found[Duty.DRIFT].end is End.DONE, found[Duty.DRIFT].said
    assert "running" in found[Duty.EFFECT].said
    with house.book.read() as tx:
        written = sorted(line.subject for line in audit.latest(tx, 50) if line.actor == "timetable")
    assert written == sorted(duty.value for duty in nightly)


def test_a_killed_workers_duty_is_taken_by_the_next_one(house: House, bell: Bell) -> None:
    later = timedelta(days=40)
    with worker(house, bell, later=later):
        first = wait_for_start(house, later)  # and both worker and its job's own process are killed
    assert cards(house, later)[Duty.TRAIN].at_work
    with bell.connect() as connection:  # a hundred silent seconds, without waiting for them
        connection.hset("rq:job:duty-train", "last_heartbeat", "2026-01-01T00:00:00.000000Z")
        connection.delete(KNOCKED)

    later += HOLD + timedelta(seconds=30)
    assert not cards(house, later)[Duty.TRAIN].at_work
    with worker(house, bell, later=later):
        assert first < wait_for_start(house, later)


def test_doctor_tells_a_part_that_ended_by_itself_within_the_hour(house: House) -> None:
    assert look_at_upkeep(house).ok
    for hours, ok in ((2, True), (0, False)):
        at = house.clock() - timedelta(hours=hours)
        note_end(house.book, at, "here", "worker", code=-9, again_in_s=1.0)
        found = look_at_upkeep(house)
        assert found.ok is ok
        assert "signal 9" in found.seen


def test_doctor_tells_duties_that_nobody_takes(house: House) -> None:
    """Without a worker a house is silent about its nights, so doctor is not."""
    assert look_at_duties(house).ok
    idle = replace(house, clock=lambda: house.clock() + timedelta(days=2))

    found = look_at_duties(idle)

    assert not found.ok
    assert "score" in found.seen
    assert "winback worker" in found.remedy
