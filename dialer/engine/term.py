"""One engine's term as leader: what it knows and does between taking the lease and losing it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from dialer.bootstrap import House
from dialer.core.agent import AgentState
from dialer.core.arrivals import Heard
from dialer.core.compliance.windows import zone_of
from dialer.core.floor import Effect, Floor
from dialer.engine.bell import Ringer
from dialer.engine.desk import Desk, LeadLost
from dialer.engine.offers import Offers
from dialer.engine.paces import Paces
from dialer.engine.reconcile import Reconciler
from dialer.engine.roster import came_back_empty
from dialer.engine.trace import Traces
from dialer.engine.view import agents_seen, view_body
from dialer.services.agents import save_agents
from dialer.services.attempts import record_fact
from dialer.services.experience import add_heard, usual_week
from dialer.services.leadership import Leadership
from dialer.services.live import save_view
from telephony.ami.adapter import AmiPbx
from telephony.calls.events import CallFact, Finished, LinkLost, LinkUp
from telephony.errors import LinkDown, LoginRefused
from telephony.machine import IllegalTransition

log = structlog.get_logger()

LEAST_TURN_S: Final = 0.02  # facts that come together are decided on together
LOOK_SOON_S: Final = 4.0  # after a gap: just past the time that makes a missing call certain
LOOK_EVERY_S: Final = 15.0  # in quiet times
LOOK_TICK_S: Final = 1.0  # how soon an order without an answer is looked after
VIEW_EVERY_S: Final = 0.5  # how fresh the live page is
COUNT_EVERY_S: Final = 60.0  # callers counted and not yet in the book, at most so many seconds of them
AGAIN_S: Final = 1.0  # after a failure: long enough not to flood the log, short enough to be missed by nobody


class Leader(Protocol):
    """Whose term it is: without a leadership, or at rest, no call is placed."""

    name: str
    resting: bool
    leadership: Leadership | None


class Term:
    """Everything one leader holds in memory, and the loops that keep it true."""

    def __init__(self, house: House, link: AmiPbx, last_calls: Mapping[str, str]) -> None:
        queues = house.settings.queues
        self.house = house
        self.link = link
        self.floor = Floor(
            inbound=queues.inbound,
            last_calls=last_calls,
            missed_rings=house.settings.pacing.missed_rings,
        )
        pacing = house.settings.pacing
        folder = house.settings.data_dir / "traces" if pacing.trace else None
        self.bell = Ringer(house.redis_url)
        self.traces = Traces(folder, began=house.clock())
        self.paces = Paces(
            zero=house.clock(),
            zone=zone_of(queues.zone),
            speed=house.settings.clock_speed,
            lead_level=pacing.lead_level,
            traces=self.traces,
        )
        self.offers = Offers(house, self.floor)
        self.desk = Desk(house, link, self.floor, self.paces)
        self.reconciler = Reconciler(house, self.floor)
        self.changed = asyncio.Event()
        self.ready = False  # the link is up and the first look after the gap is done
        self._linked = False
        self._booted_at: datetime | None = None
        self._lost_at: datetime | None = None
        self._at_work: dict[str, tuple[AgentState, str]] = {}  # whom to take back after a restart
        self._look_at = house.clock()
        self._unwritten: asyncio.Queue[CallFact] = asyncio.Queue()

    async def hear(self) -> None:
        """Fold every fact in the order it came: into the floor at once, into the book right after."""
        async for fact in self.link.facts():
            match fact:
                case LinkUp():
                    self._linked = True
                    self._note_restart(fact)
                    await self._look(after_gap=True)
                case LinkLost(reason=reason):
                    log.warning("link_lost", reason=reason)
                    self._linked = self.ready = False
                    self.offers.lose_sight()
                    if self._lost_at is None:
                        self._at_work, self._lost_at = self.desk.roster.at_work(), fact.at
                case _:
                    self.paces.observe(fact, self.floor)
                    effects = self.floor.see(fact)
                    self.offers.see(fact, due_promises=self.desk.due_promises)
                    await self._tell(effects)
                    if isinstance(fact, Finished):
                        self.desk.brake.see(fact.outcome, fact.at)
                    if isinstance(fact, CallFact):
                        self._unwritten.put_nowait(fact)
            for back in self.floor.take_returns():
                self.paces.came_back(back)
            self.desk.facts_folded()
            self.changed.set()

    def _note_restart(self, up: LinkUp) -> None:
        """A PBX that began anew has forgotten who was at work; one that was only out of reach has not."""
        before, self._booted_at = self._booted_at, up.booted_at
        if not came_back_empty(up, booted_before=before, lost_at=self._lost_at):
            self._at_work = {}

    async def _take_back(self) -> None:
        """Once the PBX was looked at: log those in again whom its restart logged out."""
        there, self._at_work, self._lost_at = self._at_work, {}, None
        with suppress(LinkDown):
            await self.desk.roster.take_back(there)

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

    async def decide(self, engine: Leader) -> None:
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
        if after_gap:
            await self._take_back()

    async def _tell(self, effects: tuple[Effect, ...]) -> None:
        if effects:
            with suppress(LinkDown):
                await self.desk.roster.tell(effects)

    async def count(self) -> None:
        """Keep in the book how many callers ring in, and learn from it what the week is like."""
        house, arrivals = self.house, self.paces.arrivals
        unsaved: list[dict[datetime, Heard]] = []
        while True:
            now, pbx = house.clock(), house.settings.pbx.name
            unsaved.append(arrivals.take_counts(now))
            try:
                while unsaved:
                    await asyncio.to_thread(add_heard, house.book, pbx, unsaved[0])
                    del unsaved[0]
                arrivals.pattern = await asyncio.to_thread(usual_week, house.book, pbx, now)
            except Exception as error:  # noqa: BLE001 - what was counted is kept until the book is back
                log.warning("callers_not_counted", error=repr(error))
            await asyncio.sleep(COUNT_EVERY_S)

    async def show(self, engine: Leader) -> None:
        """Put what is in mind where the pages find it."""
        house = self.house
        while True:
            now = house.clock()
            body = view_body(
                engine=engine.name,
                link=self.link.health(),
                ready=self.ready,
                floor=self.floor,
                decisions=self.paces.decisions,
                sentence=self.desk.sentence,
                now=now,
            )
            seen = agents_seen(self.floor, house.settings, self.desk.roster.wrap_up_ends, now)
            try:
                await asyncio.to_thread(save_view, house.book, house.settings.pbx.name, body, now)
                await asyncio.to_thread(save_agents, house.book, house.settings.pbx.name, seen, now)
                await asyncio.to_thread(self.bell.ring, now)
            except Exception as error:  # noqa: BLE001 - a page that is late harms no call
                log.warning("view_not_saved", error=repr(error))
            await asyncio.sleep(VIEW_EVERY_S)
