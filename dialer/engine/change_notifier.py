"""Tells open pages that something changed. A hint, never a fact (invariant 1)."""

from datetime import datetime, timedelta
from typing import Final

import redis
import structlog

from dialer.bootstrap import CHANGES_CHANNEL

log = structlog.get_logger()

ANSWER_WITHIN_S: Final = 0.5  # a slow Redis must not hold up what is shown
SILENT_FOR: Final = timedelta(seconds=5)  # after a failure: pages look by themselves meanwhile


class ChangeNotifier:
    """A Redis to publish on; without one, or while it is gone, ringing does nothing."""

    def __init__(self, url: str | None) -> None:
        self._client = (
            redis.Redis.from_url(url, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S)
            if url is not None
            else None
        )
        self._silent_until: datetime | None = None

    def ring(self, now: datetime) -> None:
        """Say that something changed."""
        if self._client is None or (self._silent_until is not None and now < self._silent_until):
            return
        try:
            self._client.publish(CHANGES_CHANNEL, "")
        except redis.RedisError as error:
            log.info("redis_unreachable", error=type(error).__name__)
            self._silent_until = now + SILENT_FOR

    def close(self) -> None:
        """Give the connection back."""
        if self._client is not None:
            self._client.close()
