"""Who is free, and for what: agents come back, are kept for a call, and are let go again.

Live callers and due promises stand in one line by the moment they joined. An agent who is kept for an
outbound call is passed by for live callers, and counts as kept only once the PBX itself says so.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from callbacks.lead_time import REMEMBERED_WRAP_UPS, CallingAhead
from callbacks.queue_position import Person, in_order
from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor
from dialer.core.agents.pbx_commands import PbxCommand
from dialer.core.agents.state import AgentState
from dialer.core.agents.team_allocation import HOUSE, AgentsLeft, TeamId, TeamMembers, TeamSeats
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.roster import AWAY, Roster
from dialer.pbx_settings import TeamSettings
from dialer.services.calls.next_calls import PromiseWork
from telephony.calls.events import CallFact, Connected

FREE_STATES = (AgentState.READY, AgentState.RESERVED, AgentState.RINGING)
KEPT_WITHIN_S = 2.0  # for the PBX to say that an agent is kept; it takes milliseconds


class AgentAllocator:
    """Frees, keeps and lets go the agents of one PBX."""

    def __init__(self, app: App, floor: FloorState, pacers: PacerRegistry, roster: Roster) -> None:
        self._app = app
        self._floor = floor
        self._pacers = pacers
        self._roster = roster
        self._folded = asyncio.Event()
        self._coming: dict[str, str] = {}  # who wraps up, to the attempt that is called for them meanwhile
        self.wrap_ups_s: deque[float] = deque(maxlen=REMEMBERED_WRAP_UPS)  # the latest, of all agents
        self.members = TeamMembers()
        self._seats = TeamSeats()
        self.seated: Mapping[str, TeamId] = {}  # by agent: with which team, of those that ask for agents
        self._kept_for: dict[str, TeamId] = {}  # by reserved agent: whose call they are kept for

    def take_teams(self, teams: Iterable[TeamSettings]) -> None:
        """From now on these are the teams."""
        weights = {team.id: {agent: team.weights.get(agent, 1.0) for agent in team.agents} for team in teams}
        self.members = TeamMembers(weights=weights)

    def seat(self, asking: Collection[TeamId]) -> None:
        """Seat every agent who is there with one of the teams whose campaigns ask for agents."""
        there = [agent for agent in self._floor.agents.values() if agent.state is not AgentState.OFFLINE]
        kept = {agent.id for agent in there if agent.state in {AgentState.RESERVED, AgentState.RINGING}}
        self._kept_for = {agent: team for agent, team in self._kept_for.items() if agent in kept}
        names = [agent.id for agent in there]
        self.seated = self._seats.seat(names, self.members, asking, self._kept_for)

    def who_sits_with(self, team: TeamId) -> frozenset[str]:
        """The agents who sit with this team."""
        return frozenset(agent for agent, seat in self.seated.items() if seat == team)

    def heard(self, fact: CallFact) -> None:
        """Count whose customers an agent has talked with, so that teams have their parts of a shared one."""
        call = self._floor.calls.get(fact.attempt)
        if isinstance(fact, Connected) and call is not None:
            self._seats.talked(fact.agent, call.team)

    async def free_again(self, over: list[AgentOnFloor], promises: tuple[PromiseWork, ...]) -> None:
        """Let these agents work again.

        Where a promise is older than the callers who wait, its agent is kept from them from the start.
        """
        floor, app = self._floor, self._app
        due = deque(self.promises_in_turn(promises, over) if floor.callers and over else ())
        awaited = self._awaited()
        for agent in over:
            if agent.state is AgentState.WRAPPING_UP:
                self._pacers.wrapped_up(agent, app.clock())
                self.wrap_ups_s.append((app.clock() - agent.since).total_seconds())
            if agent.state in AWAY:
                theirs = next((each for each in due if self.members.serves(agent.id, each.team)), None)
                if theirs is not None:
                    due.remove(theirs)
                    self._kept_for[agent.id] = theirs.team
                reserve = theirs is not None or agent.id in awaited
                await self._roster.tell(floor.free(agent, app.clock(), reserve=reserve))

    def promises_in_turn(
        self, promises: Sequence[PromiseWork], also: Sequence[AgentOnFloor] = ()
    ) -> list[PromiseWork]:
        """The promises to ring now, in line with those on the line: each has an agent of its own.

        Whoever needs a team whose agents are all busy is passed by, and holds up nobody of another team.
        `also`: agents who are counted beside those who are free.
        """
        by_id = {promise.promise: promise for promise in promises}
        free = [*self._floor.in_state(AgentState.READY), *self._spare(), *also]
        inbound = self._app.database.policy.inbound_teams
        teams: dict[str, TeamId] = {
            caller.caller: inbound.get(caller.queue) for caller in self._floor.waiting()
        }
        left = self._left(free, {*teams.values(), *(each.team for each in promises)})
        found = []
        for person in in_order(self.in_line(tuple(promises))):
            team = teams.get(person.key) if person.promise is None else by_id[person.promise].team
            if left.take(team) and person.promise is not None:
                found.append(by_id[person.promise])
        return found

    def _left(self, agents: Iterable[AgentOnFloor], teams: Iterable[TeamId]) -> AgentsLeft:
        asked = {HOUSE, *teams}
        return AgentsLeft(self.members.served_by(agent.id, asked) for agent in agents)

    def soon_free(self, ahead: CallingAhead) -> list[AgentOnFloor]:
        """Who wraps up, is free within the lead whatever happens or most likely, and no call waits for.

        Nobody who plans to leave while the call may ring; who asked for longer is not guessed at.
        """
        now, awaited = self._app.clock(), self._awaited()
        rung_by = now + ahead.lead + timedelta(seconds=self._app.database.policy.ring_s)
        return [
            agent
            for agent in self._floor.in_state(AgentState.WRAPPING_UP)
            if agent.id not in awaited
            and (self._roster.wrap_up_ends(agent) <= now + ahead.lead or self._nearly_done(agent, ahead))
            and (agent.leave is None or agent.leave.at > rung_by)
        ]

    def _nearly_done(self, agent: AgentOnFloor, ahead: CallingAhead) -> bool:
        """Whether most wrap-ups that lasted so long were over when the customer wanted an agent."""
        if ahead.start is None or agent.longer:
            return False
        return agent.since + ahead.start <= self._app.clock()

    def expect(self, agent: AgentOnFloor, attempt: str) -> None:
        """This attempt is called for an agent who still wraps up."""
        self._coming[agent.id] = attempt

    def _awaited(self) -> frozenset[str]:
        """Agents who wrap up while a call for them is on its way."""
        calls = {call.attempt for call in self._floor.on_the_way()}
        self._coming = {
            name: attempt
            for name, attempt in self._coming.items()
            if attempt in calls and self._floor.agents[name].state is AgentState.WRAPPING_UP
        }
        return frozenset(self._coming)

    def _for_the_free(self) -> list[CallOnFloor]:
        """Calls on their way that need an agent who is free already, whoever that is."""
        awaited = {self._coming[agent] for agent in self._awaited()}
        return [
            call for call in self._floor.on_the_way() if call.kept_for is None and call.attempt not in awaited
        ]

    async def let_go(self) -> None:
        """Release the reserved agents that no call needs."""
        waited_for = {call.kept_for for call in self._floor.calls.values()}
        kept = self._floor.in_state(AgentState.RESERVED)
        unneeded = [agent for agent in kept if agent.alone and agent.id not in waited_for]
        for agent in (*unneeded, *self._spare()):
            # while the PBX was told of the one before, it may have said something else of this one
            if agent.state is AgentState.RESERVED:
                await self._roster.tell(self._floor.release(agent, self._app.clock()))

    async def secure(
        self, calls: int, *, team: TeamId = HOUSE, seated: bool = False, alone: bool = False
    ) -> list[AgentOnFloor]:
        """Agents of a team kept for so many outbound calls, or fewer: spare ones, then who is ready longest.

        Nobody who plans to leave while the call may still ring, and first those whom fewer teams share. All
        are asked for together, which takes as long as asking for one. `seated`: those alone who sit with this
        team. `alone`: for calls that nobody else can answer.
        """
        floor = self._floor

        def theirs(agent: AgentOnFloor) -> bool:
            sits = not seated or self.seated.get(agent.id, HOUSE) == team
            return sits and self.members.serves(agent.id, team)

        spare = [] if alone else [agent for agent in self._spare() if theirs(agent)][:calls]
        for agent in spare:
            self._kept_for[agent.id] = team
        rung_by = self._app.clock() + timedelta(seconds=self._app.database.policy.ring_s)
        settled = {self._coming[agent] for agent in self._awaited()} | self._with_their_agents()
        on_the_way = [call.team for call in floor.on_the_way() if call.attempt not in settled]
        left = self._left(floor.in_state(*FREE_STATES), {team, *on_the_way})
        for each in (*on_the_way, *(team for _ in spare)):
            left.take(each)
        ready = [agent for agent in floor.ready_beyond(rung_by) if theirs(agent)]
        ready.sort(key=lambda agent: len(self.members.served_by(agent.id, self.members.weights)))
        free = left.room(team, calls - len(spare))
        return spare + await self._keep(ready[:free], team, alone=alone)

    async def reserve(
        self, agent: AgentOnFloor, *, team: TeamId = HOUSE, alone: bool = False
    ) -> AgentOnFloor | None:
        """Keep this agent, and wait until the PBX says so; None where it does not."""
        kept = await self._keep([agent], team, alone=alone)
        return kept[0] if kept else None

    async def _keep(self, agents: Sequence[AgentOnFloor], team: TeamId, *, alone: bool) -> list[AgentOnFloor]:
        """Those of these ready agents whom the PBX says it keeps. Raises `LinkDown`."""
        now = self._app.clock()
        # decided for all of them before anything is awaited, while each of them is ready
        commands = [self._floor.reserve(agent, now, alone=alone) for agent in agents]
        self._kept_for |= {agent.id: team for agent in agents}
        answers = await asyncio.gather(*map(self._is_kept, agents, commands), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return [agent for agent, kept in zip(agents, answers, strict=True) if kept]

    async def _is_kept(self, agent: AgentOnFloor, commands: tuple[PbxCommand, ...]) -> bool:
        floor = self._floor
        if await self._roster.tell(commands):
            with suppress(TimeoutError):
                async with asyncio.timeout(KEPT_WITHIN_S):
                    while agent.state is AgentState.RESERVED and not floor.is_kept(agent):
                        await self._next_fact()
        if floor.is_kept(agent):
            return True
        floor.give_up(agent)
        return False

    def _with_their_agents(self) -> frozenset[str]:
        """Calls whose agent is on the line already, and free for nobody, while the customer is rung."""
        agents = self._floor.agents
        return frozenset(
            call.attempt
            for call in self._floor.on_the_way()
            if call.kept_for in agents and agents[call.kept_for].state not in FREE_STATES
        )

    def facts_folded(self) -> None:
        """Wake whoever waits for the floor to change."""
        self._folded.set()

    async def _next_fact(self) -> None:
        self._folded.clear()
        await self._folded.wait()

    def _spare(self) -> list[AgentOnFloor]:
        """Reserved agents that no call on its way needs."""
        kept = [agent for agent in self._floor.in_state(AgentState.RESERVED) if not agent.alone]
        calls = self._for_the_free()
        teams = {HOUSE, *(call.team for call in calls)}
        left = self._left(kept, teams)
        for call in calls:
            left.take(call.team)
        return [agent for agent in kept if left.give_up(self.members.served_by(agent.id, teams))]

    def free_agents(self, team: TeamId = HOUSE) -> int:
        """Agents for whom a campaign of this team may decide something now.

        Those who sit with it and are ready, or are kept and no call needs them.
        """
        free = (*self._floor.in_state(AgentState.READY), *self._spare())
        return sum(self.seated.get(agent.id, HOUSE) == team for agent in free)

    def in_line(self, promises: tuple[PromiseWork, ...]) -> list[Person]:
        """Live callers and due promises, as one line."""
        people = [
            Person(key=caller.caller, virtual_join=caller.joined_at) for caller in self._floor.waiting()
        ]
        people += [
            Person(key=f"promise-{due.promise}", virtual_join=due.virtual_join, promise=due.promise)
            for due in promises
        ]
        return people
