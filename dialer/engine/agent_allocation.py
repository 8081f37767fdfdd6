"""Who is free, and for what: agents come back, are kept for a call, and are let go again.

Live callers and due promises stand in one line by the moment they joined. An agent who is kept for an
outbound call is passed by for live callers, and counts as kept only once the PBX itself says so.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from callbacks.queue_position import Person, promises_in_turn
from dialer.bootstrap import App
from dialer.core.agents.floor import AgentOnFloor, FloorState
from dialer.core.agents.pbx_commands import PbxCommand
from dialer.core.agents.state import AgentState
from dialer.engine.pacer_registry import PacerRegistry
from dialer.engine.roster import AWAY, Roster
from dialer.services.calls.next_calls import PromiseWork

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

    async def free_again(self, over: list[AgentOnFloor], promises: tuple[PromiseWork, ...]) -> None:
        """Let these agents work again.

        Where a promise is older than the callers who wait, its agent is kept from them from the start.
        """
        floor, app = self._floor, self._app
        free = self.free_agents() + len(over)
        keep = len(promises_in_turn(self.in_line(promises), free)) if floor.callers else 0
        awaited = self._awaited()
        for index, agent in enumerate(over):
            if agent.state is AgentState.WRAPPING_UP:
                self._pacers.wrapped_up(agent, app.clock())
            if agent.state in AWAY:
                reserve = index < keep or agent.id in awaited
                await self._roster.tell(floor.free(agent, app.clock(), reserve=reserve))

    def soon_free(self, lead: timedelta) -> list[AgentOnFloor]:
        """Who wraps up, is free within `lead` whatever happens, and whom no call on its way waits for.

        Nobody who plans to leave while the call may still ring.
        """
        now, awaited = self._app.clock(), self._awaited()
        rung_by = now + lead + timedelta(seconds=self._app.database.policy.ring_s)
        return [
            agent
            for agent in self._floor.in_state(AgentState.WRAPPING_UP)
            if agent.id not in awaited
            and self._roster.wrap_up_ends(agent) <= now + lead
            and (agent.leave is None or agent.leave.at > rung_by)
        ]

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

    def _for_the_free(self) -> int:
        """Calls on their way that need an agent who is free already, whoever that is."""
        common = sum(call.kept_for is None for call in self._floor.on_the_way())
        return common - len(self._awaited())

    async def let_go(self) -> None:
        """Release the reserved agents that no call needs."""
        waited_for = {call.kept_for for call in self._floor.calls.values()}
        kept = self._floor.in_state(AgentState.RESERVED)
        unneeded = [agent for agent in kept if agent.alone and agent.id not in waited_for]
        for agent in (*unneeded, *self._spare()):
            # while the PBX was told of the one before, it may have said something else of this one
            if agent.state is AgentState.RESERVED:
                await self._roster.tell(self._floor.release(agent, self._app.clock()))

    async def secure(self, calls: int, *, alone: bool = False) -> list[AgentOnFloor]:
        """Agents kept for so many outbound calls, or fewer: spare ones, then those ready for longest.

        Nobody who plans to leave while the call may still ring. All are asked for together, which takes as
        long as asking for one. `alone`: whom nobody else can reach.
        """
        floor = self._floor
        spare = [] if alone else self._spare()[:calls]
        rung_by = self._app.clock() + timedelta(seconds=self._app.database.policy.ring_s)
        on_the_way = len(floor.on_the_way()) - len(self._awaited()) - self._with_their_agents()
        free = len(floor.in_state(*FREE_STATES)) - on_the_way - len(spare)
        ready = floor.ready_beyond(rung_by)[: max(0, min(calls - len(spare), free))]
        return spare + await self._keep(ready, alone=alone)

    async def reserve(self, agent: AgentOnFloor, *, alone: bool = False) -> AgentOnFloor | None:
        """Keep this agent, and wait until the PBX says so; None where it does not."""
        kept = await self._keep([agent], alone=alone)
        return kept[0] if kept else None

    async def _keep(self, agents: Sequence[AgentOnFloor], *, alone: bool) -> list[AgentOnFloor]:
        """Those of these ready agents whom the PBX says it keeps. Raises `LinkDown`."""
        now = self._app.clock()
        # decided for all of them before anything is awaited, while each of them is ready
        commands = [self._floor.reserve(agent, now, alone=alone) for agent in agents]
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

    def _with_their_agents(self) -> int:
        """Calls whose agent is on the line already, and free for nobody, while the customer is rung."""
        kept = (self._floor.agents.get(call.kept_for or "") for call in self._floor.on_the_way())
        return sum(agent is not None and agent.state not in FREE_STATES for agent in kept)

    def facts_folded(self) -> None:
        """Wake whoever waits for the floor to change."""
        self._folded.set()

    async def _next_fact(self) -> None:
        self._folded.clear()
        await self._folded.wait()

    def _spare(self) -> list[AgentOnFloor]:
        """Reserved agents that no call on its way needs."""
        kept = [agent for agent in self._floor.in_state(AgentState.RESERVED) if not agent.alone]
        return kept[: max(0, len(kept) - self._for_the_free())]

    def free_agents(self) -> int:
        """Agents for whom something may be decided now: ready ones, and kept ones that no call needs."""
        return len(self._floor.in_state(AgentState.READY)) + len(self._spare())

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
