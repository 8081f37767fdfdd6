"""The engine of one PBX: leads by a lease, hears facts in order, decides, and shows what it does."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from dialer.bootstrap import House, make_link
from dialer.core.floor import Floor
from dialer.engine.desk import Desk, LeadLost
from dialer.engine.gate import make_gate
from dialer.engine.ivr import make_capture
from dialer.engine.paces import Paces
from dialer.engine.reconcile import Reconciler
from dialer.engine.view import agents_seen, view_body
from dialer.services.agents import save_agents
from dialer.services.attempts import record_fact
from dialer.services.leadership import Leadership, give_up_lead, keep_lead, take_lead
from dialer.services.live import save_view
from telephony.agi.server import AgiServer
from telephony.ami.adapter import AmiPbx
from telephony.calls.events import CallFact, LinkLost, LinkUp
from telephony.errors import LinkDown, TelephonyError

log = structlog.get_logger()

LEASE_S: Final = 10.0  # a dead leader is replaced after this; a live one renews three times as often
LEAST_TURN_S: Final = 0.02  # facts that come together are decided on together
LOOK_SOON_S: Final = 4.0  # after a gap: just past the time that makes a missing call certain
LOOK_EVERY_S: Final = 15.0  # in quiet times
VIEW_EVERY_S: Final = 0.5  # how fresh the live page is


class Engine:
    """One engine process's work. `run()` returns after `stop()`, or when its PBX refuses the log-in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.agi_port: int | None = None
        self.leadership: Leadership | None = None
        self.resting = False
        self._stopping = asyncio.Event()
        self._on_agi: Callable[[int], Awaitable[None]] | None = None

    def stop(self) -> None:
        """Place no further call, let go of the lease, and return from `run()`."""
        self._stopping.set()

    def rest(self) -> None:
        """Place no further call, but see the calls on their way to their end."""
        self.resting = True

    async def run(self, *, on_agi: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Stand by until the lease is free, lead until it is lost or `stop()`; then again.

        `on_agi` is told the FastAGI port as soon as this engine listens.
        """
        self._on_agi = on_agi
        book, pbx = self.house.book, self.house.settings.pbx.name
        while not self._stopping.is_set():
            now = self.house.clock()
            self.leadership = await asyncio.to_thread(take_lead, book, pbx, self.name, now, LEASE_S)
            if self.leadership is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), LEASE_S / 5)
                continue
            log.info("engine_leads", pbx=pbx, engine=self.name, fencing=self.leadership.fencing)
            try:
                await self._lead()
            except* LeadLost:
                log.warning("engine_lost_lead", pbx=pbx, engine=self.name)
            finally:
                if self.leadership is not None:
                    await asyncio.to_thread(give_up_lead, book, self.leadership)
                self.leadership = None

    async def _lead(self) -> None:
        """One term as leader: everything is set up anew and torn down at its end."""
        house = self.house
        link = make_link(house.settings, house.clock)
        term = Term(house, link)
        agi = AgiServer(
            {"/gate": make_gate(house), "/capture": make_capture(house, term.floor)},
            host=house.settings.agi.host,
            port=house.settings.agi.port,
            on_error=report,
        )
        self.agi_port = await agi.start()
        if self._on_agi is not None:
            await self._on_agi(self.agi_port)
        try:
            await link.start()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self._keep_lead(term)),
                    tasks.create_task(term.hear()),
                    tasks.create_task(term.write()),
                    tasks.create_task(term.decide(self)),
                    tasks.create_task(term.look()),
                    tasks.create_task(term.show(self)),
                ]
                await self._stopping.wait()
                for task in running:
                    task.cancel()
        finally:
            await link.close()
            await agi.close()

    async def _keep_lead(self, term: "Term") -> None:
        while True:
            await asyncio.sleep(LEASE_S / 3)
            held = self.leadership
            if held is None:
                raise LeadLost
            self.leadership = await asyncio.to_thread(
                keep_lead, self.house.book, held, self.house.clock(), LEASE_S
            )
            if self.leadership is None:
                raise LeadLost
            term.changed.set()


class Term:
    """What one leader knows and does between taking the lease and losing it."""

    def __init__(self, house: House, link: AmiPbx) -> None:
        queues = house.settings.queues
        self.house = house
        self.link = link
        self.floor = Floor(inbound=queues.inbound, outbound=[queues.outbound])
        self.paces = Paces(zero=house.clock())
        self.desk = Desk(house, link, self.floor, self.paces)
        self.reconciler = Reconciler(house, self.floor)
        self.changed = asyncio.Event()
        self.ready = False  # the link is up and the first look after the gap is done
        self._look_at = house.clock()
        self._unwritten: asyncio.Queue[CallFact] = asyncio.Queue()

    async def hear(self) -> None:
        """Fold every fact in the order it came: into the floor at once, into the book right after."""
        async for fact in self.link.facts():
            match fact:
                case LinkUp():
                    await self._take_up()
                case LinkLost(reason=reason):
                    log.warning("link_lost", reason=reason)
                    self.ready = False
                case _:
                    self.paces.observe(fact, self.floor)
                    effects = self.floor.see(fact)
                    if effects:
                        with suppress(LinkDown):
                            await self.desk.tell(effects)
                    if isinstance(fact, CallFact):
                        self._unwritten.put_nowait(fact)
            self.desk.facts_folded()
            self.changed.set()

    async def write(self) -> None:
        """Put the facts about calls into the book, in their order."""
        while True:
            fact = await self._unwritten.get()
            await asyncio.to_thread(record_fact, self.house.book, fact, self.house.clock())
            self._unwritten.task_done()

    async def _take_up(self) -> None:
        try:
            snapshot = await self.link.snapshot()
            await self._unwritten.join()
            await self.reconciler.look(snapshot)
        except TelephonyError as error:
            log.warning("first_look_failed", error=str(error))
        else:
            self.ready = True
        self._look_at = self.house.clock() + timedelta(seconds=LOOK_SOON_S)

    async def decide(self, engine: Engine) -> None:
        """Take a turn on every change, and at least every tick."""
        tick = self.house.settings.pacing.tick_s
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), tick)
            self.changed.clear()
            if self.ready and engine.leadership is not None and not engine.resting:
                with suppress(LinkDown):
                    await self.desk.turn(engine.leadership)
            await asyncio.sleep(LEAST_TURN_S)

    async def look(self) -> None:
        """Compare the book with the PBX, soon after a gap and from time to time in any case."""
        while True:
            await asyncio.sleep(1.0)
            now = self.house.clock()
            if not self.ready or (now < self._look_at and not self.desk.unsure):
                continue
            soon, self.desk.unsure = self.desk.unsure, False
            self._look_at = now + timedelta(seconds=LOOK_SOON_S if soon else LOOK_EVERY_S)
            try:
                snapshot = await self.link.snapshot()
                await self._unwritten.join()
                await self.reconciler.look(snapshot)
            except TelephonyError as error:
                log.warning("look_failed", error=str(error))
            self.changed.set()

    async def show(self, engine: Engine) -> None:
        """Put what is in mind where the pages find it."""
        house = self.house
        while True:
            now = house.clock()
            body = view_body(self, engine.name, now)
            await asyncio.to_thread(save_view, house.book, house.settings.pbx.name, body, now)
            seen = agents_seen(self.floor, house.settings)
            await asyncio.to_thread(save_agents, house.book, house.settings.pbx.name, seen, now)
            await asyncio.sleep(VIEW_EVERY_S)


def report(path: str, error: Exception) -> None:
    """A talk with the dialplan failed; the dialplan saw no permission and goes its safe way."""
    log.error("agi_failed", path=path, error=repr(error))
