"""The stream reads once for everybody, only while somebody watches, and ends when told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from dialer.core.dashboard.engine_state import judge_engines
from dialer.core.dashboard.view import (
    CallsOnDashboard,
    Dashboard,
    ListOnDashboard,
    PromisesOnDashboard,
    TodayOnDashboard,
)
from dialer.web.dashboard_stream import UNREADABLE, DashboardStream, as_event

DEADLINE_S = 30.0
CALLS = CallsOnDashboard(placed=0, ringing=0, answered=0, connected=0)


class Reader:
    """A database that counts how often it is read, and fails on demand."""

    def __init__(self) -> None:
        self.reads = 0
        self.broken = False

    def __call__(self) -> Dashboard:
        self.reads += 1
        if self.broken:
            raise OSError("gone")
        return dashboard(self.reads)


def dashboard(attempts: int) -> Dashboard:
    """An empty centre's dashboard, told from another one by its attempts."""
    return Dashboard(
        now=datetime(2026, 11, 23, 11, tzinfo=UTC),
        engine=judge_engines([], CALLS),
        agents=(),
        agents_by_state={},
        calls=CALLS,
        list=ListOnDashboard(counts={}, next=()),
        today=TodayOnDashboard(
            attempts=attempts, rung=0, answered=0, connected=0, abandoned=0, denominator=0, abandonment=None
        ),
        promises=PromisesOnDashboard(
            made=0, kept=0, settled=0, cancelled=0, closed=0, open=0, error=0, stuck=0, overtaken=0, next=()
        ),
        facts_set_aside=0,
    )


def run(
    scene: Callable[[Reader, DashboardStream], Coroutine[Any, Any, None]], *, every_s: float = 0.01
) -> None:
    async def play() -> None:
        reader = Reader()
        stream = DashboardStream(reader, every_s=every_s)
        task = asyncio.create_task(stream.run())
        try:
            async with asyncio.timeout(DEADLINE_S):
                await scene(reader, stream)
        finally:
            stream.close()
            await task

    asyncio.run(play())


async def first(source: AsyncIterator[tuple[Dashboard | None, str]]) -> Dashboard | None:
    """The next one; what goes out as text is the same."""
    read, text = await anext(source)
    assert text == (UNREADABLE if read is None else read.model_dump_json())
    return read


def test_nothing_is_read_while_nobody_watches() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        for _ in range(20):
            stream.ring()
            await asyncio.sleep(0)
        assert reader.reads == 0

    run(scene)


def test_many_pages_cost_one_reading() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        pages = [stream.dashboards() for _ in range(50)]
        seen = await asyncio.gather(*(first(page) for page in pages))
        assert stream.watchers == 50
        assert [dashboard(1)] * 50 == seen
        assert reader.reads == 1

    run(scene, every_s=60)


def test_a_notification_brings_a_dashboard_before_the_second_is_over() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        source = stream.dashboards()
        await first(source)
        stream.ring()
        assert await first(source) == dashboard(2)

    run(scene, every_s=3600)


def test_dashboards_keep_coming_without_a_notification() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        source = stream.dashboards()
        assert [await first(source) for _ in range(3)] == [dashboard(1), dashboard(2), dashboard(3)]

    run(scene)


def test_pages_are_told_when_the_database_cannot_be_read_and_when_it_can_again() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        reader.broken = True
        source = stream.dashboards()
        assert await first(source) is None
        reader.broken = False
        while (read := await first(source)) is None:
            pass
        assert read == dashboard(reader.reads)

    run(scene)


def test_closing_ends_every_event_source() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        pages = [stream.dashboards() for _ in range(3)]
        for page in pages:
            await first(page)
        stream.close()
        for page in pages:
            with pytest.raises(StopAsyncIteration):
                await first(page)
        assert stream.watchers == 0

    run(scene, every_s=3600)


def test_a_page_that_leaves_is_no_longer_counted() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        source = stream.dashboards()
        await first(source)
        await source.aclose()  # type: ignore[attr-defined] # an async generator, typed as what it promises
        assert stream.watchers == 0

    run(scene)


def test_an_event_is_one_data_line_and_a_blank_one() -> None:
    assert as_event('{"note":"a\\nb"}') == 'data: {"note":"a\\nb"}\n\n'
