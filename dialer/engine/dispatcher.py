"""The dispatcher: one turn of decisions, from the floor's facts to calls placed.

The order inside a turn is the order of the promises: agents come free first, live callers and promises
take them by the moment they joined, campaigns get what is left, and every call is committed before the
PBX hears of it.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callbacks.lead_time import CallingAhead, learn_calling_ahead
from dialer.bootstrap import App, agent_lines
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor
from dialer.core.agents.state import AgentState
from dialer.core.agents.team_allocation import HOUSE, TeamId
from dialer.core.pacing.factory import load_pacer
from dialer.core.pacing.facts import OVER_DIALLED
from dialer.core.pacing.sharing import CampaignAsked, Turn, explain_teams
from dialer.core.sentence import Sentence
from dialer.engine.agent_allocation import AgentAllocator
from dialer.engine.agent_first import ring_agents, rings_agent_first
from dialer.engine.call_placer import CallPlacer, Placing
from dialer.engine.callback_ring_ins import RingIns
from dialer.engine.code_calls import ring_codes
from dialer.engine.owned_promises import OwnedPromises
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.previews import Previews, by_campaign, to_own_queue
from dialer.engine.roster import Roster
from dialer.engine.work_ahead import WorkAhead
from dialer.services.agents.previews import PreviewWork
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.look_ahead import LookedAhead
from dialer.services.calls.next_calls import LeadWork, PromiseWork
from dialer.services.calls.pacing_warm_start import WarmStart, recall
from dialer.services.campaigns.campaigns import RunningCampaign
from dialer.services.campaigns.held_leads import look_at_list
from dialer.services.promises.closing import carry_over
from dialer.services.promises.return_calls import known_leads
from telephony.calls.events import MemberGone
from telephony.ports import CallControl, PbxLink

CALLS_FAIL = Sentence(
    "Calls fail on our side one after the other (trunk or dial permit): waiting before the next try."
)
NO_CAMPAIGN = Sentence("No campaign is running: only promises are called.")
HELD_FOR = timedelta(seconds=30)  # so old may be what is said of a list that nobody may be called from
LEARNED_EVERY = timedelta(minutes=5)  # a lead moves slowly, and a look costs a hundred rows
CARRIED_OVER_EVERY = timedelta(seconds=30)  # how soon after closing customers are told that they are put off
RECALLING = "A campaign begins: what earlier calls taught is looked up."
RECALL_WITHIN_S = 0.05  # in the first turn: a short past is there at once, a long one in a later turn
AT_IT = (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.WRAPPING_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComesFirst:
    """Who comes before a campaign's customers: callers on the line, and calls that are due."""

    callers: int
    calls: int


