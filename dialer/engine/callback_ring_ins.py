"""Callers who have a promise: they stand at its place, and it is not rung while they are on the line.

A call to them that rings already when they ring in is hung up.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import structlog

from callbacks.limits import HIDDEN, read_source
from callbacks.ring_in import place_of
from dialer.bootstrap import App
from dialer.core.agents.callers_on_line import CallerOnFloor
from dialer.core.agents.floor import FloorState
from dialer.core.agents.ownership import OwnerSeen, answers_first
from dialer.engine.standby import PbxView
from dialer.services.promises.ring_ins import CallerServed, held_places, owner_awaited
from telephony.asterisk.agi.server import AgiSession
from telephony.calls.events import CallerConnected, Fact

log = structlog.get_logger()


class RingIns:
    """The promises of those on the line; each caller is looked up once."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor
        self._promises: dict[str, frozenset[int]] = {}  # by caller
        self._settled: set[int] = set()  # by an agent whom the customer reached while we rang them

    def served(self, promises: Iterable[int]) -> None:
        """These were settled by an agent whom their customers reached on the line."""
        self._settled.update(promises)

    async def look(self) -> frozenset[int]:
        """The promises whose customers are on the line now, or were served there while we rang them.

        Callers not seen before get their place.
        """
        seats = {seat.caller: seat for seat in self._floor.line.seats()}
        self._promises = {caller: held for caller, held in self._promises.items() if caller in seats}
        await self.take_places([seat for caller, seat in seats.items() if caller not in self._promises])
        self._settled &= {call.promise for call in self._floor.calls.values()}
        return frozenset(self._settled).union(*self._promises.values())

    async def take_places(self, seats: list[CallerOnFloor]) -> None:
        """Let these callers stand where their promises do."""
        app, region = self._app, self._app.settings.calling.default_region
        numbers = {seat.caller: read_source(seat.number, region) for seat in seats}
        shown = {caller: number for caller, number in numbers.items() if number != HIDDEN}
        if shown:
            found = await asyncio.to_thread(held_places, app.database, shown, app.clock())
        for seat in seats:
            held = found[seat.caller] if seat.caller in shown else ()
            joined, place = place_of(seat.joined_at, held)
            self._promises[seat.caller] = frozenset(each.promise for each in held if each.ended_at is None)
            if place is not None:
                log.info("rang_in_with_a_promise", caller=seat.caller, promise=place.promise)
                self._floor.line.take_place(seat.caller, joined)


async def lead_to_owner(app: App, view: PbxView, session: AgiSession) -> bool:
    """Whether this caller is led to the agent who is to call them, before anybody else is rung.

    By the leader alone: what becomes of them in that agent's queue is told of the queue they rang.
    """
    queue = session.request.extension
    number = read_source(session.request.caller, app.settings.calling.default_region)
    if not view.leads or number == HIDDEN:
        return False
    owner = await asyncio.to_thread(owner_awaited, app.database, number)
    agent = view.floor.agents.get(owner or "")
    if owner is None or agent is None:
        return False
    leaves_at = agent.leave.at if agent.leave is not None else None
    seen = OwnerSeen(state=agent.state, since=agent.since, leaves_at=leaves_at)
    waiting = sum(seat.queue == queue for seat in view.floor.waiting())
    ring = timedelta(seconds=app.database.policy.ring_s)
    if not answers_first(seen, waiting=waiting, ring=ring, now=app.clock()):
        return False
    view.floor.line.lead(session.request.unique_id, queue)
    await session.set_variable("CB_FIRST", app.settings.pbx.names.own_queue(owner))
    log.info("led_to_owner", caller=session.request.unique_id, agent=owner)
    return True


def served_caller(fact: Fact, floor: FloorState, region: str) -> CallerServed | None:
    """What is to be written of a caller who has an agent; asked before the floor lets go of them."""
    seat = floor.line.seat(fact.caller) if isinstance(fact, CallerConnected) else None
    number = read_source(seat.number, region) if seat is not None else HIDDEN
    if seat is None or number == HIDDEN:
        return None
    return CallerServed(at=fact.at, caller=seat.caller, number=number)
