"""What the engine knows of a caller who asks to be called back, put before the use case that decides."""

import asyncio
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


class CallbackOffers:
    """Offers to the callers of one term: the queue's pace, and who heard that the wait is short."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor
        self.departures = ServiceRate()
        self._told: dict[str, datetime] = {}
        self._waits = LearnedWaits(app.settings.queues.inbound)
        self._joined: dict[str, datetime] = {}  # of callers who have no agent yet
        self._last_served: tuple[datetime, float] | None = None

    def see(self, fact: Fact, *, due_promises: int) -> None:
        """Learn the pace from a fact that the floor has folded in already.

        `due_promises` are those that wait for an agent.
        """
        floor = self._floor
        waiting = len(floor.callers) + due_promises
        stayed_s = self._stayed_s(fact)
        self._see_caller(fact)
        match fact:
            case CallerLeft(abandoned=True) if stayed_s < SHORT_STAY_S:
                pass
            case CallerConnected() | CallerLeft(abandoned=True):
                self.departures.see(fact.at, waiting=waiting, agents=floor.at_work())
            case Connected() if (call := floor.calls.get(fact.attempt)) is not None and call.promise:
                self.departures.see(fact.at, waiting=waiting, agents=floor.at_work())
        if waiting == 0:
            self.departures.nobody_waits()

    def _stayed_s(self, fact: Fact) -> float:
        """How long the caller of this fact was on the line; endless where nobody saw them come."""
        joined = self._joined.get(fact.caller) if isinstance(fact, CallerLeft) else None
        return (fact.at - joined).total_seconds() if joined is not None else inf

    def _see_caller(self, fact: Fact) -> None:
        """How long the one had waited who was served last."""
        match fact:
            case CallerJoined(caller=caller, at=at):
                self._joined.setdefault(caller, at)
            case CallerConnected(caller=caller, at=at):
                joined = self._joined.pop(caller, None)
                if joined is not None:
                    self._last_served = at, (at - joined).total_seconds()
            case CallerLeft(caller=caller, abandoned=True):
                self._joined.pop(caller, None)

    def lose_sight(self) -> None:
        """The link is lost: departures go by unseen, and the gap under way says nothing of the pace."""
        self.departures.nobody_waits()
        self._joined.clear()

    def others(self, caller: str) -> tuple[Person, ...]:
        """Everybody else on the line who has no agent yet."""
        region = self._app.settings.calling.default_region
        return tuple(
            Person(key=seat.caller, virtual_join=seat.joined_at, number=read_source(seat.number, region))
            for seat in self._floor.line.others(caller)
        )

    def _asking(self, caller: str, number: str, source: str, now: datetime, *, seen: bool) -> AskingCaller:
        floor = self._floor
        return AskingCaller(
            queue=self._app.settings.queues.inbound,
            number=number,
            joined_at=floor.joined.get(caller, now),
            others=self.others(caller),
            logged_in=floor.logged_in() if seen else None,
            at_work=floor.at_work() if seen else None,
            gaps=self.departures.gaps,
            waiting_since=self.departures.waiting_since,
            told_at=self._told.get(caller),
            call=caller,
            last_served=self._last_served,
            source=source,
        )

    def arrival(self, fact: Fact) -> AskingCaller | None:
        """Somebody who has just begun to wait, for what is guessed of their wait; None: nobody has to.

        Who finds an agent free waits for none, and would teach that waits are short.
        """
        if not isinstance(fact, CallerJoined) or self._floor.in_state(AgentState.READY):
            return None
        return self._asking(fact.caller, "", HIDDEN, fact.at, seen=True)

    async def foresee(self, number: str, source: str) -> Offer | Refusal | None:
        """What somebody would be offered who rings in at this moment; nothing is kept of it.

        None where it could not be decided.
        """
        now = self._app.clock()
        asking = self._asking("", number, source, now, seen=True)
        try:
            return await asyncio.to_thread(foresee, self._app.database, asking, now, self._waits)
        except Exception:
            log.exception("wait_not_told")
            return None

    async def decide(self, caller: str, number: str, source: str, *, seen: bool) -> Offer | Refusal | None:
        """May this caller be called back? None where it could not be decided.

        `number` is the one shown, where it may be called back; `source` is whatever number asks.
        `seen`: the PBX was looked at and is in sight, so the floor is true.
        """
        now = self._app.clock()
        asking = self._asking(caller, number, source, now, seen=seen)
        try:
            decided = await asyncio.to_thread(consider, self._app.database, asking, now, self._waits)
        except Exception:
            log.exception("offer_not_decided", caller=caller)
            return None
        if isinstance(decided, Refusal):
            log.info("offer_refused", caller=caller, rule=decided.rule)
        elif decided.nearly:
            self._told = {key: at for key, at in self._told.items() if now < at + REMEMBERED}
            self._told[caller] = now
        return decided
