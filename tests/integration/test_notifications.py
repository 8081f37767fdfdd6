"""A notification reaches the pages, and a lost Redis is noticed. A real server."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.engine.change_notifier import ChangeNotifier
from dialer.jobs.redis import RedisServer, open_redis
from dialer.settings import Settings
from dialer.web.notifications import redis_answers, subscribe_changes

DEADLINE_S = 60.0
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    with open_redis(Settings(data_dir=tmp_path, redis_url=None)) as redis_server:
        yield redis_server


def test_the_engine_tells_every_page_of_a_change(redis_server: RedisServer) -> None:
    async def scene() -> None:
        rung = asyncio.Event()
        hearing = asyncio.create_task(subscribe_changes(redis_server.url, rung.set))
        ringer = ChangeNotifier(redis_server.url)
        async with asyncio.timeout(DEADLINE_S):
            while not rung.is_set():  # nobody hears what is rung before the page listens
                ringer.ring(NOW)
                await asyncio.sleep(0.01)
        ringer.close()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)

    asyncio.run(scene())


def test_a_redis_that_is_gone_costs_nothing_and_is_left_alone_for_a_while(tmp_path: Path) -> None:
    ringer = ChangeNotifier(f"unix://{tmp_path}/nowhere.sock?db=0")

    ringer.ring(NOW)
    ringer.ring(NOW)

    ringer.close()


def test_health_knows_a_redis_that_answers_from_one_that_does_not(redis_server: RedisServer) -> None:
    assert redis_answers(redis_server.url)
    assert not redis_answers("unix:///nowhere/redis.sock?db=0")
    assert not redis_answers("no url at all")
