"""One engine's term as leader: what it knows and does between taking the lease and losing it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from dialer.bootstrap import App, SteadyClock
from dialer.core.agents.floor import FloorState
from dialer.core.agents.pbx_commands import PbxCommand
from dialer.core.agents.state import AgentState
from dialer.core.calling.arrivals import Heard
from dialer.core.compliance.windows import zone_of
from dialer.core.dashboard.view import EngineOnDashboard
from dialer.engine.agent_mirror import AgentMirror
from dialer.engine.call_placer import LeadershipLost
from dialer.engine.callback_offers import CallbackOffers
from dialer.engine.callback_ring_ins import served_caller
from dialer.engine.change_notifier import ChangeNotifier
from dialer.engine.comeback import Comeback
from dialer.engine.dashboard import agents_seen, engine_on_dashboard
from dialer.engine.dispatcher import Dispatcher
from dialer.engine.engine_load import EngineLoad
from dialer.engine.fact_writer import AGAIN_S, FactWriter
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.reconcile import Reconciler
from dialer.engine.reconcile_callers import CallerReconciler
from dialer.engine.restore_hold import RestoreHold
from dialer.engine.roster import on_breaks, present, reasons_of
from dialer.engine.trace_files import Traces
from dialer.services.agents.agents import is_wished_for
from dialer.services.agents.last_roster import RosterSeen
from dialer.services.calls.inbound_calls import is_recorded
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.pacing_warm_start import add_heard, usual_week
from dialer.services.dashboard.engine_seen import EngineSeen, save_engine_seen
from dialer.services.promises.outage import hold_overdue
from telephony.calls.events import CallerFact, CallFact, Fact, Finished, LinkLost, LinkUp
from telephony.errors import LinkDown, LoginRefused, TelephonyError
from telephony.ports import PbxLink

log = structlog.get_logger()

LEAST_TURN_S: Final = 0.02  # facts that come together are decided on together
HEARD_TICKS: Final = 2  # how soon it is heard what an agent wishes or said: half a second of the usual ticks
QUIET_TURNS: Final = 2  # where nothing goes on every other look is a whole turn, a second, which nobody feels
LOOK_SOON_S: Final = 4.0  # after a gap: just past the time that makes a missing call certain
LOOK_EVERY_S: Final = 15.0  # in quiet times
LOOK_TICK_S: Final = 1.0  # how soon an order without an answer is looked after
DASHBOARD_EVERY_S: Final = 0.5  # how soon what an agent does is seen
MIND_EVERY: Final = timedelta(seconds=1)  # how soon it is seen what the engine has in mind
STATES_EVERY: Final = timedelta(seconds=2)  # what each does; who is there, or on a break, at once
ROSTER_EVERY: Final = timedelta(seconds=5)  # little beside the minutes in which agents are put back
COUNT_EVERY_S: Final = 60.0  # callers counted and not yet in the database, at most so many seconds of them


class QueuesChanged(Exception):
    """The house's own queues are others now: this term ends, and the next one begins with them at once."""


class LeadingEngine(Protocol):
    """Whose term it is: without a leadership, or at rest, no call is placed."""

    name: str
    resting: bool
    load: EngineLoad

    @property
    def leadership(self) -> Leadership | None:
        """The right to place calls, as long as it is known to be held."""

    def doubt(self) -> None:
        """The database did not let a call through: there is no leadership until it has been asked for."""


