"""Agents and what came of their calls, as JSON."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from dialer.core.access.visitor import Visitor
from dialer.services.agents import agents
from dialer.services.agents.agents import AgentCard, AgentToday
from dialer.services.agents.closing_signals import SaidClosing
from dialer.services.agents.contacts import AgentWords, agent_words
from dialer.services.agents.corrections import TakenBack
from dialer.services.agents.dispositions import RecordedDisposition
from dialer.web import agent_actions
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import RequestError, not_found
from dialer.web.routers import api_router
from dialer.web.schemas import (
    AgentId,
    AttemptId,
    ClosingInput,
    DirectionInput,
    DispositionInput,
    LeaveInput,
    ListenInput,
    PreviewInput,
    WishInput,
)

router = api_router(tag="agents")

ACTOR = "api"


class AskedAnswer(BaseModel):
    """What the engine will do, as soon as no customer is in the way."""

    agent: str
    asked: str


@router.get("/agents")
def list_agents(deps: AtFront, visitor: Asking) -> tuple[AgentToday, ...]:
    """Every agent as last seen, what they plan, and what they said last today; of your teams alone."""
    found = agents.list_agents(deps.database, deps.now())
    return tuple(agent for agent in found if visitor.may_see(agent.id))


@router.get("/agents/{agent}")
def show_agent(agent: Annotated[AgentId, Path()], deps: AtFront) -> AgentCard:
    """State, the call at hand or the last one, the customer and why this call."""
    card = agents.agent_card(deps.database, agent, language=deps.language(agent))
    if card is None:
        raise not_found("agent")
    return card


@router.post("/agents/{agent}/wish")
def wish(agent: Annotated[AgentId, Path()], form: WishInput, deps: AtFront) -> AskedAnswer:
    """Ask to go on, to have longer for the wrap-up, or to log in."""
    agent_actions.take_wish(deps, agent, form)
    return AskedAnswer(agent=agent, asked=form.wish)


@router.post("/agents/{agent}/leave")
def leave(agent: Annotated[AgentId, Path()], form: LeaveInput, deps: AtFront) -> AskedAnswer:
    """Plan a pause or the end of work, or stay; a customer who is being talked with is not cut off."""
    agent_actions.take_leave(deps, agent, form)
    return AskedAnswer(agent=agent, asked=form.kind)


@router.post("/agents/{agent}/direction")
def direct(
    agent: Annotated[AgentId, Path()], form: DirectionInput, deps: AtFront, visitor: Asking
) -> AskedAnswer:
    """Pause, resume or log out an agent as a supervisor: audited, and said on the agent's page."""
    agent_actions.take_direction(deps, agent, form, visitor.actor(ACTOR))
    return AskedAnswer(agent=agent, asked=form.act)


@router.post("/agents/{agent}/listen")
def listen(
    agent: Annotated[AgentId, Path()], form: ListenInput, deps: AtFront, visitor: Asking
) -> AskedAnswer:
    """Have your phone rung and put on the agent's call, to listen, whisper or join in: audited."""
    agent_actions.take_listening(deps, agent, form, visitor, visitor.actor(ACTOR))
    return AskedAnswer(agent=agent, asked=form.mode.value)


@router.post("/agents/{agent}/preview")
def preview(agent: Annotated[AgentId, Path()], form: PreviewInput, deps: AtFront) -> AskedAnswer:
    """Call or skip the customer the agent reads about."""
    agent_actions.take_preview(deps, agent, form)
    return AskedAnswer(agent=agent, asked=form.act)


@router.post("/attempts/{attempt}/closing")
def close(
    attempt: Annotated[AttemptId, Path()], form: ClosingInput, deps: AtFront, visitor: Asking
) -> SaidClosing:
    """Say that this talk, or the wrap-up after it, is about to end; pacing counts on the agent sooner."""
    themselves(visitor, form.agent)
    return agent_actions.take_closing(deps, form.agent, attempt)


@router.get("/agents/{agent}/words")
def show_words(agent: Annotated[AgentId, Path()], deps: AtFront) -> AgentWords:
    """Talks of which the agent has still to say what came of them, and what they said today, with notes."""
    if agents.agent_card(deps.database, agent) is None:
        raise not_found("agent")
    return agent_words(deps.database, agent, deps.now())


@router.post("/attempts/{attempt}/disposition")
def dispose(
    attempt: Annotated[AttemptId, Path()], form: DispositionInput, deps: AtFront, visitor: Asking
) -> RecordedDisposition:
    """Write down what came of a call. A moment without an offset is on the customer's own clock."""
    themselves(visitor, form.agent)
    return agent_actions.take_disposition(deps, form.agent, attempt, form)


@router.post("/attempts/{attempt}/correction")
def correct(
    attempt: Annotated[AttemptId, Path()], form: DispositionInput, deps: AtFront, visitor: Asking
) -> RecordedDisposition:
    """Say another word instead, until midnight: audited, and what followed from the first one is undone."""
    themselves(visitor, form.agent)
    return agent_actions.take_correction(deps, form.agent, attempt, form)


@router.post("/attempts/{attempt}/undo")
def undo(
    attempt: Annotated[AttemptId, Path()], form: ClosingInput, deps: AtFront, visitor: Asking
) -> TakenBack:
    """Take a word back, until midnight: it is due again, and its note waits as typed."""
    themselves(visitor, form.agent)
    return agent_actions.take_undo(deps, form.agent, attempt)


def themselves(visitor: Visitor, agent: str) -> None:
    """Raises `RequestError` for any other: what a talk came to is said by who had it."""
    if not visitor.is_agent(agent):
        raise RequestError("role.not-enough", "You are not this agent.", status=403)
