"""A word on the bell's channel rings for the pages, and a lost Redis is noticed. A real server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.jobs.redis import Bell, open_redis
from dialer.settings import Settings
from dialer.web.bell import CHANNEL, hear_bell, redis_answers

DEADLINE_S = 10.0


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[Bell]:
    with open_redis(Settings(data_dir=tmp_path, redis_url=None)) as bell:
        yield bell


def test_a_word_on_the_channel_rings_the_bell_of_every_page(bell: Bell) -> None:
    async def scene() -> None:
        rung = asyncio.Event()
        hearing = asyncio.create_task(hear_bell(bell.url, rung.set))
        with bell.connect() as connection:
            async with asyncio.timeout(DEADLINE_S):
                # nobody hears a word that is said before the channel is subscribed to
                for _ in range(int(DEADLINE_S / 0.01)):
                    if connection.publish(CHANNEL, "changed"):
                        break
                    await asyncio.sleep(0.01)
                await rung.wait()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)

    asyncio.run(scene())


def test_health_knows_a_redis_that_answers_from_one_that_does_not(bell: Bell) -> None:
    assert redis_answers(bell.url)
    assert not redis_answers("unix:///nowhere/redis.sock?db=0")
    assert not redis_answers("no url at all")
