"""The engine of one PBX: leads by a lease, hears facts in order, decides, and shows what it does."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from dialer.bootstrap import House, make_link
from dialer.core.floor import Effect, Floor
from dialer.engine.bell import Ringer
from dialer.engine.desk import Desk, LeadLost
from dialer.engine.gate import make_gate
from dialer.engine.ivr import make_capture
from dialer.engine.paces import Paces
from dialer.engine.reconcile import Reconciler
from dialer.engine.trace import Traces
from dialer.engine.view import agents_seen, view_body
from dialer.services.agents import list_agents, save_agents
from dialer.services.attempts import record_fact
from dialer.services.leadership import Leadership, give_up_lead, keep_lead, take_lead
from dialer.services.live import save_view
from dialer.settings import SettingFault
from telephony.agi.server import AgiServer
from telephony.ami.adapter import AmiPbx
from telephony.calls.events import CallFact, LinkLost, LinkUp
from telephony.errors import LinkDown, LoginRefused
from telephony.machine import IllegalTransition

log = structlog.get_logger()

LEASE_S: Final = 10.0  # a dead leader is replaced after this; a live one renews three times as often
LEAST_TURN_S: Final = 0.02  # facts that come together are decided on together
LOOK_SOON_S: Final = 4.0  # after a gap: just past the time that makes a missing call certain
LOOK_EVERY_S: Final = 15.0  # in quiet times
LOOK_TICK_S: Final = 1.0  # how soon an order without an answer is looked after
VIEW_EVERY_S: Final = 0.5  # how fresh the live page is
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
        seen = await asyncio.to_thread(list_agents, house.book)
        term = Term(house, link, {agent.id: agent.attempt for agent in seen if agent.attempt})
        agi = AgiServer(
            {"/gate": make_gate(house), "/capture": make_capture(house, term.floor)},
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

    async def _keep_lead(self, term: "Term") -> None:
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


class Term:
    """What one leader knows and does between taking the lease and losing it."""

    def __init__(self, house: House, link: AmiPbx, last_calls: Mapping[str, str]) -> None:
        queues = house.settings.queues
        self.house = house
        self.link = link
        self.floor = Floor(
            inbound=queues.inbound,
            outbound=[queues.outbound],
            last_calls=last_calls,
            missed_rings=house.settings.pacing.missed_rings,
        )
        pacing = house.settings.pacing
        folder = house.settings.data_dir / "traces" if pacing.trace else None
        self.bell = Ringer(house.redis_url)
        self.traces = Traces(folder, began=house.clock())
        self.paces = Paces(zero=house.clock(), lead_level=pacing.lead_level, traces=self.traces)
        self.desk = Desk(house, link, self.floor, self.paces)
        self.reconciler = Reconciler(house, self.floor)
        self.changed = asyncio.Event()
        self.ready = False  # the link is up and the first look after the gap is done
        self._linked = False
        self._look_at = house.clock()
        self._unwritten: asyncio.Queue[CallFact] = asyncio.Queue()

    async def hear(self) -> None:
        """Fold every fact in the order it came: into the floor at once, into the book right after."""
        async for fact in self.link.facts():
            match fact:
                case LinkUp():
                    self._linked = True
                    await self._look(after_gap=True)
                case LinkLost(reason=reason):
                    log.warning("link_lost", reason=reason)
                    self._linked = self.ready = False
                case _:
                    self.paces.observe(fact, self.floor)
                    await self._tell(self.floor.see(fact))
                    if isinstance(fact, CallFact):
                        self._unwritten.put_nowait(fact)
            self.desk.facts_folded()
            self.changed.set()

    async def write(self) -> None:
        """Put the facts about calls into the book, in their order; a book that is away is waited for."""
        while True:
            fact = await self._unwritten.get()
            while not await self._written(fact):  # noqa: ASYNC110 - a book that is away rings no bell
                await asyncio.sleep(AGAIN_S)
            self._unwritten.task_done()

    async def write_the_rest(self) -> None:
        """At the end of a term: what was heard and not yet written is as true as ever."""
        while not self._unwritten.empty():
            if not await self._written(self._unwritten.get_nowait()):
                return  # the next leader reads the truth from the PBX

    async def _written(self, fact: CallFact) -> bool:
        """Whether there is nothing more to be done about this fact."""
        try:
            await asyncio.to_thread(record_fact, self.house.book, fact, self.house.clock())
        except IllegalTransition as error:
            log.warning("fact_impossible", attempt_id=fact.attempt, fact=repr(fact), error=str(error))
        except Exception as error:  # noqa: BLE001 - locked, full or away: the fact is kept and written later
            log.warning("fact_not_written", attempt_id=fact.attempt, error=repr(error))
            return False
        return True

    async def decide(self, engine: Engine) -> None:
        """Take a turn on every change, and at least every tick."""
        tick = self.house.settings.pacing.tick_s
        while True:
            with suppress(TimeoutError):
                # not wait_for(): on Python 3.11 it swallows a cancellation that comes with the event
                async with asyncio.timeout(tick):
                    await self.changed.wait()
            self.changed.clear()
            if self.ready and engine.leadership is not None and not engine.resting:
                try:
                    await self.desk.turn(engine.leadership)
                except LinkDown:
                    log.info("turn_cut_short", reason="the link is down")
                except LeadLost:
                    raise
                except Exception:  # one turn's failure is that turn's alone
                    log.exception("turn_failed")
                    await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(LEAST_TURN_S)

    async def look(self) -> None:
        """Compare the book with the PBX, soon after a gap and from time to time in any case."""
        while True:
            await asyncio.sleep(LOOK_TICK_S)
            if self._linked and (self.house.clock() >= self._look_at or self.desk.unsure):
                await self._look(after_gap=not self.ready)
                self.changed.set()

    async def _look(self, *, after_gap: bool) -> None:
        """One look; after a gap the first one that succeeds makes this term ready."""
        soon, self.desk.unsure = after_gap or self.desk.unsure, False
        self._look_at = self.house.clock() + timedelta(seconds=LOOK_SOON_S if soon else LOOK_EVERY_S)
        try:
            snapshot = await self.link.snapshot()
            await self._unwritten.join()
            effects = await self.reconciler.look(snapshot, after_gap=after_gap)
        except LoginRefused:
            raise
        except Exception as error:  # noqa: BLE001 - the link or the book is away: look again soon
            log.warning("look_failed", error=repr(error))
            self._look_at = self.house.clock() + timedelta(seconds=LOOK_SOON_S)
            return
        if self.reconciler.unsettled:
            self._look_at = self.house.clock() + timedelta(seconds=LOOK_SOON_S)
        self.ready = self.ready or self._linked
        await self._tell(effects)

    async def _tell(self, effects: tuple[Effect, ...]) -> None:
        if effects:
            with suppress(LinkDown):
                await self.desk.tell(effects)

    async def show(self, engine: Engine) -> None:
        """Put what is in mind where the pages find it."""
        house = self.house
        while True:
            now = house.clock()
            body = view_body(self, engine.name, now)
            seen = agents_seen(self.floor, house.settings)
            try:
                await asyncio.to_thread(save_view, house.book, house.settings.pbx.name, body, now)
                await asyncio.to_thread(save_agents, house.book, house.settings.pbx.name, seen, now)
                await asyncio.to_thread(self.bell.ring, now)
            except Exception as error:  # noqa: BLE001 - a page that is late harms no call
                log.warning("view_not_saved", error=repr(error))
            await asyncio.sleep(VIEW_EVERY_S)


def report(path: str, error: Exception) -> None:
    """A talk with the dialplan failed; the dialplan saw no permission and goes its safe way."""
    log.error("agi_failed", path=path, error=repr(error))
