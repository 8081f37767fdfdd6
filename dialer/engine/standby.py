"""What an engine sees of its PBX while another one leads: enough to hold the callback dialogue.

Whoever leads places the calls; the dialplan asks any engine. One that stands by therefore watches who waits
and who works, over a link of its own, and orders nothing.
"""

import asyncio
from contextlib import suppress
from typing import Final, Protocol

import structlog

from dialer.bootstrap import App, make_link
from dialer.core.agents.floor import FloorState
from dialer.engine.callback_offers import CallbackOffers
from telephony.calls.events import LinkLost, LinkUp
from telephony.errors import TelephonyError

log = structlog.get_logger()

LOOK_EVERY_S: Final = 15.0  # as a leader does in quiet times


class PbxView(Protocol):
    """Who waits and who works; `ready`: the PBX was looked at and is in sight."""

    floor: FloorState
    offers: CallbackOffers
    ready: bool

    @property
    def leads(self) -> bool:
        """Whether callers may be led somewhere by what it sees."""
        ...


class Standby:
    """The view of an engine that stands by, from `start()` to `close()`."""

    leads = False

    def __init__(self, app: App) -> None:
        queues = app.settings.queues
        self.floor = FloorState(
            inbound=queues.inbound,
            further=queues.callers(),
            names=app.settings.pbx.names,
            adopted=queues.adopt,
        )
        self.offers = CallbackOffers(app, self.floor)
        self.ready = False
        self._link = make_link(app.settings, app.clock)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to connect; returns at once."""
        await self._link.start()
        self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._look_again())]

    def check(self) -> None:
        """Raises what ended the watch, `LoginRefused` above all."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def close(self) -> None:
        """See nothing further."""
        self.ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.close()

    async def _hear(self) -> None:
        async for fact in self._link.facts():
            match fact:
                case LinkUp():
                    await self._look()
                case LinkLost():
                    self.ready = False
                    self.offers.lose_sight()
                case _:
                    self.floor.see(fact)  # what follows from it is the leader's to order
                    self.floor.take_returns()
                    self.offers.see(fact, due_promises={})

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._look()

    async def _look(self) -> None:
        with suppress(TelephonyError):  # not in sight: looked at again when it is, or a moment later
            self.floor.take_snapshot(await self._link.snapshot(), after_gap=not self.ready)
            if not self.ready:
                log.info("engine_stands_by", agents=len(self.floor.agents))
            self.ready = True
