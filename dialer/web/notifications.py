"""Notifications: a Redis channel on which other processes say "something changed".

Only a hint (invariant 1): without Redis the pages are a second behind and never wrong.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from dialer.bootstrap import CHANGES_CHANNEL

log = structlog.get_logger(__name__)

BACK_OFF_S: Final = 5.0  # between two tries to reach a Redis that is gone
PING_TIMEOUT_S: Final = 1.0


async def subscribe_changes(url: str, ring: Callable[[], None]) -> None:
    """Ring for every message on the channel, for ever; a lost Redis is tried again."""
    import redis.asyncio  # noqa: PLC0415 - six megabytes, of no use to pages without a Redis

    while True:
        try:
            async with redis.asyncio.Redis.from_url(url) as client, client.pubsub() as channel:
                await channel.subscribe(CHANGES_CHANNEL)
                async for _message in channel.listen():
                    ring()
        except (redis.RedisError, OSError, ValueError) as error:  # ValueError: no Redis URL
            log.info("redis_unreachable", error=type(error).__name__)
        await asyncio.sleep(BACK_OFF_S)


def redis_answers(url: str) -> bool:
    """Whether Redis answers within a second."""
    import redis  # noqa: PLC0415 - as above

    try:
        with redis.Redis.from_url(
            url, socket_timeout=PING_TIMEOUT_S, socket_connect_timeout=PING_TIMEOUT_S
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError, ValueError):  # ValueError: no Redis URL
        return False
