"""Calls back that ring their agent first, by the policy of the queue they were promised in.

The agent hears who is to be called and why, and only then the permit is asked and the customer rung. Whatever
becomes of the customer's side, the agent is free for the next a moment later: there was no talk to wrap up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from callbacks.ivr_words import Prompt
from callbacks.offer_policy import FirstLeg
from dialer.bootstrap import App, agent_lines
from dialer.engine.agent_allocation import AgentAllocator
from dialer.engine.call_placer import CallPlacer, Placing
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import PromiseWork
from dialer.services.promises.agent_first import brief_of, first_agent_of
from telephony import errors
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()


def rings_agent_first(app: App, work: PromiseWork) -> bool:
    """Whether this promise's queue has its agents rung before its customers."""
    return app.database.policy.offer_policy(work.asked_in).first_leg is FirstLeg.AGENT


async def ring_agents(
    leadership: Leadership, works: Sequence[PromiseWork], agents: AgentAllocator, calls: CallPlacer
) -> None:
    """Ring these promises in their order, each with an agent whom nobody else reaches meanwhile."""
    for work in works:
        kept = await agents.secure(1, team=work.team, alone=True)
        if not kept:
            return
        placing = Placing(work=work, campaign=None, agent=kept[0], alone=True, agent_first=True)
        await calls.place(leadership, [placing])


def make_first_agent(app: App) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that says which telephone is rung first; with none the call ends."""

    async def first_agent(session: AgiSession) -> None:
        attempt = session.request.extension
        agent = None
        if session.request.unique_id == f"{attempt};2":
            agent = await asyncio.to_thread(first_agent_of, app.database, attempt)
        line = next((each for each in agent_lines(app.settings) if each.id == agent), None)
        if line is None:
            log.warning("no_agent_to_ring_first", attempt_id=attempt, agent=agent)
            await session.set_variable("WB_RULE", "no-agent")
            return
        await session.set_variable("WB_AGENT", line.called)
        await session.set_variable("WB_DEVICE", line.interface)

    return first_agent


def make_brief(app: App) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that tells the agent who is to be called: nothing hangs on it."""

    async def brief(session: AgiSession) -> None:
        found = await asyncio.to_thread(brief_of, app.database, session.request.unique_id, app.clock())
        if found is None:
            return
        with suppress(errors.HungUp):
            await session.play(Prompt.BRIEF)
            await session.say_number(max(1, round(found.waited.total_seconds() / 60)))
            await session.play(Prompt.MINUTES)
            if found.recording is not None:
                await session.play(found.recording)

    return brief
