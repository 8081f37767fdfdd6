"""Agents and what came of their calls, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from dialer.services import agents
from dialer.services.agents import AgentCard, AgentToday
from dialer.services.closings import SaidClosing
from dialer.services.dispositions import Recorded, record_disposition
from dialer.web import shifts
from dialer.web.faults import not_found, passed
from dialer.web.front import AtFront
from dialer.web.inputs import (
    AgentId,
    AttemptId,
    ClosingInput,
    DirectionInput,
    DispositionInput,
    LeaveInput,
    PreviewInput,
    WishInput,
    on_customers_clock,
)

router = APIRouter(tags=["agents"])

ACTOR = "api"


class Asked(BaseModel):
    """What the engine will do, as soon as no customer is in the way."""

    agent: str
    asked: str


@router.get("/agents")
def list_agents(front: AtFront) -> tuple[AgentToday, ...]:
    """Every agent as last seen, what they plan, and what they said last today."""
    return agents.list_agents(front.book, front.now())


@router.get("/agents/{agent}")
def show_agent(agent: Annotated[AgentId, Path()], front: AtFront) -> AgentCard:
    """State, the call at hand or the last one, the customer and why this call."""
    card = agents.agent_card(front.book, agent, front.now(), language=front.language(agent))
    if card is None:
        raise not_found("agent")
    return card


@router.post("/agents/{agent}/wish")
def wish(agent: Annotated[AgentId, Path()], form: WishInput, front: AtFront) -> Asked:
    """Ask to go on, to have longer for the wrap-up, or to log in."""
    shifts.take_wish(front, agent, form)
    return Asked(agent=agent, asked=form.wish)


@router.post("/agents/{agent}/leave")
def leave(agent: Annotated[AgentId, Path()], form: LeaveInput, front: AtFront) -> Asked:
    """Plan a pause or the end of work, or stay; a customer who is being talked with is not cut off."""
    shifts.take_leave(front, agent, form)
    return Asked(agent=agent, asked=form.kind)


@router.post("/agents/{agent}/direction")
def direct(agent: Annotated[AgentId, Path()], form: DirectionInput, front: AtFront) -> Asked:
    """Pause, resume or log out an agent as a supervisor: audited, and said on the agent's page."""
    shifts.take_direction(front, agent, form, ACTOR)
    return Asked(agent=agent, asked=form.act)


@router.post("/agents/{agent}/preview")
def preview(agent: Annotated[AgentId, Path()], form: PreviewInput, front: AtFront) -> Asked:
    """Call or skip the customer the agent reads about."""
    shifts.take_preview(front, agent, form)
    return Asked(agent=agent, asked=form.act)


@router.post("/attempts/{attempt}/closing")
def close(attempt: Annotated[AttemptId, Path()], form: ClosingInput, front: AtFront) -> SaidClosing:
    """Say that this talk, or the wrap-up after it, is about to end; pacing counts on the agent sooner."""
    return shifts.take_closing(front, form.agent, attempt)


@router.post("/attempts/{attempt}/disposition")
def dispose(attempt: Annotated[AttemptId, Path()], form: DispositionInput, front: AtFront) -> Recorded:
    """Write down what came of a call. A moment without an offset is on the customer's own clock."""
    card = agents.agent_card(front.book, form.agent, front.now())
    zones = card.call.zones if card is not None and card.call and card.call.attempt == attempt else ()
    recorded = passed(
        record_disposition(
            front.book,
            form.agent,
            attempt,
            form.disposition,
            form.note,
            on_customers_clock(form.call_again_at, zones),
            front.now(),
        )
    )
    front.live.ring()
    return recorded
