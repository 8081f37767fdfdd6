"""An event loop in a thread of its own: the PBX, the lines to it and the agents at their pages live there."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

ANSWER_S = 60.0  # a loaded machine is slow, a loop that hangs is a fault

T = TypeVar("T")


class Background:
    """Runs coroutines and calls in its loop, and gives their results to the test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_S)

    def call(self, act: Callable[[], T]) -> T:
        """The result of a function that must run where the loop runs."""

        async def acting() -> T:
            return act()

        return self.run(acting())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a coroutine run until this is left."""

        def begin() -> None:
            task = self._loop.create_task(work)
            self._tasks.add(task)

        self.call(begin)

    async def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # whoever connects at this moment is served by a task that there is a few turns of the loop later
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
