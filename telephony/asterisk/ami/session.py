"""A supervised link: it connects, logs in, waits for the PBX to be booted, and notices when it dies.

The reader only stamps and enqueues; one consumer takes what happened in order. Every action has a
deadline; one that was sent and not answered ends in `OutcomeUnknown` and is never sent again.
A refused login is final: trying on with a wrong secret only fills the PBX's ban list.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Container
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Any, Final

from telephony.asterisk.ami.actions import Action, Logoff
from telephony.asterisk.ami.event_times import EventTimes
from telephony.asterisk.ami.events import DECODERS
from telephony.asterisk.ami.frame_queue import Arrived, Down, FrameQueue, Item, Listing, Posted, Up
from telephony.asterisk.ami.keepalive import until_lost
from telephony.asterisk.ami.login import log_in
from telephony.asterisk.ami.transport import LINK, LinkEvent, LinkSettings, Transport, TransportFactory
from telephony.asterisk.ami.wire import Frame
from telephony.errors import (
    ActionRefused,
    LinkDown,
    LoginRefused,
    OutcomeUnknown,
    PeerViolation,
    TelephonyError,
)
from telephony.ports import LinkHealth, LinkState

_GOOD: Final = frozenset({"success", "follows", "goodbye", "pong"})


class _Lost(Exception):
    """The connection is gone; says why."""


class Session:
    """One link to one PBX, kept up until `close`."""

    def __init__(
        self,
        settings: LinkSettings,
        *,
        transport: TransportFactory,
        clock: Callable[[], datetime],
        rng: random.Random,
        heard: Container[str] = DECODERS,
    ) -> None:
        """`heard`: the events the consumer wants; the rest is counted and dropped unread."""
        self._settings = settings
        self._open_transport = transport
        self._clock = clock
        self._rng = rng
        self._heard = heard
        self._state = LinkState.DOWN
        self._transport: Transport | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._final: TelephonyError | None = None  # why there will be no link any more
        self._lost: asyncio.Future[str] | None = None
        self._booted: asyncio.Future[int | None] | None = None
        self._inbox = FrameQueue(clock)
        self._times = EventTimes()
        self._settled = asyncio.Event()  # set while READY or CLOSED
        self._lists: dict[str, Listing] = {}
        self._ids = count(1)
        self._told_down = False
        self._frames = self._ignored = self._connects = self._losses = self._unknown = self._late = 0
        self._last_loss = ""
        self._farewell = ""

    @property
    def state(self) -> LinkState:
        """Where the link stands."""
        return self._state

    def health(self) -> LinkHealth:
        """The link in figures."""
        transport = self._transport
        return LinkHealth(
            state=self._state,
            last_byte_age_s=None if transport is None else transport.silence_s,
            queue_depth=len(self._inbox),
            frames=self._frames,
            ignored=self._ignored,
            connects=self._connects,
            losses=self._losses,
            unknown_outcomes=self._unknown,
            late_answers=self._late + (transport.late_answers if transport else 0),
            last_loss=self._last_loss,
        )

    async def start(self) -> None:
        """Begin to connect; returns at once. A PBX that is down is waited for."""
        if self._state is LinkState.CLOSED or self._supervisor is not None:
            raise LinkDown("a link is started once")
        self._supervisor = asyncio.create_task(self._supervise(), name="ami-link")
        self._supervisor.add_done_callback(self._supervised)

    async def wait_ready(self, timeout_s: float) -> None:
        """Wait for READY. Raises `LoginRefused`, or `LinkDown` when the time is over."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._settled.wait()
        except TimeoutError:
            raise LinkDown(self._last_loss or "the link is not ready yet") from None
        self._require_ready()

    async def close(self) -> None:
        """End the link for good; a reconnect under way is given up too."""
        if self._state is LinkState.CLOSED:
            return
        self._move(LinkEvent.CLOSE)
        if self._supervisor is not None:
            self._supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervisor
        if self._transport is not None:
            with suppress(LinkDown):
                self._transport.send(Logoff(), self._next_id())
        self._drop_transport()
        self._inbox.end()

    async def call(self, action: Action, *, action_id: str | None = None) -> Frame:
        """Send one action and return its answer.

        Raises:
            LinkDown: nothing was sent.
            ActionRefused: the PBX said no.
            OutcomeUnknown: it was sent, and no answer came in time or before the link was lost.
            HeaderError: a header must not travel; nothing was sent.
        """
        self._require_ready()
        return await self._exchange(action, action_id or self._next_id(), self._settings.action_timeout_s)

    async def collect(self, action: Action) -> tuple[Frame, ...]:
        """Send an action that is answered with a list, and return the list. Raises as `call` does."""
        self._require_ready()
        action_id = self._next_id()
        listing = self._lists[action_id] = Listing(action.ends_with)
        try:
            async with asyncio.timeout(self._settings.list_timeout_s):
                await self._exchange(action, action_id, self._settings.list_timeout_s)
                await listing.complete
        except TimeoutError:
            self._unknown += 1
            raise OutcomeUnknown(f"{action.name}: the list did not end in time") from None
        finally:
            del self._lists[action_id]
        return tuple(listing.frames)

    def post(self, what: object) -> None:
        """Put something in line behind all that has arrived so far."""
        self._inbox.put(Posted(self._clock(), what))

    def items(self, *, tick_s: float = 1.0) -> AsyncIterator[Item]:
        """What happened, in order, with a `Tick` after `tick_s` of silence. For one consumer.

        Ends on close; raises `LoginRefused` at the end when that is why.
        """
        return self._inbox.items(tick_s)

    # the reader's side: nothing here may wait, decode or raise

    def _on_frame(self, frame: Frame) -> None:
        self._frames += 1
        if self._lists and (listing := self._lists.get(frame.action_id)) is not None:
            listing.add(frame)
        name = frame.event
        if name == "FullyBooted":
            self._boot(frame)
        elif name == "Shutdown":
            again = frame.get("Restart").lower() == "true"
            self._farewell = "the PBX is restarting" if again else "the PBX was shut down"
        if name not in self._heard:
            self._ignored += 1
            return
        at = self._times.moment(frame.get("Timestamp"), self._clock())
        self._inbox.put(Arrived(at, frame))
        if len(self._inbox) > self._settings.max_waiting:
            self._on_lost(f"{len(self._inbox)} events wait to be read: starting over from a snapshot")

    def _boot(self, frame: Frame) -> None:
        if self._booted is not None and not self._booted.done():
            said = frame.get("Uptime")
            uptime_s = int(said) if said.isdecimal() else None
            self._booted.set_result(uptime_s)
            if self._state is LinkState.BOOTING:
                self._arrive(uptime_s)

    def _on_lost(self, reason: str) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(self._farewell or reason)
        self._fail_lists()

    # the supervisor

    async def _supervise(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            self._move(LinkEvent.DIAL)
            ready_at = None
            try:
                transport, lost = await self._connect()
                ready_at = loop.time()
                reason = await until_lost(transport, lost, self._settings, self._next_id)
            except LoginRefused as refusal:
                self._give_up(LinkEvent.REFUSED, refusal)
                return
            except _Lost as loss:
                reason = str(loss)
            self._drop_transport()
            self._move(LinkEvent.LOST)
            self._tell_down(reason)
            held = ready_at is not None and loop.time() - ready_at >= self._settings.stable_after_s
            failures = 0 if held else failures + 1
            await asyncio.sleep(self._backoff(failures))

    def _supervised(self, task: "asyncio.Task[None]") -> None:
        """A supervisor that broke is our own fault, and must not look like a PBX that is down."""
        fault = None if task.cancelled() else task.exception()
        if fault is not None and self._state is not LinkState.CLOSED:
            final = LinkDown(f"the link broke and stays down: {type(fault).__name__}")
            final.__cause__ = fault
            self._give_up(LinkEvent.CLOSE, final)

    def _give_up(self, event: LinkEvent, final: TelephonyError) -> None:
        self._final = final
        self._tell_down(str(final))
        self._move(event)
        self._drop_transport()
        self._inbox.end(final)

    async def _connect(self) -> "tuple[Transport, asyncio.Future[str]]":
        """Up to READY: the connection, and what will say why it was lost.

        Raises `_Lost` or `LoginRefused`.
        """
        settings = self._settings
        loop = asyncio.get_running_loop()
        self._farewell, self._times = "", EventTimes()
        self._lost = lost = loop.create_future()
        self._booted = loop.create_future()
        self._transport = transport = self._open_transport(settings, self._on_frame, self._on_lost)
        try:
            async with asyncio.timeout(settings.connect_timeout_s):
                await transport.open()
            self._move(LinkEvent.GREETED)
            await log_in(
                settings, lambda action: self._exchange(action, self._next_id(), settings.login_timeout_s)
            )
            self._move(LinkEvent.ACCEPTED)
            await self._wait_booted(self._booted, lost)
        except TimeoutError:
            raise _Lost("the PBX did not answer the connection in time") from None
        except (OSError, UnicodeError, PeerViolation, LinkDown, OutcomeUnknown) as failure:
            raise _Lost(f"{type(failure).__name__}: {failure}") from None
        return transport, lost

    async def _wait_booted(self, booted: "asyncio.Future[int | None]", lost: "asyncio.Future[str]") -> None:
        if booted.done():  # said before the log-in's answer was read
            self._arrive(booted.result())
            return
        either: set[asyncio.Future[Any]] = {booted, lost}
        await asyncio.wait(either, timeout=self._settings.boot_timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if self._state is not LinkState.READY:
            raise _Lost(
                lost.result()
                if lost.done()
                else "no FullyBooted: still booting, or the manager user lacks read=system"
            )

    def _arrive(self, uptime_s: int | None) -> None:
        self._move(LinkEvent.BOOTED)
        self._connects += 1
        self._told_down = False
        self._inbox.put(Up(self._clock(), uptime_s))

    async def _exchange(self, action: Action, action_id: str, timeout_s: float) -> Frame:
        transport = self._transport
        if transport is None:
            raise LinkDown("there is no connection")
        answer = transport.send(action, action_id)
        try:
            async with asyncio.timeout(timeout_s):
                frame = await answer
        except TimeoutError:
            self._unknown += 1
            raise OutcomeUnknown(f"{action.name}: no answer in {timeout_s:g} s") from None
        except OutcomeUnknown:
            self._unknown += 1
            raise
        finally:
            transport.forget(action_id)
        if frame.response.lower() not in _GOOD:
            raise ActionRefused(f"{action.name}: {frame.get('Message', 'refused without a reason')}")
        return frame

    def _require_ready(self) -> None:
        if self._final is not None:
            raise self._final
        if self._state is not LinkState.READY:
            raise LinkDown(f"the link is {self._state}")

    def _backoff(self, failures: int) -> float:
        """Seconds to wait: doubled with every failure, shortened by chance so that links fall out of step."""
        most = min(self._settings.backoff_max_s, self._settings.backoff_first_s * 2.0 ** min(failures, 32))
        return most * self._rng.uniform(0.5, 1.0)

    def _tell_down(self, reason: str) -> None:
        self._last_loss = reason
        self._losses += 1
        if not self._told_down:
            self._told_down = True
            self._inbox.put(Down(self._clock(), reason))

    def _drop_transport(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._late += self._transport.late_answers
            self._transport = None
        self._fail_lists()

    def _fail_lists(self) -> None:
        for listing in self._lists.values():
            listing.fail()

    def _move(self, event: LinkEvent) -> None:
        self._state = LINK.after(self._state, event)
        if self._state in (LinkState.READY, LinkState.CLOSED):
            self._settled.set()
        else:
            self._settled.clear()

    def _next_id(self) -> str:
        return f"winback-{next(self._ids)}"
