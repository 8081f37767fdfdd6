"""The engine of one PBX: stands by or leads, by a lease in the book."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from uuid import uuid4

import structlog

from dialer.bootstrap import House, make_link
from dialer.engine.desk import LeadLost
from dialer.engine.gate import make_gate
from dialer.engine.ivr import make_capture
from dialer.engine.term import Term
from dialer.services.agents import list_agents
from dialer.services.leadership import Leadership, give_up_lead, keep_lead, take_lead
from dialer.settings import SettingFault
from telephony.agi.server import AgiServer
from telephony.errors import LoginRefused

log = structlog.get_logger()

LEASE_S: Final = 10.0  # a dead leader is replaced after this; a live one renews three times as often
AGAIN_S: Final = 1.0  # after a failure: long enough not to flood the log, short enough to be missed by nobody


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

        `on_agi` is told the FastAGI port as soon as this engine listens. Raises `LoginRefused`: trying
        again would only lock the manager user out.
        """
        self._on_agi = on_agi
        make_link(self.house.settings, self.house.clock)  # a missing setting is said before anything is done
        refused: LoginRefused | None = None
        while not self._stopping.is_set():
            pause_s = 0.0
            try:
                pause_s = await self._serve_a_term()
            except* LeadLost:
                log.warning("engine_lost_lead", engine=self.name)
            except* LoginRefused as group:
                refused = next(error for error in group.exceptions if isinstance(error, LoginRefused))
                self.stop()
            except* Exception as failed:  # whatever ended this term, the next one begins from the book
                log.exception("term_failed", errors=[repr(error) for error in failed.exceptions])
                pause_s = AGAIN_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stopping.wait()
        if refused is not None:
            raise refused

    async def _serve_a_term(self) -> float:
        """Lead if the lease is free; the seconds to wait before asking again."""
        book, pbx = self.house.book, self.house.settings.pbx.name
        now = self.house.clock()
        self.leadership = await asyncio.to_thread(take_lead, book, pbx, self.name, now, LEASE_S)
        if self.leadership is None:
            return LEASE_S / 5
        log.info("engine_leads", pbx=pbx, engine=self.name, fencing=self.leadership.fencing)
        try:
            await self._lead()
        finally:
            held, self.leadership = self.leadership, None
            if held is not None:
                await asyncio.to_thread(give_up_lead, book, held)
        return 0.0

    async def _lead(self) -> None:
        """One term as leader: everything is set up anew and torn down at its end."""
        house = self.house
        link = make_link(house.settings, house.clock)
        seen = await asyncio.to_thread(list_agents, house.book, house.clock())
        term = Term(house, link, {agent.id: agent.attempt for agent in seen if agent.attempt})
        agi = AgiServer(
            {"/gate": make_gate(house), "/capture": make_capture(house, term)},
            host=house.settings.agi.host,
            port=house.settings.agi.port,
            on_error=report,
        )
        try:
            self.agi_port = await agi.start()
        except OSError as error:
            raise SettingFault("agi.port", f"cannot be listened on ({error.strerror})") from error
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
                    tasks.create_task(term.count()),
                ]
                await self._stopping.wait()
                for task in running:
                    task.cancel()
        finally:
            await link.close()
            await agi.close()
            await term.write_the_rest()
            term.traces.close()
            term.bell.close()

    async def _keep_lead(self, term: Term) -> None:
        pause_s = LEASE_S / 3
        while True:
            await asyncio.sleep(pause_s)
            held, now = self.leadership, self.house.clock()
            if held is None:
                raise LeadLost
            try:
                self.leadership = await asyncio.to_thread(keep_lead, self.house.book, held, now, LEASE_S)
            except Exception as error:  # noqa: BLE001 - a book that is away for a moment costs no lead
                log.warning("lead_not_renewed", error=repr(error))
                pause_s = AGAIN_S
                continue
            if self.leadership is None:
                raise LeadLost
            pause_s = LEASE_S / 3
            term.changed.set()


def report(path: str, error: Exception) -> None:
    """A talk with the dialplan failed; the dialplan saw no permission and goes its safe way."""
    log.error("agi_failed", path=path, error=repr(error))
