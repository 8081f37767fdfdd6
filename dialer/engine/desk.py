"""The desk: one turn of decisions, from the floor's facts to calls placed.

The order inside a turn is the order of the promises: agents come free first, live callers and promises
take them by the moment they joined, campaigns get what is left, and every call is committed before the
PBX hears of it.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import structlog

from callbacks.place import Person, promises_in_turn
from dialer.bootstrap import House
from dialer.core.agent import AgentState
from dialer.core.brake import Brake
from dialer.core.compliance.verdict import Verdict
from dialer.core.floor import AgentOnFloor, CallOnFloor, Effect, Floor, Pause
from dialer.core.lines import Lines
from dialer.engine.paces import OVER_DIALLED, Paces
from dialer.services.agents import take_wishes
from dialer.services.attempts import (
    LeadWork,
    PromiseWork,
    fail_attempt,
    mark_sent,
    next_work,
    open_attempt,
)
from dialer.services.campaigns import RunningCampaign, running_campaigns
from dialer.services.dispositions import disposed_attempts
from dialer.services.experience import Experience, recall
from dialer.services.leadership import Leadership
from telephony.calls.events import Outcome
from telephony.errors import ActionRefused, LinkDown, OutcomeUnknown, TelephonyError
from telephony.ports import CallControl, CallOrder

log = structlog.get_logger()

BRAKING = "Calls fail on our side one after the other (trunk or gate): waiting before the next try."
FREE_STATES = (AgentState.READY, AgentState.RESERVED, AgentState.RINGING)
KEPT_WITHIN_S = 2.0  # for the PBX to say that an agent is kept; it takes milliseconds
LEADS_AHEAD = 40  # leads looked at a turn: more than any turn places, few enough to read in a moment


class LeadLost(Exception):
    """Another engine leads this PBX; this one must not place another call."""


class Desk:
    """Decides and acts for one PBX while its engine leads."""

    def __init__(self, house: House, pbx: CallControl, floor: Floor, paces: Paces) -> None:
        self._house = house
        self._pbx = pbx
        self._floor = floor
        self._paces = paces
        self._lines = {
            trunk.name: Lines(
                channels=trunk.channels, calls_per_second=trunk.calls_per_second, began=house.clock()
            )
            for trunk in house.settings.trunks
        }
        self.sentence = "The engine has just begun."
        self.brake = Brake()
        self._folded = asyncio.Event()
        self.unsure = False  # an order was sent and never answered: look at the PBX soon

    async def turn(self, leadership: Leadership) -> None:
        """Look once at everything and do what is to be done; raises `LeadLost` and `LinkDown`."""
        house, now = self._house, self._house.clock()
        promises, leads = await asyncio.to_thread(
            next_work, house.book, house.settings.pbx.name, now, limit=LEADS_AHEAD
        )
        await self._free_agents_again(promises, await self._take_wishes())
        await self._ring_promises(leadership, promises)
        rung = {call.promise for call in self._floor.calls.values()}
        still_due = sum(1 for promise in promises if promise.promise not in rung)
        for campaign in await asyncio.to_thread(running_campaigns, house.book, now):
            mine = tuple(lead for lead in leads if lead.campaign == campaign.id)
            await self._ring_leads(leadership, campaign, mine, still_due)
        for agent in self._spare():
            await self.tell(self._floor.release(agent, house.clock()))

    async def tell(self, effects: Iterable[Effect]) -> bool:
        """Carry effects out at the PBX; False where it did not do one of them. Raises `LinkDown`."""
        done = True
        for effect in effects:
            try:
                if isinstance(effect, Pause):
                    await self._pbx.pause(effect.interface, reason=effect.reason, queue=effect.queue)
                else:
                    await self._pbx.resume(effect.interface, queue=effect.queue)
            except (ActionRefused, OutcomeUnknown) as error:
                log.warning("agent_not_told", interface=effect.interface, error=str(error))
                done = False
        return done

    # Agents -----------------------------------------------------------------------------------------

    async def _take_wishes(self) -> set[str]:
        """Carry out what agents asked for on their pages; the names of those who want to work again."""
        floor = self._floor
        back: set[str] = set()
        for wish in await asyncio.to_thread(take_wishes, self._house.book, self._house.settings.pbx.name):
            agent = floor.agents.get(wish.agent)
            if agent is None or agent.state is AgentState.OFFLINE:
                continue
            if wish.wish == "resume":
                back.add(agent.id)
            else:
                await self.tell((Pause(interface=agent.interface, reason=wish.reason or "break"),))
        return back

    async def _free_agents_again(self, promises: tuple[PromiseWork, ...], back: set[str]) -> None:
        """Free the agents who want to work again, whose disposition is in, or whose wrap-up time is over.

        Where a promise is older than the callers who wait, its agent is kept from them from the start.
        """
        floor, house = self._floor, self._house
        away = floor.in_state(AgentState.WRAPPING_UP, AgentState.PAUSED)
        if not away:
            return
        attempts = [agent.attempt for agent in away if agent.attempt]
        disposed = await asyncio.to_thread(disposed_attempts, house.book, attempts)
        limit = house.settings.pacing.wrap_up_limit_s
        now = house.clock()
        over = [
            agent
            for agent in away
            if agent.id in back
            or (
                agent.state is AgentState.WRAPPING_UP
                and (agent.attempt in disposed or (now - agent.since).total_seconds() >= limit)
            )
        ]
        free = self._free_agents() + len(over)
        keep = len(promises_in_turn(self._people(promises), free)) if floor.callers else 0
        for place, agent in enumerate(over):
            if agent.state is AgentState.WRAPPING_UP:
                self._paces.wrapped_up(agent.id, agent.since, house.clock())
            if agent.state in {AgentState.WRAPPING_UP, AgentState.PAUSED}:
                await self.tell(floor.free(agent, house.clock(), reserve=place < keep))

    async def _secure_agent(self) -> AgentOnFloor | None:
        """An agent kept for one outbound call: a spare one, or the one ready for longest."""
        spare = self._spare()
        if spare:
            return spare[0]
        floor = self._floor
        ready = floor.in_state(AgentState.READY)
        if not ready or len(floor.in_state(*FREE_STATES)) <= len(floor.on_the_way()):
            return None
        agent = ready[0]
        if await self.tell(floor.reserve(agent, self._house.clock())):
            with suppress(TimeoutError):
                async with asyncio.timeout(KEPT_WITHIN_S):
                    while agent.state is AgentState.RESERVED and not floor.is_kept(agent):
                        await self._next_fact()
        if floor.is_kept(agent):
            return agent
        agent.held = False
        return None

    def facts_folded(self) -> None:
        """Wake whoever waits for the floor to change."""
        self._folded.set()

    async def _next_fact(self) -> None:
        self._folded.clear()
        await self._folded.wait()

    def _spare(self) -> list[AgentOnFloor]:
        """Reserved agents that no call on its way needs."""
        kept = self._floor.in_state(AgentState.RESERVED)
        return kept[: max(0, len(kept) - len(self._floor.on_the_way()))]

    def _free_agents(self) -> int:
        return len(self._floor.in_state(AgentState.READY)) + len(self._spare())

    def _people(self, promises: tuple[PromiseWork, ...]) -> list[Person]:
        people = [
            Person(key=caller.caller, virtual_join=caller.joined_at) for caller in self._floor.waiting()
        ]
        people += [
            Person(key=f"promise-{due.promise}", virtual_join=due.virtual_join, promise=due.promise)
            for due in promises
        ]
        return people

    # Calls ------------------------------------------------------------------------------------------

    async def _ring_promises(self, leadership: Leadership, promises: tuple[PromiseWork, ...]) -> None:
        """Ring the promises whose turn it is, each with an agent of its own."""
        by_id = {promise.promise: promise for promise in promises}
        trunk = self._house.book.policy.trunk
        for turn in promises_in_turn(self._people(promises), self._free_agents()):
            if not self._room_on(trunk):
                return
            agent = await self._secure_agent()
            if agent is None:
                return
            await self._place(leadership, by_id[turn], None, agent)

    async def _ring_leads(
        self,
        leadership: Leadership,
        campaign: RunningCampaign,
        leads: tuple[LeadWork, ...],
        due_promises: int,
    ) -> None:
        """Ring as many of the campaign's leads as its pacer says."""
        now = self._house.clock()
        if not self._paces.knows(campaign):
            self._paces.begin(campaign, await asyncio.to_thread(self._recall, campaign, now))
        decision = self._paces.decide(
            campaign,
            self._floor,
            leads,
            due_promises=due_promises,
            lines_free=self._lines_free(campaign.trunk),
            now=now,
        )
        self.sentence = BRAKING if self.brake.holds(now) else decision.reason.sentence
        by_id = {str(lead.lead): lead for lead in leads}
        for lead in decision.dial:
            agent = None
            if campaign.mode not in OVER_DIALLED:
                agent = await self._secure_agent()
                if agent is None:
                    return
            await self._place(leadership, by_id[lead], campaign, agent)

    def _recall(self, campaign: RunningCampaign, now: datetime) -> Experience:
        house = self._house
        limit_s = house.settings.pacing.wrap_up_limit_s
        return recall(house.book, campaign.id, now, zero=self._paces.zero, wrap_up_limit_s=limit_s)

    def _room_on(self, trunk: str) -> int:
        """Calls that the trunk's own limits allow at this moment."""
        lines = self._lines.get(trunk)  # a campaign may outlive a trunk that was taken out of the settings
        if lines is None:
            return 0
        in_use = sum(call.trunk == trunk for call in self._floor.calls.values())
        return lines.free(in_use, self._house.clock())

    def _lines_free(self, trunk: str) -> int:
        free = self._room_on(trunk)
        room = self.brake.room(self._house.clock(), len(self._floor.on_the_way()))
        return free if room is None else min(free, room)

    async def _place(
        self,
        leadership: Leadership,
        work: LeadWork | PromiseWork,
        campaign: RunningCampaign | None,
        agent: AgentOnFloor | None,
    ) -> None:
        """Commit one attempt, then ask the PBX for its call (law 2)."""
        house, now = self._house, self._house.clock()
        kept = agent.id if agent is not None else None
        order = await asyncio.to_thread(open_attempt, house.book, leadership, work, kept, now)
        if isinstance(order, Verdict):
            if order.rule == "leader.stale":
                raise LeadLost
            log.info("attempt_not_opened", rule=order.rule, until=order.until)
            return
        call = CallOnFloor(
            attempt=order.attempt,
            trunk=order.trunk,
            placed_at=now,
            lead=order.lead,
            promise=order.promise,
            campaign=campaign.id if campaign is not None else None,
            answer_probability=work.answer_probability if isinstance(work, LeadWork) else None,
        )
        self._floor.calls[order.attempt] = call
        trunk = self._lines.get(order.trunk)
        if trunk is not None:
            trunk.place(now)
        self._paces.placed(call)
        try:
            await self._pbx.originate(
                CallOrder(attempt=order.attempt, queue=order.queue, ring_s=order.ring_s)
            )
        except OutcomeUnknown:
            log.warning("originate_unanswered", attempt_id=order.attempt)
            self.unsure = True
        except TelephonyError as error:
            self._floor.calls.pop(order.attempt, None)
            await asyncio.to_thread(fail_attempt, house.book, order.attempt, str(error), house.clock())
            if isinstance(error, LinkDown):
                raise
            self.brake.see(Outcome.FAILED, house.clock())
            log.warning("originate_refused", attempt_id=order.attempt, error=str(error))
        else:
            await asyncio.to_thread(mark_sent, house.book, order.attempt, house.clock())
