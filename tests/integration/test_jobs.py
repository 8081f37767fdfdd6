"""Work asked for is done by a real worker process over a real Redis, once however often it was asked for."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import polars as pl
import pytest
import redis

from churnmodel.artefact import save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_risk
from churnmodel.scoring.partitions import plan_partitions
from churnmodel.synthetic_customers import make_customers
from churnmodel.value import Price
from dialer.bootstrap import open_app
from dialer.core.importing.mapping import Given
from dialer.jobs.job_queue import LOST, ask_for, count_workers, follow, look_at, open_queue
from dialer.jobs.partitions import PartitionsDone, ask_for_partitions, follow_partitions
from dialer.jobs.redis import RedisServer, open_redis
from dialer.services.analytics.models import champion
from dialer.services.customers.customers import count_customers
from dialer.services.customers.imports import import_customers, plan_import
from dialer.settings import Settings

WITHIN_S = 600  # of a worker that takes ten seconds alone
WORKER = """
from dialer.jobs.worker import run_worker
from dialer.settings import Settings
run_worker(Settings(), burst=True)
"""

#: told to stop while it is being counted, before it listens
STOPPED_AT_ONCE = """
import os, signal
from dialer.jobs.worker import WinbackWorker, run_worker
from dialer.settings import Settings
subscribe = WinbackWorker.subscribe
def stopped(worker):
    os.kill(os.getpid(), signal.SIGTERM)
    subscribe(worker)
WinbackWorker.subscribe = stopped
run_worker(Settings())
"""
APP_WITH_A_WORKER = """
import sys, time
from dialer.bootstrap import open_app
from dialer.cli.serve import kept_worker
from dialer.settings import Settings
with open_app(Settings()) as app, kept_worker(app, sys.argv[1]) as worker:
    print(worker.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "app", redis_url=None, log_level="error")


@pytest.fixture
def redis_server(settings: Settings) -> Iterator[RedisServer]:
    with open_redis(settings) as redis_server:
        yield redis_server


@pytest.fixture
def connection(redis_server: RedisServer) -> Iterator[redis.Redis]:
    with redis_server.connect() as connection:
        yield connection


def environment(settings: Settings, redis_server: RedisServer) -> dict[str, str]:
    return {
        **os.environ,
        "WINBACK_DATA_DIR": str(settings.data_dir),
        "WINBACK_REDIS_URL": redis_server.url,
        "WINBACK_LOG_LEVEL": "error",
    }


