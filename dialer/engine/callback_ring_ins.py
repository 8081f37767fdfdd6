"""Callers who have a promise: they stand at its place, and it is not rung while they are on the line."""

import asyncio

import structlog

from callbacks.limits import HIDDEN, read_source
from callbacks.ring_in import place_of
from dialer.bootstrap import App
from dialer.core.agents.callers_on_line import CallerOnFloor
from dialer.core.agents.floor import FloorState
from dialer.services.promises.ring_ins import CallerServed, held_places
from telephony.calls.events import CallerConnected, Fact

log = structlog.get_logger()


class RingIns:
    """The promises of those on the line; each caller is looked up once."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor
        self._promises: dict[str, frozenset[int]] = {}  # by caller

    async def look(self) -> frozenset[int]:
        """The promises whose customers are on the line now; callers not seen before get their place."""
        seats = {seat.caller: seat for seat in self._floor.line.seats()}
        self._promises = {caller: held for caller, held in self._promises.items() if caller in seats}
        await self.take_places([seat for caller, seat in seats.items() if caller not in self._promises])
        return frozenset().union(*self._promises.values())

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


def served_caller(fact: Fact, floor: FloorState, region: str) -> CallerServed | None:
    """What is to be written of a caller who has an agent; asked before the floor lets go of them."""
    seat = floor.line.seat(fact.caller) if isinstance(fact, CallerConnected) else None
    number = read_source(seat.number, region) if seat is not None else HIDDEN
    if seat is None or number == HIDDEN:
        return None
    return CallerServed(at=fact.at, caller=seat.caller, number=number)
