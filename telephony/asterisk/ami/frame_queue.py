"""What a link received and nobody has read yet: one line, in order, for one consumer."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.asterisk.ami.wire import Frame
from telephony.errors import LinkDown, OutcomeUnknown, TelephonyError

#: items between two turns of the event loop, so that a full inbox starves neither reader nor pings
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Arrived:
    """A frame, and when what it tells was."""

    at: datetime
    frame: Frame


@dataclass(frozen=True, slots=True)
class Up:
    """The link is ready; `uptime_s` is what FullyBooted said, where it said it."""

    at: datetime
    uptime_s: int | None


@dataclass(frozen=True, slots=True)
class Down:
    """The link is gone, and why."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing came for a while."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """Something our own side put in line with what arrived."""

    at: datetime
    what: object


Item = Arrived | Up | Down | Tick | Posted


class FrameQueue:
    """Filled by the reader, emptied by one consumer; never waits on the reader's side."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._line: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._ended = False
        self._error: TelephonyError | None = None
        self._consumed = False

    def __len__(self) -> int:
        return len(self._line)

    def put(self, item: Item) -> None:
        """Add to the end of the line."""
        self._line.append(item)
        self._wake.set()

    def end(self, error: TelephonyError | None = None) -> None:
        """Nothing more will come; the consumer sees what is in line, then `error`, if there is one."""
        self._ended = True
        self._error = error
        self._wake.set()

    async def items(self, tick_s: float) -> AsyncIterator[Item]:
        """Everything in line and to come, with a `Tick` after `tick_s` of silence."""
        if self._consumed:
            raise LinkDown("a link has one consumer")
        self._consumed = True
        try:
            while True:
                for _ in range(min(len(self._line), _BATCH)):
                    yield self._line.popleft()
                if self._line:
                    await asyncio.sleep(0)
                elif self._ended:
                    break
                else:
                    self._wake.clear()
                    try:
                        async with asyncio.timeout(tick_s):
                            await self._wake.wait()
                    except TimeoutError:
                        yield Tick(self._clock())
        finally:
            self._consumed = False
        if self._error is not None:
            raise self._error


class Listing:
    """A list on its way, ended by an event of a given name or an EventList of Complete."""

    def __init__(self, ends_with: str) -> None:
        self._ends_with = ends_with
        self.frames: list[Frame] = []
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def add(self, frame: Frame) -> None:
        if frame.event == self._ends_with or frame.get("EventList").lower() == "complete":
            if not self.complete.done():
                self.complete.set_result(None)
        else:
            self.frames.append(frame)

    def fail(self) -> None:
        if not self.complete.done():
            self.complete.set_exception(OutcomeUnknown("the link was lost in mid-list"))
            self.complete.exception()  # looked at here: its waiter may have gone
