"""The engine of one PBX: stands by or leads, by a lease in the database.

Whether it leads or not, it answers the dialplan: the lease decides who places calls, the database who may
be rung. So the calls under way lose nothing when the lead changes hands.
"""

import asyncio
import math
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import structlog

from dialer.bootstrap import App, make_link, secret_of
from dialer.engine.agent_first import make_brief, make_first_agent
from dialer.engine.asterisk_files import AsteriskFiles
from dialer.engine.call_placer import LeadershipLost
from dialer.engine.callback_ivr import make_capture
from dialer.engine.callback_return import make_return_call
from dialer.engine.callback_waits import make_wait_teller
from dialer.engine.dial_permit import make_dial_permit
from dialer.engine.engine_load import EngineLoad
from dialer.engine.evidence_sealer import seal_regularly
from dialer.engine.fastagi import FastAgiLog, allowed_networks
from dialer.engine.key_survey import make_key_survey
from dialer.engine.leader import LeaderSession, QueuesChanged
from dialer.engine.refused_login import RefusedLogin
from dialer.engine.standby import PbxView, Standby
from dialer.services.agents.agents import list_agents
from dialer.services.agents.last_roster import read_roster
from dialer.services.calls.leadership import Leadership, LeaseWatch, acquire_lease, release_lease, renew_lease
from dialer.services.customers.dialing_regions import closed_countries
from telephony.asterisk.agi.server import AgiServer
from telephony.asterisk.config.fastagi_secret import fastagi_secret
from telephony.errors import LoginRefused

log = structlog.get_logger()

RENEWALS: Final = 3  # in one lease: two may be late, and the lead is still held
ASKED: Final = 5  # times in one lease that an engine which stands by asks for the lead
GIVE_UP_S: Final = 3.0  # an engine that stops does not wait longer for a database that is away
#: between threads that all have work: a dial permit changes hands a dozen times, and Python's own 5 ms for
#: each of them would be more than it may take
SWITCH_S: Final = 0.001
AGAIN_S: Final = 1.0  # after a failure: long enough not to flood the log, short enough to be missed by nobody