class LeaderSession:
    """Everything one leader holds in memory, and the loops that keep it true."""

    leads = True

    def __init__(
        self,
        app: App,
        link: PbxLink,
        last_calls: Mapping[str, str],
        last_callers: Mapping[str, str],
        before: RosterSeen | None = None,
    ) -> None:
        """`last_calls`, `last_callers` and `before`: what the engine before this one left in the database."""
        queues = app.settings.queues
        self.app = app
        self.link = link
        self.floor = FloorState(
            inbound=queues.inbound,
            further=queues.callers(),
            last_calls=last_calls,
            last_callers=last_callers,
            last_reasons=reasons_of(before, app.clock()),
            missed_rings=app.settings.pacing.missed_rings,
            names=app.settings.pbx.names,
            adopted=queues.adopt,
        )
        pacing = app.settings.pacing
        folder = app.settings.data_dir / "traces" if pacing.trace else None
        self.notifier = ChangeNotifier(app.redis_url)
        self.traces = Traces(folder, began=app.clock())
        self.pacers = PacerRegistry(
            zero=app.clock(),
            zone=zone_of(queues.zone),
            speed=app.settings.clock_speed,
            lead_level=pacing.lead_level,
            shares=pacing.shares,
            traces=self.traces,
        )
        self.offers = CallbackOffers(app, self.floor)
        self.dispatcher = Dispatcher(app, link, self.floor, self.pacers)
        self.reconciler = Reconciler(app, self.floor)
        self.caller_reconciler = CallerReconciler(app)
        self.restore_hold = RestoreHold(app)
        self.facts = FactWriter(app, on_settled=self.dispatcher.ring_ins.served)
        self.changed = asyncio.Event()
        self.ready = False  # the link is up and the first look after the gap is done
        self.looked = asyncio.Event()  # in this term, once at least
        self._linked = False
        self._up: LinkUp | None = None  # the one that is up: who asked the PBX before it asked another
        self._comeback = Comeback(before)
        self._kept = before  # as it is in the database
        self._look_at = app.clock()
        self._mirror = AgentMirror()
        self._shown_at: datetime | None = None

    async def hear(self) -> None:
        """Fold every fact in the order it came: into the floor at once, into the database right after."""
        async for heard in self.link.facts():
            fact = self.floor.line.in_queue_rung(heard)
            match fact:
                case LinkUp():
                    self._linked, self._up = True, fact
                    self._comeback.link(fact)
                    await self._look(after_gap=True)
                case LinkLost(reason=reason):
                    log.warning("link_lost", reason=reason)
                    self._linked = self.ready = False
                    self._up = None
                    self.offers.lose_sight()
                    self._comeback.lose(present(self.floor.agents.values(), fact.at), fact.at)
                case _:
                    self.pacers.observe(fact, self.floor)
                    served = served_caller(fact, self.floor, self.app.settings.calling.default_region)
                    effects = self.floor.see(fact)
                    self.offers.see(fact, due_promises=self.dispatcher.due_promises)
                    await self._tell(effects)
                    if isinstance(fact, Finished):
                        self.dispatcher.calls.breaker.see(fact.outcome, fact.at)
                    if isinstance(fact, CallerFact):  # who leaves the line may have been promised a call
                        self.dispatcher.ahead.forget()
                    self._have_written(fact)
                    if served is not None:
                        self.facts.put(served)
            for back in self.floor.take_returns():
                self.pacers.came_back(back)
            self.dispatcher.agents.facts_folded()
            self.changed.set()

    def _have_written(self, fact: Fact) -> None:
        """A call's fact goes into the database, after those before it."""
        if isinstance(fact, CallFact):
            self.dispatcher.calls.journal.heard(fact)
            self.dispatcher.agents.heard(fact)
            self.facts.put(fact)
        elif isinstance(fact, CallerFact) and is_recorded(fact, self.floor.inbounds):
            self.facts.put(fact)
            arrived = self.offers.arrival(fact)
            if arrived is not None:
                self.facts.put(arrived)

    async def _be_asked_first(self) -> None:
        """Have the dialplan ask this engine before the others: one that hangs would never be given up."""
        asked, own = self.app.settings.agi.asked(), self.app.settings.agi.own()
        if len(asked) > 1 and own in asked:
            try:
                await self.link.ask_first(asked.index(own))
            except TelephonyError as error:
                log.warning("not_asked_first", error=repr(error))

    async def _take_back(self) -> None:
        """Once the PBX was looked at: log those in again whom its restart logged out.

        Where the link goes again meanwhile, the next one goes on with the rest of them.
        """
        up = self._up
        self._comeback.let_go(self.dispatcher.roster.gone)
        gone = self._comeback.to_put_back()
        try:
            refused = await self.dispatcher.roster.take_back(gone, again=self._comeback.refused)
        except LinkDown:
            return
        if self._up is up:
            if gone:
                log.info("agents_put_back", agents=sorted(gone.keys() - refused), refused=sorted(refused))
            self._comeback.asked(self.app.clock(), refused)

    def _roster(self, now: datetime) -> RosterSeen | None:
        """Who is at work, where the database does not know it and the PBX itself says so.

        Whoever was logged out is put back by nobody, neither in this term nor after it.
        """
        agents, gone, kept = self.floor.agents.values(), self.dispatcher.roster.gone, self._kept
        self._comeback.let_go(gone)
        self._comeback.see({each.id for each in agents if each.state is not AgentState.OFFLINE}, now)
        if not self.ready or self._comeback.awaited:  # nobody is seen, or some are still to be put back
            if kept is None or not gone & kept.at_work.keys():
                return None
            return replace(kept, at_work={who: how for who, how in kept.at_work.items() if who not in gone})
        gone.clear()
        seen = RosterSeen(seen_at=now, booted_at=self._comeback.booted_at, at_work=present(agents, now))
        if kept is None or kept.booted_at != seen.booted_at or on_breaks(kept) != on_breaks(seen):
            return seen
        every = ROSTER_EVERY if kept.at_work == seen.at_work else STATES_EVERY
        return seen if abs(now - kept.seen_at) >= every else None

    async def decide(self, engine: LeadingEngine) -> None:
        """Take a turn on every change, and at least every tick; fewer where nothing goes on.

        However many turns there are, what agents wish and said is looked up every other tick; where nothing
        goes on that is all, but for a turn now and then.
        """
        tick = self.app.settings.pacing.tick_s
        heard_every_s = HEARD_TICKS * tick
        idle = 0  # looks without a turn
        heard_at = -heard_every_s  # by the monotonic clock
        while True:
            with suppress(TimeoutError):
                # not wait_for(): on Python 3.11 it swallows a cancellation that comes with the event
                due_s = max(0.0, heard_at + heard_every_s - time.monotonic())
                async with asyncio.timeout(heard_every_s if self.dispatcher.quiet else min(tick, due_s)):
                    await self.changed.wait()
            idle = 0 if self.changed.is_set() or not self.dispatcher.quiet else (idle + 1) % QUIET_TURNS
            self.changed.clear()
            if idle and not await self._is_wished_for():
                continue
            hears = idle > 0 or time.monotonic() - heard_at >= heard_every_s
            heard_at = time.monotonic() if hears else heard_at
            if self.restore_hold.open:
                await self._look_for_gap()
            elif self.ready and engine.leadership is not None and not engine.resting:
                try:
                    await self._renew()
                    with engine.load.turn():
                        await self.dispatcher.turn(engine.leadership, hears=hears)
                    if self._is_outdated():
                        self.changed.set()
                except LinkDown:
                    log.info("turn_cut_short", reason="the link is down")
                except LeadershipLost:
                    log.info("turn_cut_short", reason="the lease is another's, or to be renewed")
                    engine.doubt()
                except QueuesChanged:
                    raise
                except Exception:  # one turn's failure is that turn's alone
                    log.exception("turn_failed")
                    await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(LEAST_TURN_S)

    def _is_outdated(self) -> bool:
        seen = self.dispatcher.organisation
        return seen is not None and self.app.is_outdated_by(seen)

    async def _renew(self) -> None:
        """Where the last look ahead has seen the organisation changed, go on with it as it is now.

        Raises `LinkDown` and `QueuesChanged`.
        """
        app = self.app
        if not self._is_outdated():
            return
        self.dispatcher.ahead.forget()  # found for the organisation as it was
        before = app.settings.queues
        if await asyncio.to_thread(app.renew):
            after = app.settings.queues
            if (before.inbound, before.outbound, before.adopt) != (
                after.inbound,
                after.outbound,
                after.adopt,
            ):
                raise QueuesChanged
            await self.dispatcher.take_over(self.link)

    async def _is_wished_for(self) -> bool:
        """Whether somebody wishes something, or the database cannot tell, which the turn then says."""
        try:
            return await asyncio.to_thread(is_wished_for, self.app.database, self.app.settings.pbx.name)
        except Exception:  # noqa: BLE001 - the turn meets the same, and says it
            return True

    async def _look_for_gap(self) -> None:
        """Whether the database knows what was dialled; until then, or somebody saw it, nobody is called."""
        try:
            await asyncio.to_thread(self.restore_hold.look, self.app.database)
        except Exception as error:  # noqa: BLE001 - what is not known is closed, and asked again
            log.warning("gap_not_looked_for", error=repr(error))
        if self.restore_hold.open:
            self.dispatcher.sentence = self.restore_hold.sentence
            await asyncio.sleep(AGAIN_S)

    async def look(self) -> None:
        """Compare the database with the PBX, soon after a gap and from time to time in any case."""
        while True:
            await asyncio.sleep(LOOK_TICK_S)
            if self._linked and (self.app.clock() >= self._look_at or self.dispatcher.calls.unsure):
                await self._look(after_gap=not self.ready)
                self.changed.set()

    async def _look(self, *, after_gap: bool) -> None:
        """One look; after a gap the first one that succeeds makes this term ready.

        What was asked over a link that is lost meanwhile is of another PBX than the one that is there now: an
        agent whom that one forgot would be taken for being there. The look of the new link comes by itself.
        """
        up = self._up
        comes_back = after_gap or self._comeback.due
        soon, self.dispatcher.calls.unsure = comes_back or self.dispatcher.calls.unsure, False
        self._look_at = self.app.clock() + timedelta(seconds=LOOK_SOON_S if soon else LOOK_EVERY_S)
        try:
            snapshot = await self.link.snapshot()
            await self.facts.join()
            if self._up is not up:
                return
            effects = await self.reconciler.look(snapshot, after_gap=after_gap)
            if not self.ready:
                await self._hold_overdue()
            for fact in await self.caller_reconciler.look(snapshot):
                self.facts.put(fact)
        except LoginRefused:
            raise
        except Exception as error:  # noqa: BLE001 - the link or the database is away: look again soon
            log.warning("look_failed", error=repr(error))
            self._look_at = self.app.clock() + timedelta(seconds=LOOK_SOON_S)
            return
        if self.reconciler.unsettled or self.caller_reconciler.unsettled:
            self._look_at = self.app.clock() + timedelta(seconds=LOOK_SOON_S)
        self.ready = self.ready or self._linked
        if self.ready:
            self.looked.set()
        await self._tell(effects)
        if after_gap:
            await self._be_asked_first()
        if comes_back and self._up is up:
            await self._take_back()

    async def _hold_overdue(self) -> None:
        """Before anybody is called again: what a long outage made overdue waits for a person."""
        held = await asyncio.to_thread(hold_overdue, self.app.database, self.app.clock())
        if held:
            log.error("promises_wait_for_a_person", promises=held, remedy="winback callbacks held")

    async def _tell(self, effects: tuple[PbxCommand, ...]) -> None:
        if effects:
            with suppress(LinkDown):
                await self.dispatcher.roster.tell(effects)

    async def count(self) -> None:
        """Keep in the database how many callers ring in, and learn from it what the week is like."""
        app, arrivals = self.app, self.pacers.arrivals
        unsaved: list[dict[datetime, Heard]] = []
        while True:
            now, pbx = app.clock(), app.settings.pbx.name
            unsaved.append(arrivals.take_counts(now))
            try:
                while unsaved:
                    await asyncio.to_thread(add_heard, app.database, pbx, unsaved[0])
                    del unsaved[0]
                arrivals.pattern = await asyncio.to_thread(usual_week, app.database, pbx, now)
            except Exception as error:  # noqa: BLE001 - what was counted is kept until the database is back
                log.warning("callers_not_counted", error=repr(error))
            await asyncio.sleep(COUNT_EVERY_S)

    def _seen(self, said: EngineOnDashboard, now: datetime) -> EngineSeen:
        """What the database is to know of this engine and its agents."""
        roster = self.dispatcher.roster
        everybody = agents_seen(self.floor, roster.lines, roster.wrap_up_ends, now)
        changed = self._mirror.changed(everybody, now)
        return EngineSeen(
            said=said,
            agents=everybody if changed is None else changed,
            everybody=changed is None,
            roster=self._roster(now),
        )

    async def show(self, engine: LeadingEngine) -> None:
        """Put what is in mind where the pages find it."""
        app = self.app
        while True:
            now = app.clock()
            said = engine_on_dashboard(
                engine=engine.name,
                link=self.link.health(),
                ready=self.ready,
                floor=self.floor,
                decisions=self.pacers.decisions,
                sentence=self.dispatcher.sentence,
                held=self.restore_hold.sentence if self.restore_hold.open else None,
                now=now,
                clock_ahead_s=app.clock.ahead_s if isinstance(app.clock, SteadyClock) else 0.0,
            )
            try:
                seen = self._seen(said, now)
                if self._shown_at is not None and abs(now - self._shown_at) < MIND_EVERY:
                    seen = replace(seen, said=None)
                if seen.said is not None or seen.agents or seen.roster is not None:
                    await asyncio.to_thread(save_engine_seen, app.database, app.settings.pbx.name, seen, now)
                    self._shown_at = self._shown_at if seen.said is None else now
                    self._mirror.kept(seen.agents, now, everybody=seen.everybody)
                    self._kept = seen.roster or self._kept
                    await asyncio.to_thread(self.notifier.ring, now)
                await asyncio.to_thread(self.restore_hold.mark, self.dispatcher.calls.journal.last, now)
            except Exception as error:  # noqa: BLE001 - a page that is late harms no call
                log.warning("view_not_saved", error=repr(error))
            await asyncio.sleep(DASHBOARD_EVERY_S)