def work(settings: Settings, redis_server: RedisServer) -> None:
    """Let one real worker empty the queue."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        env=environment(settings, redis_server),
        timeout=WITHIN_S,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_file_becomes_scores_through_the_worker(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis, tmp_path: Path
) -> None:
    path = tmp_path / "customers.parquet"
    make_customers(800, 3).write_parquet(path)
    plan = plan_import(path, Given(), region="GB", fictional=True)
    arguments = {"path": str(path), "mapping": plan.mapping.as_dict(), "fictional": True}
    ask_for(connection, "import_file", "import", arguments)
    ask_for(connection, "train", "train", {"quick": True})
    ask_for(connection, "score", "score", {})

    work(settings, redis_server)

    cards = {name: list(follow(connection, name))[-1] for name in ("import", "train", "score")}
    assert [card.status for card in cards.values()] == ["finished"] * 3, cards
    results = {name: card.result or {} for name, card in cards.items()}
    assert results["import"]["added"] == 800
    assert results["train"]["figures"]["roc_auc"] > 0.6
    assert results["score"]["scored"] == 800
    assert cards["score"].share == 1.0
    with open_app(settings) as app:
        assert count_customers(app.database) == 800
        assert champion(app.database) is not None


def test_the_same_work_asked_for_twice_is_one_job(connection: redis.Redis) -> None:
    for _ in range(3):
        assert ask_for(connection, "score", "score", {}) == "score"

    assert open_queue(connection).count == 1


def test_a_job_that_failed_says_why_and_can_be_asked_for_again(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis
) -> None:
    ask_for(connection, "train", "train", {})
    work(settings, redis_server)
    card = look_at(connection, "train")

    assert card is not None
    assert card.status == "failed"
    assert "winback import" in card.error
    ask_for(connection, "train", "train", {})
    assert open_queue(connection).count == 1


def test_a_job_nobody_asked_for_is_none(connection: redis.Redis) -> None:
    assert look_at(connection, "nothing") is None
    with pytest.raises(LookupError, match="nothing"):
        next(follow(connection, "nothing"))


def test_without_a_worker_none_is_counted(connection: redis.Redis) -> None:
    assert count_workers(connection) == 0


def test_a_job_whose_worker_was_killed_is_lost_and_can_be_asked_for_again(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis, tmp_path: Path
) -> None:
    path = tmp_path / "customers.parquet"
    make_customers(3_000, 3).write_parquet(path)
    with open_app(settings) as app:
        plan = plan_import(path, Given(), region="GB", fictional=True)
        import_customers(app.database, plan, app.clock(), region="GB")
    ask_for(connection, "train", "train", {})
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment(settings, redis_server), start_new_session=True
    )
    deadline = time.monotonic() + 60
    while (card := look_at(connection, "train")) is None or card.status != "started":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    at_work = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(worker.pid)], check=True, capture_output=True, text=True
    )
    os.kill(worker.pid, signal.SIGKILL)
    until(lambda: all(has_ended(int(pid)) for pid in at_work.stdout.split()))
    worker.wait()
    # a hundred silent seconds, without waiting for them
    connection.hset("rq:job:train", "last_heartbeat", "2026-01-01T00:00:00.000000Z")

    card = look_at(connection, "train")
    assert card is not None
    assert (card.status, card.error) == (LOST, "the worker was killed; ask again")
    ask_for(connection, "train", "train", {"quick": True})
    work(settings, redis_server)
    card = look_at(connection, "train")
    assert card is not None
    assert card.status == "finished", card


def test_a_worker_ends_with_the_process_that_started_it_even_where_that_is_killed(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis
) -> None:
    app = subprocess.Popen(
        [sys.executable, "-c", APP_WITH_A_WORKER, redis_server.url],
        env=environment(settings, redis_server), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert app.stdout is not None
    worker = int(app.stdout.readline())
    until(lambda: count_workers(connection) == 1)
    app.kill()
    app.communicate()

    until(lambda: count_workers(connection) == 0)
    until(lambda: has_ended(worker))


def test_a_worker_that_is_told_to_stop_as_it_begins_is_counted_no_longer(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis
) -> None:
    worker = subprocess.run(
        [sys.executable, "-c", STOPPED_AT_ONCE], env=environment(settings, redis_server), check=False
    )

    assert worker.returncode == 0
    assert count_workers(connection) == 0


def has_ended(process: int) -> bool:
    """Whether it is gone, or dead and only not yet collected."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], check=False, capture_output=True, text=True
    )
    return listed.stdout.strip()[:1] in {"", "Z"}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_parts_of_a_file_are_scored_by_workers_once_each(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis, tmp_path: Path
) -> None:
    customers = make_customers(500, 3)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)
    save(model, tmp_path / "model")
    customers.write_parquet(tmp_path / "customers.parquet")
    parts = plan_partitions([tmp_path / "customers.parquet"], tmp_path / "scores", rows=200)

    asked = ask_for_partitions(connection, str(tmp_path / "model"), parts, Price())
    assert asked == ask_for_partitions(connection, str(tmp_path / "model"), parts, Price())
    work(settings, redis_server)
    last = list(follow_partitions(connection, asked))[-1]
    ask_for_partitions(connection, str(tmp_path / "model"), parts, Price())
    work(settings, redis_server)

    assert (3, 3, 500, ()) == (last.done, last.total, last.rows, last.errors)
    again = [card.result for name in asked if (card := look_at(connection, name)) is not None]
    assert all(result is not None and result["skipped"] for result in again)
    assert 500 == pl.read_parquet(tmp_path / "scores" / "*.parquet").height


def test_a_killed_workers_part_is_done_by_another_one(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis, tmp_path: Path
) -> None:
    customers = make_customers(500, 3)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)
    save(model, tmp_path / "model")
    make_customers(5_000, 4).drop("churned").write_parquet(tmp_path / "customers.parquet")
    parts = plan_partitions([tmp_path / "customers.parquet"], tmp_path / "scores", rows=1_000)
    asked = ask_for_partitions(connection, str(tmp_path / "model"), parts, Price(), language="sv")

    lost = kill_at_work(settings, redis_server, connection, tuple(asked))
    # a hundred silent seconds, without waiting for them
    connection.hset(f"rq:job:{lost}", "last_heartbeat", "2026-01-01T00:00:00.000000Z")
    assert PartitionsDone(done=0, total=1, rows=0, errors=()) == next(
        follow_partitions(connection, {lost: asked[lost]})
    )
    others = [
        subprocess.Popen([sys.executable, "-c", WORKER], env=environment(settings, redis_server))
        for _ in range(2)
    ]
    last = list(follow_partitions(connection, asked))[-1]
    assert [0, 0] == [worker.wait(60) for worker in others]

    assert last.errors == ()
    assert (last.done, last.rows) == (5, 5_000)
    scores = pl.read_parquet(tmp_path / "scores" / "*.parquet")
    assert scores.get_column("id").n_unique() == 5_000
    assert scores.get_column("reasons").explode().str.contains("klagomål|betalar|kund i").any()


def kill_at_work(
    settings: Settings, redis_server: RedisServer, connection: redis.Redis, names: Collection[str]
) -> str:
    """Kill a worker, and the process of its job, in the middle of one; returns the job's name."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment(settings, redis_server))
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline
        os.kill(worker.pid, signal.SIGSTOP)  # first: it takes away no process that ends from now on
        jobs = subprocess.run(
            ["pgrep", "-P", str(worker.pid)],
            capture_output=True,
            check=False,
        ).stdout.split()
        pids = (worker.pid, *map(int, jobs))
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # nothing ends while we look
        cards = [card for name in names if (card := look_at(connection, name)) is not None]
        at_work = [card.id for card in cards if card.status == "started"]
        if jobs and at_work:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            worker.wait()
            return at_work[0]
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        time.sleep(0.02)
