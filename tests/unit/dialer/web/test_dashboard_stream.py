"""The live stream reads once for everybody, only while somebody watches, and ends when told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from dialer.web.dashboard_stream import FAULT, DashboardStream, as_event

DEADLINE_S = 30.0


class Reader:
    """A database that counts how often it is read, and fails on demand."""

    def __init__(self) -> None:
        self.reads = 0
        self.broken = False

    def __call__(self) -> dict[str, Any]:
        self.reads += 1
        if self.broken:
            raise OSError("gone")
        return {"reads": self.reads}


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


async def first(views: AsyncIterator[tuple[dict[str, Any], str]]) -> dict[str, Any]:
    return (await anext(views))[0]


def test_nothing_is_read_while_nobody_watches() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        for _ in range(20):
            stream.ring()
            await asyncio.sleep(0)
        assert reader.reads == 0

    run(scene)


def test_many_pages_cost_one_reading() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        pages = [stream.views() for _ in range(50)]
        seen = await asyncio.gather(*(first(page) for page in pages))
        assert stream.watchers == 50
        assert [{"reads": 1}] * 50 == seen
        assert reader.reads == 1

    run(scene, every_s=60)


def test_a_notification_brings_a_dashboard_before_the_second_is_over() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        views = stream.views()
        await first(views)
        stream.ring()
        assert await first(views) == {"reads": 2}

    run(scene, every_s=3600)


def test_dashboards_keep_coming_without_a_notification() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        views = stream.views()
        assert [await first(views) for _ in range(3)] == [{"reads": 1}, {"reads": 2}, {"reads": 3}]

    run(scene)


def test_pages_are_told_when_the_database_cannot_be_read_and_when_it_can_again() -> None:
    async def scene(reader: Reader, stream: DashboardStream) -> None:
        reader.broken = True
        views = stream.views()
        assert await first(views) == FAULT
        reader.broken = False
        while (view := await first(views)) == FAULT:
            pass
        assert "reads" in view

    run(scene)


def test_closing_ends_every_event_source() -> None:
    async def scene(_reader: Reader, stream: DashboardStream) -> None:
        pages = [stream.views() for _ in range(3)]
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
        views = stream.views()
        await first(views)
        await views.aclose()  # type: ignore[attr-defined] # an async generator, typed as what it promises
        assert stream.watchers == 0

    run(scene)


def test_an_event_is_one_data_line_and_a_blank_one() -> None:
    assert as_event('{"note":"a\\nb"}') == 'data: {"note":"a\\nb"}\n\n'
