"""Counts that take seconds of a long list, made beside the pages that show them: no page waits for one."""

from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

import structlog

T = TypeVar("T")

MOST_KEPT: Final = 200  # figures, the newest: more lists than people look at in a day

log = structlog.get_logger()


class LongCounts(Generic[T]):
    """Figures by what they are of, each with the moment it was counted for, remembered in this process.

    `good_for` is how long one holds before it is counted again; None: as long as it is of the same. However
    many ask, the same is counted once at a time.
    """

    def __init__(self, beside: Executor, good_for: timedelta | None) -> None:
        self._beside = beside
        self._good_for = good_for
        self._lock = Lock()
        self._kept: dict[Hashable, tuple[datetime, T]] = {}
        self._counting: dict[Hashable, Future[T]] = {}

    def ask(self, of: Hashable, now: datetime, count: Callable[[], T]) -> T | None:
        """What was counted last, however long ago, or None; where that no longer holds, a count begins."""
        with self._lock:
            kept = self._kept.get(of)
            if kept is None or not self._holds(kept[0], now):
                self._begin(of, now, count)
        return kept[1] if kept is not None else None

    def at_once(self, of: Hashable, now: datetime, count: Callable[[], T]) -> T:
        """What was counted last where that still holds, else counted by whoever asks: for what is short."""
        with self._lock:
            kept = self._kept.get(of)
        if kept is not None and self._holds(kept[0], now):
            return kept[1]
        found = count()
        self._keep(of, now, found)
        return found

    def _holds(self, counted: datetime, now: datetime) -> bool:
        return self._good_for is None or timedelta() <= now - counted < self._good_for

    def _begin(self, of: Hashable, now: datetime, count: Callable[[], T]) -> None:
        if of not in self._counting:
            self._counting[of] = self._beside.submit(self._count, of, now, count)

    def _count(self, of: Hashable, now: datetime, count: Callable[[], T]) -> T:
        try:
            found = count()
        except Exception:
            log.exception("count_failed")  # the next who asks begins again
            with self._lock:
                del self._counting[of]
            raise
        self._keep(of, now, found)
        return found

    def _keep(self, of: Hashable, now: datetime, found: T) -> None:
        with self._lock:
            self._counting.pop(of, None)
            self._kept.pop(of, None)
            self._kept[of] = now, found
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