class Engine:
    """One engine process's work. `run()` returns after `stop()`."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.lease_s = app.settings.pbx.lease_s
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.agi_port: int | None = None
        self._held: Leadership | None = None
        self._renewed_at = 0.0  # when that was last asked for and given, by the monotonic clock
        self.resting = False
        self.load = EngineLoad()
        self._stopping = asyncio.Event()
        self._watch = LeaseWatch()
        self._leader: LeaderSession | None = None
        self._standby: Standby | None = None
        self._refused = RefusedLogin(app, self.name)

    @property
    def leadership(self) -> Leadership | None:
        """The right to place calls; None also where the lease may have run out, until it is renewed."""
        fresh = time.monotonic() - self._renewed_at < self.lease_s
        return self._held if fresh else None

    def doubt(self) -> None:
        """Hold no leadership until the lease has been renewed."""
        self._renewed_at = -math.inf

    def stop(self) -> None:
        """Place no further call, let go of the lease, and return from `run()`."""
        self._stopping.set()

    def rest(self) -> None:
        """Place no further call, but see the calls on their way to their end."""
        self.resting = True

    async def run(self, *, on_agi: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Stand by until the lease is free, lead until it is lost or `stop()`; then again.

        `on_agi` is told the FastAGI port as soon as this engine listens, which is before it would lead.
        """
        sys.setswitchinterval(SWITCH_S)
        make_link(self.app.settings, self.app.clock)  # a missing setting is said before anything is done
        agi = await self._listen()
        if agi is None:
            return
        try:
            if on_agi is not None and self.agi_port is not None:
                await on_agi(self.agi_port)
            await self._take_turns()
        finally:
            await self._end_standby()
            await agi.close()

    def view(self) -> PbxView | None:
        """What this engine sees of its PBX; a leader whose first look is still to come sees less."""
        leader, standby = self._leader, self._standby
        if leader is not None and (leader.looked.is_set() or standby is None):
            return leader
        return standby

    async def _listen(self) -> AgiServer | None:
        """The server that listens; None where this engine is to stop before it was free.

        An engine that cannot be asked does not lead: its calls would come to nothing.
        """
        app, failures = self.app, FastAgiLog()
        handlers = {
            "/permit": make_dial_permit(app, self.load),
            "/capture": make_capture(app, self.view),
            "/wait": make_wait_teller(app, self.view),
            "/return": make_return_call(app),
            "/desk": make_first_agent(app),
            "/brief": make_brief(app),
            "/survey": make_key_survey(app),
        }
        while not self._stopping.is_set():
            try:
                networks = await allowed_networks(app.settings)
                agi = AgiServer(
                    handlers,
                    app.settings.agi.host,
                    app.settings.agi.port,
                    networks=networks,
                    secret=fastagi_secret(secret_of(app.settings)),
                    on_error=failures.failed,
                    on_refused=failures.refused,
                )
                self.agi_port = await agi.start()
            except OSError as error:
                failures.not_listening(error)
                await self._wait_for_stop(AGAIN_S)
            else:
                return agi
        return None

    async def _wait_for_stop(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _take_turns(self) -> None:
        while not self._stopping.is_set():
            pause_s = 0.0
            refused: LoginRefused | None = None
            try:
                pause_s = await self._lead_once()
            except* LeadershipLost:
                log.warning("engine_lost_lead", engine=self.name)
            except* QueuesChanged:
                log.info("engine_begins_anew", reason="the house's own queues have changed")
            except* LoginRefused as group:
                refused = next(error for error in group.exceptions if isinstance(error, LoginRefused))
            except* Exception as failed:  # whatever ended it, the next one begins from the database
                log.exception("leadership_failed", errors=[repr(error) for error in failed.exceptions])
                pause_s = AGAIN_S
            if refused is not None:
                await self._refused.wait(refused, self._stopping)
            await self._wait_for_stop(pause_s)

    async def _lead_once(self) -> float:
        """Lead if the lease is free; the seconds to wait before asking again."""
        database, pbx = self.app.database, self.app.settings.pbx.name
        asked_at = time.monotonic()
        held = await self._unless_stopped(
            asyncio.to_thread(acquire_lease, database, pbx, self.name, self.lease_s, watch=self._watch)
        )
        if held is None:
            await self._stand_by()
            return self.lease_s / ASKED
        self._held, self._renewed_at = held, asked_at
        log.info("engine_leads", pbx=pbx, engine=self.name, fencing=held.fencing)
        try:
            await self._lead()
        finally:
            held, self._held = self._held, None
            if held is not None:
                await self._give_up(held)
        return 0.0

    async def _stand_by(self) -> None:
        """Watch the PBX while another leads. Raises `LoginRefused`."""
        if await asyncio.to_thread(self.app.renew):
            await self._end_standby()  # the next one begins with the organisation as it is now
        if self._standby is None and not self._stopping.is_set():
            self._standby = Standby(self.app)
            await self._standby.start()
        if self._standby is not None:
            try:
                self._standby.check()
            except Exception:
                await self._end_standby()  # the next one begins anew
                raise

    async def _end_standby(self) -> None:
        standby, self._standby = self._standby, None
        if standby is not None:
            await standby.close()

    async def _unless_stopped(self, work: Coroutine[Any, Any, Leadership | None]) -> Leadership | None:
        """What the work gives; None at once where this engine is to stop while a database does not answer."""
        doing = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            doing.cancel()
            stopping.cancel()

    async def _give_up(self, held: Leadership) -> None:
        """Let another engine lead at once; where the database is away the lease runs out by itself."""
        try:
            async with asyncio.timeout(GIVE_UP_S):
                await asyncio.to_thread(release_lease, self.app.database, held)
        except Exception as error:  # noqa: BLE001 - whatever keeps the lease from being given up, it runs out
            log.warning("lead_not_given_up", error=repr(error))

    async def _lead(self) -> None:
        """One term as leader: everything is set up anew and torn down at its end."""
        app = self.app
        await asyncio.to_thread(app.renew)
        link = make_link(app.settings, app.clock)
        seen = await asyncio.to_thread(list_agents, app.database, app.clock())
        before = await asyncio.to_thread(read_roster, app.database, app.settings.pbx.name)
        calls = {agent.id: agent.attempt for agent in seen if agent.attempt}
        callers = {agent.id: agent.caller for agent in seen if agent.caller}
        leader = LeaderSession(app, link, calls, callers, before)
        self._leader = leader
        closed = await asyncio.to_thread(closed_countries, app.database)
        if closed:
            log.warning("countries_without_calendar", countries=closed)
        try:
            await link.start()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self._keep_lease(leader)),
                    tasks.create_task(leader.hear()),
                    tasks.create_task(leader.facts.write()),
                    tasks.create_task(leader.decide(self)),
                    tasks.create_task(leader.look()),
                    tasks.create_task(leader.show(self)),
                    tasks.create_task(leader.count()),
                    tasks.create_task(seal_regularly(app)),
                    tasks.create_task(AsteriskFiles(app).run()),
                    tasks.create_task(self._see_as_leader(leader)),
                ]
                await self._stopping.wait()
                for task in running:
                    task.cancel()
        finally:
            self._leader = None
            await link.close()
            await leader.facts.write_the_rest()
            leader.traces.close()
            leader.dispatcher.calls.journal.close()
            leader.restore_hold.close()
            leader.notifier.close()

    async def _see_as_leader(self, leader: LeaderSession) -> None:
        """The view of before serves until the leader has looked for itself."""
        await leader.looked.wait()
        await self._end_standby()

    async def _keep_lease(self, leader: LeaderSession) -> None:
        """Ask for the lease again and again, for as long as nobody else has it.

        Where the database is away nobody can take it, and no turn is taken: what the PBX tells is heard, and
        written when the database is back.
        """
        pause_s = self.lease_s / RENEWALS
        while True:
            await asyncio.sleep(pause_s)
            held, asked_at = self._held, time.monotonic()
            if held is None:
                raise LeadershipLost
            try:
                self._held = await asyncio.to_thread(renew_lease, self.app.database, held, self.lease_s)
            except Exception as error:  # noqa: BLE001 - locked, full or away: nobody has told that the lead is lost
                log.warning("lead_not_renewed", error=repr(error))
                pause_s = AGAIN_S
                continue
            if self._held is None:
                raise LeadershipLost
            pause_s, self._renewed_at = self.lease_s / RENEWALS, asked_at
            leader.changed.set()
