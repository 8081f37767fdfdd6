"""What the engine knows of a caller who asks to be called back, put before the use case that decides."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from math import inf

import structlog

from callbacks.limits import HIDDEN, read_source
from callbacks.offers import REMEMBERED, Offer
from callbacks.queue_position import Person
from callbacks.refusals import Refusal
from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.service_rate import SHORT_STAY_S, ServiceRate
from dialer.core.agents.state import AgentState
from dialer.services.promises.offers import AskingCaller, consider, foresee
from dialer.services.promises.wait_learning import LearnedWaits
from telephony.calls.events import CallerConnected, CallerJoined, CallerLeft, Connected, Fact

log = structlog.get_logger()


class QueuePace:
    """How fast one inbound queue moves: its departures, and how long whoever was served last had waited."""

    def __init__(self, queue: str) -> None:
        self.departures = ServiceRate()
        self.waits = LearnedWaits(queue)
        self.last_served: tuple[datetime, float] | None = None


class CallbackOffers:
    """Offers to the callers of one term: each queue's pace, and who heard that the wait is short."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor
        self._paces = {queue: QueuePace(queue) for queue in sorted(floor.inbounds)}
        self._told: dict[str, datetime] = {}
        self._joined: dict[str, datetime] = {}  # of callers who have no agent yet

    @property
    def departures(self) -> ServiceRate:
        """Of the first inbound queue."""
        return self._paces[self._floor.inbound].departures

    def see(self, fact: Fact, *, due_promises: Mapping[str, int]) -> None:
        """Learn the pace from a fact that the floor has folded in already.

        `due_promises` are those that wait for an agent, by queue.
        """
        floor = self._floor
        waiting = Counter(seat.queue for seat in floor.callers.values())
        waiting.update(due_promises)
        stayed_s = self._stayed_s(fact)
        self._see_caller(fact)
        left = None
        match fact:
            case CallerLeft(abandoned=True) if stayed_s < SHORT_STAY_S:
                pass
            case CallerConnected(queue=queue) | CallerLeft(abandoned=True, queue=queue):
                left = queue
            case Connected() if (call := floor.calls.get(fact.attempt)) is not None and call.promise:
                left = call.asked_in or floor.inbound
        if left in self._paces:
            departures = self._paces[left].departures
            departures.see(fact.at, waiting=waiting[left], agents=floor.at_work(self._serving(left)))
        for queue, pace in self._paces.items():
            if waiting[queue] == 0:
                pace.departures.nobody_waits()

    def _stayed_s(self, fact: Fact) -> float:
        """How long the caller of this fact was on the line; endless where nobody saw them come."""
        joined = self._joined.get(fact.caller) if isinstance(fact, CallerLeft) else None
        return (fact.at - joined).total_seconds() if joined is not None else inf

    def _see_caller(self, fact: Fact) -> None:
        """How long the one had waited who was served last."""
        match fact:
            case CallerJoined(caller=caller, at=at):
                self._joined.setdefault(caller, at)
            case CallerConnected(caller=caller, at=at, queue=queue):
                joined = self._joined.pop(caller, None)
                if joined is not None and queue in self._paces:
                    self._paces[queue].last_served = at, (at - joined).total_seconds()
            case CallerLeft(caller=caller, abandoned=True):
                self._joined.pop(caller, None)

    def lose_sight(self) -> None:
        """The link is lost: departures go by unseen, and the gap under way says nothing of the pace."""
        for pace in self._paces.values():
            pace.departures.nobody_waits()
        self._joined.clear()

    def queue_of(self, caller: str) -> str:
        """The queue this caller waits in, or did until the dialogue."""
        seat = self._floor.line.seat(caller)
        return seat.queue if seat is not None and seat.queue in self._paces else self._floor.inbound

    def _serving(self, queue: str) -> frozenset[str] | None:
        """The agents who answer this queue; None: everybody."""
        return self._app.database.policy.agents_of(queue)

    def is_agent_free(self, queue: str) -> bool:
        """Whether somebody who joins this queue now finds an agent free whom nobody else waits for."""
        serving, waiting = self._serving(queue), 0
        for caller in self._floor.callers.values():
            others = self._serving(caller.queue)
            waiting += serving is None or others is None or not serving.isdisjoint(others)
        return self._floor.count(AgentState.READY, serving) > waiting

    def others(self, caller: str, queue: str) -> tuple[Person, ...]:
        """Everybody else on the line of this queue who has no agent yet."""
        region = self._app.settings.calling.default_region
        return tuple(
            Person(key=seat.caller, virtual_join=seat.joined_at, number=read_source(seat.number, region))
            for seat in self._floor.line.others(caller, queue)
        )

    def _asking(
        self, caller: str, queue: str, number: str, source: str, now: datetime, *, seen: bool
    ) -> AskingCaller:
        floor, pace, serving = self._floor, self._paces[queue], self._serving(queue)
        return AskingCaller(
            queue=queue,
            number=number,
            joined_at=floor.joined.get(caller, now),
            others=self.others(caller, queue),
            logged_in=floor.logged_in(serving) if seen else None,
            at_work=floor.at_work(serving) if seen else None,
            gaps=pace.departures.gaps,
            waiting_since=pace.departures.waiting_since,
            told_at=self._told.get(caller),
            call=caller,
            last_served=pace.last_served,
            source=source,
        )

    def arrival(self, fact: Fact) -> AskingCaller | None:
        """Somebody who has just begun to wait, for what is guessed of their wait; None: nobody has to.

        Who finds an agent free waits for none, and would teach that waits are short.
        """
        if not isinstance(fact, CallerJoined) or fact.queue not in self._paces:
            return None
        if self._floor.count(AgentState.READY, self._serving(fact.queue)):
            return None
        return self._asking(fact.caller, fact.queue, "", HIDDEN, fact.at, seen=True)

    async def foresee(self, queue: str, number: str, source: str) -> Offer | Refusal | None:
        """What somebody would be offered who rings in to this queue at this moment; nothing is kept of it.

        None where it could not be decided.
        """
        now = self._app.clock()
        if queue not in self._paces:
            return None
        asking = self._asking("", queue, number, source, now, seen=True)
        waits = self._paces[queue].waits
        try:
            return await asyncio.to_thread(foresee, self._app.database, asking, now, waits)
        except Exception:
            log.exception("wait_not_told")
            return None

    async def decide(self, caller: str, number: str, source: str, *, seen: bool) -> Offer | Refusal | None:
        """May this caller be called back? None where it could not be decided.

        `number` is the one shown, where it may be called back; `source` is whatever number asks.
        `seen`: the PBX was looked at and is in sight, so the floor is true.
        """
        now = self._app.clock()
        queue = self.queue_of(caller)
        asking = self._asking(caller, queue, number, source, now, seen=seen)
        waits = self._paces[queue].waits
        try:
            decided = await asyncio.to_thread(consider, self._app.database, asking, now, waits)
        except Exception:
            log.exception("offer_not_decided", caller=caller)
            return None
        if isinstance(decided, Refusal):
            log.info("offer_refused", caller=caller, rule=decided.rule)
        elif decided.nearly:
            self._told = {key: at for key, at in self._told.items() if now < at + REMEMBERED}
            self._told[caller] = now
        return decided
