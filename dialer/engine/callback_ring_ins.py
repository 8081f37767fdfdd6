"""Callers who have a promise: they stand at its place, and it is not rung while they are on the line.

A call to them that rings already when they ring in is hung up.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

import structlog

from callbacks.limits import HIDDEN, read_source
from callbacks.ring_in import CallAt, HeldPlace, place_of
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
        self._elsewhere: dict[CallAt, frozenset[int]] = {}  # of those on the line of other engines' PBXs
        self._settled: set[int] = set()  # by an agent whom the customer reached while we rang them

    def served(self, promises: Iterable[int]) -> None:
        """These were settled by an agent whom their customers reached on the line."""
        self._settled.update(promises)

    async def look(self, elsewhere: Mapping[CallAt, str]) -> frozenset[int]:
        """The promises whose customers are on the line now, or were served there while we rang them.

        Callers not seen before get their place. `elsewhere`: the numbers of callers whom other engines have,
        and give theirs.
        """
        seats = {seat.caller: seat for seat in self._floor.line.seats()}
        self._promises = {caller: held for caller, held in self._promises.items() if caller in seats}
        await self.take_places([seat for caller, seat in seats.items() if caller not in self._promises])
        await self._see_elsewhere(elsewhere)
        self._settled &= {call.promise for call in self._floor.calls.values()}
        return frozenset(self._settled).union(*self._promises.values(), *self._elsewhere.values())

    async def _see_elsewhere(self, callers: Mapping[CallAt, str]) -> None:
        self._elsewhere = {call: held for call, held in self._elsewhere.items() if call in callers}
        new = {call: number for call, number in callers.items() if call not in self._elsewhere}
        if new:
            found = await asyncio.to_thread(held_places, self._app.database, new, self._app.clock())
            self._elsewhere |= {call: _open(held) for call, held in found.items()}

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
            self._promises[seat.caller] = _open(held)
            if place is not None:
                log.info("rang_in_with_a_promise", caller=seat.caller, promise=place.promise)
                self._floor.line.take_place(seat.caller, joined)


def _open(held: Iterable[HeldPlace]) -> frozenset[int]:
    return frozenset(each.promise for each in held if each.ended_at is None)


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
