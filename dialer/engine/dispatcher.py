"""The dispatcher: one turn of decisions, from the floor's facts to calls placed.

The order inside a turn is the order of the promises: agents come free first, live callers and promises
take them by the moment they joined, campaigns get what is left, and every call is committed before the
PBX hears of it.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from callbacks.queue_position import Person, promises_in_turn
from callbacks.refusals import Fatal, Refusal
from dialer.bootstrap import App, agent_lines
from dialer.core.agents.floor import AgentOnFloor, CallOnFloor, FloorState
from dialer.core.agents.state import AgentState
from dialer.core.calling.circuit_breaker import CircuitBreaker
from dialer.core.calling.trunk_capacity import TrunkCapacity
from dialer.core.pacing.factory import load_pacer
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.core.pacing.sharing import Asked, Turn, explain_turns
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.previews import Previews, by_campaign, to_own_queue
from dialer.engine.roster import AWAY, Roster
from dialer.services.agents.previews import PreviewWork
from dialer.services.calls.attempt_journal import Journal
from dialer.services.calls.attempts import mark_sent
from dialer.services.calls.call_events import fail_attempt
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import LeadWork, PromiseWork, next_work
from dialer.services.calls.open_attempt import open_attempt
from dialer.services.calls.pacing_warm_start import WarmStart, recall
from dialer.services.campaigns.campaigns import RunningCampaign, running_campaigns
from telephony.calls.events import Outcome
from telephony.errors import LinkDown, OutcomeUnknown, TelephonyError
from telephony.ports import CallControl, CallOrder

log = structlog.get_logger()

CALLS_FAIL = "Calls fail on our side one after the other (trunk or dial permit): waiting before the next try."
FREE_STATES = (AgentState.READY, AgentState.RESERVED, AgentState.RINGING)
KEPT_WITHIN_S = 2.0  # for the PBX to say that an agent is kept; it takes milliseconds
LEADS_AHEAD = 40  # leads looked at a turn: more than any turn places, few enough to read in a moment


class LeadershipLost(Exception):
    """Another engine leads this PBX; this one must not place another call."""


class Dispatcher:
    """Decides and acts for one PBX while its engine leads."""

    def __init__(self, app: App, pbx: CallControl, floor: FloorState, pacers: PacerRegistry) -> None:
        self._app = app
        self._pbx = pbx
        self._floor = floor
        self._pacers = pacers
        capacity = {line.id: line for line in agent_lines(app.settings)}
        self.roster = Roster(app, pbx, floor, pacers, capacity)
        self.previews = Previews(app, floor, self.roster)
        self._trunks = {
            trunk.name: TrunkCapacity(
                channels=trunk.channels, calls_per_second=trunk.calls_per_second, began=app.clock()
            )
            for trunk in app.settings.trunks
        }
        self.sentence = "The engine has just begun."
        self.breaker = CircuitBreaker()
        self.journal = Journal(app.settings.data_dir, app.settings.pbx.name)
        self._folded = asyncio.Event()
        self.due_promises = 0  # that no call is on its way for
        self.unsure = False  # an order was sent and never answered: look at the PBX soon

    async def turn(self, leadership: Leadership) -> None:
        """Look once at everything and do what is to be done; raises `LeadershipLost` and `LinkDown`."""
        app, now = self._app, self._app.clock()
        promises, leads = await asyncio.to_thread(next_work, app.database, now, limit=LEADS_AHEAD)
        await self._free_again(await self.roster.turn(), promises)
        running = await asyncio.to_thread(running_campaigns, app.database, now)
        previewing = any(campaign.mode == "preview" for campaign in running)
        wanted = by_campaign(await self.previews.asked(expected=previewing))
        await self._ring_promises(leadership, promises)
        rung = {call.promise for call in self._floor.calls.values()}
        still_due = self.due_promises = sum(1 for promise in promises if promise.promise not in rung)
        asked: list[Asked] = []
        sentence = self.sentence
        waiting: Turn | None = None
        for campaign, turn in self._in_turn(running, {lead.campaign for lead in leads}):
            mine = tuple(lead for lead in leads if lead.campaign == campaign.id)
            placed, sentence = 0, ""
            if turn is None or not turn.is_held_by(waiting):
                room = min(len(mine), self._lines_free(campaign.trunk))
                placed, sentence = await self._ring_leads(leadership, campaign, mine, still_due)
                if waiting is None and turn is not None and not turn.silent and placed < room:
                    waiting = turn
            if turn is not None:
                asked.append(Asked(name=campaign.name, ahead=turn.ahead, placed=placed, sentence=sentence))
            if campaign.mode == "preview":
                await self._ring_previews(leadership, campaign, wanted.pop(campaign.id, ()))
                await self.previews.show(mine, self._free_agents() - len(self._floor.callers) - still_due)
        self.sentence = CALLS_FAIL if self.breaker.holds(now) else explain_turns(asked) or sentence
        for previews in wanted.values():  # their campaign no longer runs
            for _, preview in previews:
                await self.previews.end(preview)
        await self._let_go()

    # Agents -----------------------------------------------------------------------------------------

    async def _free_again(self, over: list[AgentOnFloor], promises: tuple[PromiseWork, ...]) -> None:
        """Let these agents work again.

        Where a promise is older than the callers who wait, its agent is kept from them from the start.
        """
        floor, app = self._floor, self._app
        free = self._free_agents() + len(over)
        keep = len(promises_in_turn(self._people(promises), free)) if floor.callers else 0
        for index, agent in enumerate(over):
            if agent.state is AgentState.WRAPPING_UP:
                self._pacers.wrapped_up(agent, app.clock())
            if agent.state in AWAY:
                await self.roster.tell(floor.free(agent, app.clock(), reserve=index < keep))

    async def _let_go(self) -> None:
        """Release the reserved agents that no call needs."""
        waited_for = {call.kept_for for call in self._floor.calls.values()}
        for agent in self._floor.in_state(AgentState.RESERVED):
            if agent.alone and agent.id not in waited_for:
                await self.roster.tell(self._floor.release(agent, self._app.clock()))
        for agent in self._spare():
            await self.roster.tell(self._floor.release(agent, self._app.clock()))

    async def _secure_agent(self) -> AgentOnFloor | None:
        """An agent kept for one outbound call: a spare one, or the one ready for longest.

        Nobody who plans to leave while the call may still ring.
        """
        spare = self._spare()
        if spare:
            return spare[0]
        floor = self._floor
        rung_by = self._app.clock() + timedelta(seconds=self._app.database.policy.ring_s)
        ready = floor.ready_beyond(rung_by)
        if not ready or len(floor.in_state(*FREE_STATES)) <= len(floor.on_the_way()):
            return None
        return await self._reserve(ready[0])

    async def _reserve(self, agent: AgentOnFloor, *, alone: bool = False) -> AgentOnFloor | None:
        """Keep this agent, and wait until the PBX says so; None where it does not."""
        floor = self._floor
        if await self.roster.tell(floor.reserve(agent, self._app.clock(), alone=alone)):
            with suppress(TimeoutError):
                async with asyncio.timeout(KEPT_WITHIN_S):
                    while agent.state is AgentState.RESERVED and not floor.is_kept(agent):
                        await self._next_fact()
        if floor.is_kept(agent):
            return agent
        agent.held = agent.alone = False
        return None

    def facts_folded(self) -> None:
        """Wake whoever waits for the floor to change."""
        self._folded.set()

    async def _next_fact(self) -> None:
        self._folded.clear()
        await self._folded.wait()

    def _spare(self) -> list[AgentOnFloor]:
        """Reserved agents that no call on its way needs."""
        kept = [agent for agent in self._floor.in_state(AgentState.RESERVED) if not agent.alone]
        common = sum(call.kept_for is None for call in self._floor.on_the_way())
        return kept[: max(0, len(kept) - common)]

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
        trunk = self._app.database.policy.trunk
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
    ) -> tuple[int, str]:
        """Ring as many of the campaign's leads as its pacer says: how many that was, and why."""
        now = self._app.clock()
        if not self._pacers.knows(campaign):
            self._pacers.begin(campaign, await asyncio.to_thread(self._recall, campaign, now))
        decision = self._pacers.decide(
            campaign,
            self._floor,
            leads,
            due_promises=due_promises,
            lines_free=self._lines_free(campaign.trunk),
            now=now,
        )
        by_id = {str(lead.lead): lead for lead in leads}
        placed = 0
        for lead in decision.dial:
            agent = None
            if campaign.mode not in OVER_DIALLED:
                agent = await self._secure_agent()
                if agent is None:
                    break
            refused = await self._place(leadership, by_id[lead], campaign, agent)
            placed += refused is None
        return placed, decision.reason.sentence

    def _in_turn(
        self, running: Sequence[RunningCampaign], with_leads: Collection[int]
    ) -> list[tuple[RunningCampaign, Turn | None]]:
        """Campaigns in the order they are asked: those that share the agents in turn, then the others."""
        by_id = {campaign.id: campaign for campaign in running}
        turns = self._pacers.in_turn(running, with_leads, self._floor)
        return [(by_id.pop(turn.campaign), turn) for turn in turns] + [
            (campaign, None) for campaign in by_id.values()
        ]

    def _recall(self, campaign: RunningCampaign, now: datetime) -> WarmStart:
        load_pacer(
            campaign.mode
        )  # here, in a thread: the loop would stand still over numpy and answer no call
        app = self._app
        limit_s = app.settings.pacing.wrap_up_limit_s
        zero, speed = self._pacers.zero, self._pacers.speed
        return recall(app.database, campaign.id, now, zero=zero, wrap_up_limit_s=limit_s, speed=speed)

    async def _ring_previews(
        self,
        leadership: Leadership,
        campaign: RunningCampaign,
        wanted: Iterable[tuple[AgentOnFloor, PreviewWork]],
    ) -> None:
        """Ring the customers that their agents asked for, each for that agent alone."""
        for agent, preview in wanted:
            if agent.state is not AgentState.READY or not self._lines_free(campaign.trunk):
                continue  # asked for all the same: the next turn looks again
            if await self._reserve(agent, alone=True) is not None:
                refused = await self._place(leadership, to_own_queue(preview), campaign, agent, alone=True)
                if refused is None:
                    self.previews.placed(preview)
                else:
                    await self.previews.end(preview, refused)

    def _room_on(self, trunk: str) -> int:
        """Calls that the trunk's own limits allow at this moment."""
        capacity = self._trunks.get(
            trunk
        )  # a campaign may outlive a trunk that was taken out of the settings
        if capacity is None:
            return 0
        in_use = sum(call.trunk == trunk for call in self._floor.calls.values())
        return capacity.free(in_use, self._app.clock())

    def _lines_free(self, trunk: str) -> int:
        free = self._room_on(trunk)
        room = self.breaker.room(self._app.clock(), len(self._floor.on_the_way()))
        return free if room is None else min(free, room)

    async def _place(
        self,
        leadership: Leadership,
        work: LeadWork | PromiseWork,
        campaign: RunningCampaign | None,
        agent: AgentOnFloor | None,
        *,
        alone: bool = False,
    ) -> Refusal | None:
        """Commit one attempt, then ask the PBX for its call (invariant 2); the refusal where there is one."""
        app, now = self._app, self._app.clock()
        kept = agent.id if agent is not None else None
        order = await asyncio.to_thread(open_attempt, app.database, leadership, work, kept, now)
        if isinstance(order, Refusal):
            if order.rule.fatal is Fatal.LEADER:
                raise LeadershipLost
            log.info("attempt_not_opened", rule=order.rule, until=order.until)
            return order
        self.journal.placed(order, now)
        call = CallOnFloor(
            attempt=order.attempt,
            trunk=order.trunk,
            placed_at=now,
            lead=order.lead,
            promise=order.promise,
            campaign=campaign.id if campaign is not None else None,
            answer_probability=work.answer_probability if isinstance(work, LeadWork) else None,
            kept_for=kept if alone else None,
        )
        self._floor.calls[order.attempt] = call
        trunk = self._trunks.get(order.trunk)
        if trunk is not None:
            trunk.place(now)
        self._pacers.placed(call)
        try:
            await self._pbx.originate(
                CallOrder(attempt=order.attempt, queue=order.queue, ring_s=order.ring_s)
            )
        except OutcomeUnknown:
            log.warning("originate_unanswered", attempt_id=order.attempt)
            self.unsure = True
        except TelephonyError as error:
            self._floor.calls.pop(order.attempt, None)
            await asyncio.to_thread(fail_attempt, app.database, order.attempt, str(error), app.clock())
            if isinstance(error, LinkDown):
                raise
            self.breaker.see(Outcome.FAILED, app.clock())
            log.warning("originate_refused", attempt_id=order.attempt, error=str(error))
        else:
            await asyncio.to_thread(mark_sent, app.database, order.attempt, app.clock())
        return None
