"""Agents' own promises in a turn: rung for their owner, left for a moment, or handed on to the team."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.ownership import OwnerSeen, OwnersTurn, turn_of
from dialer.core.agents.state import AgentState
from dialer.engine.agent_allocation import AgentAllocator
from dialer.engine.call_placer import CallPlacer, Placing
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import PromiseWork
from dialer.services.promises.owners import hand_on

log = structlog.get_logger()


class OwnedPromises:
    """The due promises that one agent is to keep, on one PBX."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor

    async def look(self, due: Sequence[PromiseWork]) -> tuple[PromiseWork, ...]:
        """The promises that may be rung now, in their order: everybody's, and those whose owner is ready.

        One whose owner is away is handed on, and everybody's from now on. Of several of one owner the first
        is rung.
        """
        found: list[PromiseWork] = []
        taken: set[str] = set()
        for work in due:
            if work.owner is None:
                found.append(work)
                continue
            turn = self._turn(work, work.owner)
            if turn is OwnersTurn.HAND_ON and await self._hand_on(work):
                found.append(replace(work, owner=None))
            elif turn is OwnersTurn.RING and work.owner not in taken:
                taken.add(work.owner)
                own_queue = self._app.settings.pbx.names.own_queue(work.owner)
                found.append(replace(work, queue=own_queue))
        return tuple(found)

    async def ring(
        self,
        leadership: Leadership,
        turns: Sequence[PromiseWork],
        agents: AgentAllocator,
        calls: CallPlacer,
    ) -> None:
        """Ring these, each for its owner and nobody else."""
        for work in turns:
            agent = self._floor.agents.get(work.owner or "")
            if agent is None or agent.state is not AgentState.READY:
                continue  # somebody was faster: the next turn looks again
            if await agents.reserve(agent, alone=True) is not None:
                await calls.place(leadership, [Placing(work=work, campaign=None, agent=agent, alone=True)])

    def _turn(self, work: PromiseWork, owner: str) -> OwnersTurn:
        now = self._app.clock()
        agent = self._floor.agents.get(owner)
        seen = None
        if agent is not None:
            leaves_at = agent.leave.at if agent.leave is not None else None
            seen = OwnerSeen(state=agent.state, since=agent.since, leaves_at=leaves_at)
        return turn_of(seen, due_at=work.due_at or now, ring=timedelta(seconds=work.ring_s), now=now)

    async def _hand_on(self, work: PromiseWork) -> bool:
        app, agent = self._app, self._floor.agents.get(work.owner or "")
        why = agent.state.value if agent is not None else AgentState.OFFLINE.value
        done = await asyncio.to_thread(
            hand_on, app.database, work.promise, app.settings.pbx.name, why, app.clock()
        )
        if done:
            log.info("promise_handed_on", promise=work.promise, owner=work.owner, why=why)
        return done