class Dispatcher:
    """Decides and acts for one PBX while its engine leads."""

    def __init__(self, app: App, pbx: CallControl, floor: FloorState, pacers: PacerRegistry) -> None:
        self._app = app
        self._floor = floor
        self._pacers = pacers
        self.roster = Roster(app, pbx, floor, pacers, {line.id: line for line in agent_lines(app.settings)})
        self.agents = AgentAllocator(app, floor, pacers, self.roster)
        self._take_teams()
        self.calls = CallPlacer(app, pbx, floor, pacers)
        self.ahead = WorkAhead(app)
        self.previews = Previews(app, floor, self.roster)
        self.ring_ins = RingIns(app, floor)
        self.owned = OwnedPromises(app, floor)
        self.sentence: str = Sentence("The engine has just begun.")
        self.quiet = False  # the last turn did nothing, and nothing goes on that asks for another soon
        self.organisation: int | None = None  # the version that was seen at the last look ahead
        self.due_promises: Counter[str] = Counter()  # that no call is on its way for, by queue
        self._carried_over_at: datetime | None = None
        self._lead_at: datetime | None = None
        self._ahead = CallingAhead()
        self._recalled: dict[int, asyncio.Task[WarmStart]] = {}  # by campaign: what its pacer begins with
        self._held: dict[int, tuple[datetime, str]] = {}  # by campaign: when it was looked up, and the words

    async def take_over(self, link: PbxLink) -> None:
        """The organisation has changed: from now on these are the agents, the teams and the trunks.

        Who leaves a team is taken out of its queue while that is still ours. Raises `LinkDown`.
        """
        settings = self._app.settings
        lines = {line.id: line for line in agent_lines(settings)}
        queues, teams = settings.queues.shared(), settings.queues.teams()
        await self.roster.seat(lines, joining=False)
        link.take_over(lines.values(), queues, teams)
        own = {queue for line in lines.values() for queue in (*line.team_queues, line.own_queue)}
        for agent in self._floor.agents.values():
            for queue in agent.members.keys() - {*queues, *teams, *own}:  # nothing further is heard of these
                gone = MemberGone(
                    at=self._app.clock(), queue=queue, agent=agent.id, interface=agent.interface
                )
                self._floor.see(gone)
        self.roster.take_lines(lines)
        self._take_teams()
        self.calls.take_trunks(settings.trunks)

    def _take_teams(self) -> None:
        self.agents.take_teams(self._app.settings.teams)
        self._pacers.members = self.agents.members

    async def turn(self, leadership: Leadership, *, hears: bool = True) -> None:
        """Look once at everything and do what is to be done; raises `LeadershipLost` and `LinkDown`.

        `hears`: whether it is looked up what agents wish and said, which need not be at every fact.
        """
        app, now = self._app, self._app.clock()
        opened = self.calls.opened
        found = await self._look(now)
        due, leads, running = found.work.promises, found.work.leads, found.running
        # however long it takes to hear that it is booked: whoever is still on the line has no free phone
        rang_in = await self.ring_ins.look(found.elsewhere)
        await self.calls.hang_up_for(rang_in)
        promises = await self.owned.look(
            [
                promise
                for promise in due
                if promise.source_call not in self._floor.joined and promise.promise not in rang_in
            ]
        )
        await self.agents.free_again(await self.roster.turn(hears=hears), promises)
        going = {campaign.id for campaign in running}
        self._recalled = {key: looking for key, looking in self._recalled.items() if key in going}
        previewing = any(campaign.mode == "preview" for campaign in running)
        wanted = by_campaign(await self.previews.asked(expected=previewing))
        await self._ring_promises(leadership, promises)
        await ring_codes(app, leadership, self.calls)
        rung = {call.promise for call in self._floor.calls.values()}
        self.due_promises = Counter(each.asked_in for each in promises if each.promise not in rung)
        leads, owed = await self._ring_owed(leadership, running, leads)
        with_leads = {lead.campaign for lead in leads}
        ringing = {call.team for call in self._floor.on_the_way() if call.campaign in going}
        self.agents.seat(ringing | {campaign.team for campaign in running if campaign.id in with_leads})
        teams = {campaign.team for campaign in running}
        coming = self._coming(found.coming)
        first = {team: self._first(team, owed, coming) for team in teams}  # agents are left for them
        asked: dict[TeamId, list[CampaignAsked]] = {}
        sentence: str = NO_CAMPAIGN
        waiting: dict[TeamId, Turn] = {}
        for campaign, turn in self._in_turn(running, with_leads):
            mine = tuple(lead for lead in leads if lead.campaign == campaign.id)
            placed, sentence = 0, ""
            before = first[campaign.team]
            if turn is None or not turn.is_held_by(waiting.get(campaign.team)):
                room = min(len(mine), self.calls.lines_free(campaign.trunk))
                alone = self._needs_its_own(campaign, running)
                placed, sentence = await self._ring_leads(leadership, campaign, mine, before, alone=alone)
                if turn is not None and not turn.silent and placed < room:
                    waiting.setdefault(campaign.team, turn)
            if turn is not None:
                asked.setdefault(campaign.team, []).append(
                    CampaignAsked(name=campaign.name, ahead=turn.ahead, placed=placed, sentence=sentence)
                )
            if campaign.mode == "preview":
                await self._ring_previews(leadership, campaign, wanted.pop(campaign.id, ()))
                free = self.agents.free_agents(campaign.team) - before.callers - before.calls
                await self.previews.show(mine, free, self.agents.who_sits_with(campaign.team))
        said = explain_teams(asked)
        self.sentence = CALLS_FAIL if self.calls.breaker.holds(now) else said or sentence
        for previews in wanted.values():  # their campaign no longer runs
            for _, preview in previews:
                await self.previews.end(preview)
        await self.agents.let_go()
        busy = self._recalled or previewing or self.calls.opened != opened
        self.quiet = not busy and self._nobody_is_at_it()

    async def _look(self, now: datetime) -> LookedAhead:
        """What lies ahead of this turn, and what a centre that has closed puts off."""
        if self._carried_over_at is None or now - self._carried_over_at >= CARRIED_OVER_EVERY:
            self._carried_over_at = now
            await asyncio.to_thread(carry_over, self._app.database, now)
        self.ahead.tried(self.calls.take_tried())
        found = await self.ahead.look()
        self.organisation = found.organisation
        previewing = any(campaign.mode == "preview" for campaign in found.running)
        if previewing or any(promise.owner is not None for promise in found.work.promises):
            self.ahead.forget()  # what an agent reads about, and whose a promise is, changes with every turn
        return found

    def _coming(self, promised: Mapping[str, str]) -> Counter[str]:
        """How many need an agent within a ring time and are in no queue yet, by the queue they asked in.

        Promises that come due, and callers in the dialogue: they are back in a moment, or promised a call. A
        lead rung now would be put through to the agent whom they find busy then.
        """
        line = self._floor.line
        asking = (line.seat(caller) for caller in line.in_dialogue())
        at = {seat.caller: seat.queue for seat in asking if seat is not None}
        return Counter((dict(promised) | at).values())

    def _first(self, team: TeamId, owed: Mapping[TeamId, int], coming: Counter[str]) -> "ComesFirst":
        """Who comes before a campaign of this team: whoever may need one of its agents, and nobody else."""
        inbound = self._app.database.policy.inbound_teams
        promised = self.due_promises + coming
        ours = {team, HOUSE}
        return ComesFirst(
            callers=sum(
                team is HOUSE or inbound.get(caller.queue) in ours for caller in self._floor.waiting()
            ),
            calls=sum(
                calls for queue, calls in promised.items() if team is HOUSE or inbound.get(queue) in ours
            )
            + sum(calls for one, calls in owed.items() if self.agents.members.share_agents(one, team)),
        )

    def _needs_its_own(self, campaign: RunningCampaign, running: Sequence[RunningCampaign]) -> bool:
        """Whether each of its calls must reach one agent alone, whom nobody else's customer can take.

        A campaign that abandons nobody, beside one that over-dials on agents of its own.
        """
        return campaign.mode == "reserved" and any(
            other.mode in OVER_DIALLED and self.agents.members.share_agents(campaign.team, other.team)
            for other in running
        )

    def _nobody_is_at_it(self) -> bool:
        """Whether no call is on its way, nobody waits, and no agent talks, wraps up or is kept for one."""
        floor = self._floor
        return not (floor.calls or floor.line.seats() or floor.in_state(*AT_IT))

    async def _ring_promises(self, leadership: Leadership, promises: tuple[PromiseWork, ...]) -> None:
        """Ring the promises whose turn it is, each with an agent of its own."""
        room = self.calls.room_on(self._app.database.policy.trunk)
        soon = self.agents.soon_free(await self._calling_ahead())
        turns = self.agents.promises_in_turn(promises, soon)[:room]
        own = [each for each in turns if each.owner is not None]
        await self.owned.ring(leadership, own, self.agents, self.calls)
        first = [each for each in turns if each.owner is None and rings_agent_first(self._app, each)]
        await ring_agents(leadership, first, self.agents, self.calls)
        by_team: dict[TeamId, list[PromiseWork]] = {}
        for promise in turns:
            if promise not in own and promise not in first:
                by_team.setdefault(promise.team, []).append(promise)
        for team, theirs in by_team.items():
            serving = [agent for agent in soon if self.agents.members.serves(agent.id, team)]
            used = await self._ring_promises_of(leadership, team, theirs, serving)
            soon = [agent for agent in soon if agent not in used]

    async def _ring_promises_of(
        self,
        leadership: Leadership,
        team: TeamId,
        turns: list[PromiseWork],
        soon: list[AgentOnFloor],
    ) -> list[AgentOnFloor]:
        """Ring these promises of one team; those of `soon` for whom that was done."""
        used: list[AgentOnFloor] = []
        while turns:
            agents = await self.agents.secure(len(turns), team=team)
            coming = [] if agents else soon[: len(turns)]
            placings = [
                Placing(work=turn, campaign=None, agent=agent)
                for turn, agent in zip(turns, agents or coming, strict=False)
            ]
            if not placings:
                break
            await self.calls.place(leadership, placings)
            if coming:
                soon = soon[len(coming) :]
                used += coming
                rung = {call.promise: call.attempt for call in self._floor.calls.values()}
                for turn, agent in zip(turns, coming, strict=False):
                    if turn.promise in rung:
                        self.agents.expect(agent, rung[turn.promise])
            turns = turns[len(placings) :]
        return used

    async def _calling_ahead(self) -> CallingAhead:
        """How long before their agent is free customers are called back; learned anew now and then."""
        now = self._app.clock()
        if not self._app.settings.callbacks.ask_key:
            return CallingAhead()  # the agent is wanted as soon as the phone is picked up
        if self._lead_at is None or now - self._lead_at >= LEARNED_EVERY:
            self._lead_at = now
            leads_s = await asyncio.to_thread(known_leads, self._app.database)
            self._ahead = learn_calling_ahead(leads_s, self.agents.wrap_ups_s)
        return self._ahead

    async def _ring_owed(
        self, leadership: Leadership, running: Sequence[RunningCampaign], leads: tuple[LeadWork, ...]
    ) -> tuple[tuple[LeadWork, ...], Mapping[TeamId, int]]:
        """Make up for abandoned calls where campaigns over-dial, each with an agent whom nobody else reaches.

        The other leads, and how many of these still wait for an agent, by team. Elsewhere every call has one.
        """
        over = {campaign.id: campaign for campaign in running if campaign.mode in OVER_DIALLED}
        owed = [lead for lead in leads if lead.owed and lead.campaign in over]
        waiting = Counter(over[lead.campaign].team for lead in owed)
        for lead in owed:
            campaign = over[lead.campaign]
            if not self.calls.lines_free(campaign.trunk):
                continue
            agents = await self.agents.secure(1, team=campaign.team, alone=True)
            if not agents:
                continue
            placing = self._only_for(lead, campaign, agents[0])
            await self.calls.place(leadership, [placing])
            waiting[campaign.team] -= 1
        return tuple(lead for lead in leads if lead not in owed), waiting

    def _only_for(self, lead: LeadWork, campaign: RunningCampaign, agent: AgentOnFloor) -> Placing:
        """A call that reaches nobody but this agent."""
        own = replace(lead, queue=self._app.settings.pbx.names.own_queue(agent.id))
        return Placing(work=own, campaign=campaign, agent=agent, alone=True)

    async def _ring_leads(
        self,
        leadership: Leadership,
        campaign: RunningCampaign,
        leads: tuple[LeadWork, ...],
        first: "ComesFirst",
        *,
        alone: bool,
    ) -> tuple[int, str]:
        """Ring as many of the campaign's leads as its pacer says: how many that was, and why."""
        now = self._app.clock()
        if not self._pacers.knows(campaign):
            experience = await self._experience(campaign, now)
            if experience is None:
                return 0, RECALLING
            self._pacers.begin(campaign, experience)
        decision = self._pacers.decide(
            campaign,
            self._floor,
            leads,
            due_promises=first.calls,
            lines_free=self.calls.lines_free(campaign.trunk),
            now=now,
            seated=self.agents.seated,
            callers=first.callers,
        )
        by_id = {str(lead.lead): lead for lead in leads}
        placed = 0
        dial = decision.dial
        while dial:
            agents: Sequence[AgentOnFloor | None] = [None] * len(dial)
            if campaign.mode not in OVER_DIALLED:
                agents = await self.agents.secure(len(dial), team=campaign.team, seated=True, alone=alone)
                if not agents:
                    break
            placings = [
                self._only_for(by_id[lead], campaign, agent)
                if alone and agent is not None
                else Placing(work=by_id[lead], campaign=campaign, agent=agent)
                for lead, agent in zip(dial, agents, strict=False)
            ]
            placed += (await self.calls.place(leadership, placings)).count(None)
            dial = dial[len(placings) :]
        if not leads and self.agents.free_agents(campaign.team):
            return 0, await self._why_nobody(campaign, now)
        return placed, decision.reason.sentence

    async def _experience(self, campaign: RunningCampaign, now: datetime) -> WarmStart | None:
        """What this campaign's pacer begins with; None while it is looked up, which no turn waits for."""
        if campaign.id not in self._recalled:
            looking = asyncio.create_task(asyncio.to_thread(self._recall, campaign, now))
            self._recalled[campaign.id] = looking
            await asyncio.wait([looking], timeout=RECALL_WITHIN_S)
        if not self._recalled[campaign.id].done():
            return None
        return self._recalled.pop(campaign.id).result()

    async def _why_nobody(self, campaign: RunningCampaign, now: datetime) -> str:
        """Which rules hold the whole list, looked up now and then: counting a long list takes a while."""
        at, words = self._held.get(campaign.id, (None, ""))
        if at is None or now - at >= HELD_FOR:
            list_now = await asyncio.to_thread(look_at_list, self._app.database, campaign.id, now)
            nobody = Sentence("Agents are free, but nobody on the list may be called now.")
            words = Sentence.joined([nobody, list_now.in_words()])
            self._held[campaign.id] = (now, words)
        return words

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
        )  # here, in a thread: over numpy the loop would stand still and answer no call
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
            if agent.state is not AgentState.READY or not self.calls.lines_free(campaign.trunk):
                continue  # asked for all the same: the next turn looks again
            if await self.agents.reserve(agent, team=campaign.team, alone=True) is not None:
                placing = Placing(
                    work=to_own_queue(preview, self._app.settings.pbx.names),
                    campaign=campaign,
                    agent=agent,
                    alone=True,
                )
                (refused,) = await self.calls.place(leadership, [placing])
                if refused is None:
                    self.previews.placed(preview)
                else:
                    await self.previews.end(preview, refused)
