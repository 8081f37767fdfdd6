"""One reading of the database a second for all open pages, sent on as server-sent events.

However many pages are open, the database is read once: by the stream, when its second is over or the notifier
rings. Nobody watching: nothing is read. Closing the stream ends every event source at once, so that a
server can stop without waiting for browsers to leave.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import structlog

from dialer.core.dashboard.view import Dashboard

log = structlog.get_logger(__name__)

EVERY_S: Final = 1.0  # a person reads a dashboard, and a second is as old as a figure may look
AT_MOST_EVERY_S: Final = 0.2  # a notification is answered at this rate, so a busy floor cannot flood pages
WATCHERS_LIMIT: Final = 500  # open event sources; each holds a socket
UNREADABLE: Final = '{"fault":"database"}'  # what pages are told while the database cannot be read


class DashboardStream:
    """Reads the dashboard when somebody watches, and tells everybody who does."""

    def __init__(self, read: Callable[[], Dashboard], *, every_s: float = EVERY_S) -> None:
        self._read = read
        self._every_s = every_s
        self._dashboard: Dashboard | None = None
        self._text = UNREADABLE
        self._version = 0
        self._watchers = 0
        self._closed = False
        self._changed = asyncio.Event()
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def full(self) -> bool:
        """Whether one more watcher would be too many."""
        return self._watchers >= WATCHERS_LIMIT

    @property
    def watchers(self) -> int:
        """How many event sources are open."""
        return self._watchers

    def ring(self) -> None:
        """Something changed: read now and not when the second is over. Safe from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    def close(self) -> None:
        """End every event source; the stream stays closed."""
        self._closed = True
        self._changed.set()
        self._tell()

    async def run(self) -> None:
        """Read and tell until closed."""
        self._loop = asyncio.get_running_loop()
        while not self._closed:
            if self._watchers:
                await self._take()
                await asyncio.sleep(AT_MOST_EVERY_S)
            # without watchers only the notifier wakes the stream; the first watcher wakes it too
            with suppress(TimeoutError):
                timeout = self._every_s - AT_MOST_EVERY_S if self._watchers else None
                await asyncio.wait_for(self._changed.wait(), timeout)
            self._changed.clear()

    async def dashboards(self) -> AsyncIterator[tuple[Dashboard | None, str]]:
        """Each new dashboard, as a value and as JSON text, from one read after this call; ends on close.

        None, and a text that says so, while the database cannot be read.
        """
        self._watchers += 1
        seen = self._version
        self._changed.set()
        try:
            while not self._closed:
                news = self._news
                if self._version == seen:
                    await news.wait()
                    continue
                seen = self._version
                yield self._dashboard, self._text
        finally:
            self._watchers -= 1

    async def _take(self) -> None:
        try:
            dashboard = await asyncio.to_thread(self._read)
        except Exception as error:  # noqa: BLE001 - whatever it is, pages must learn that they are blind
            log.warning("dashboard_unreadable", error=type(error).__name__)
            self._dashboard, self._text = None, UNREADABLE
        else:
            self._dashboard, self._text = dashboard, dashboard.model_dump_json()
        self._version += 1
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def as_event(text: str, *, number: str = "") -> str:
    """One server-sent event; JSON text holds no raw line break, so one data line carries it.

    `number`: what a page that comes back says it heard last.
    """
    return f"id: {number}\ndata: {text}\n\n" if number else f"data: {text}\n\n"
