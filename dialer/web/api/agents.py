"""Agents and what came of their calls, as JSON."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from dialer.services import agents
from dialer.services.agents import AgentCard, AgentSeen
from dialer.services.dispositions import Recorded, record_disposition
from dialer.web.faults import not_found, passed
from dialer.web.front import AtFront
from dialer.web.inputs import AgentId, AttemptId, DispositionInput, WishInput, on_customers_clock

router = APIRouter(tags=["agents"])


class WishAnswer(BaseModel):
    """What the engine will be asked to do."""

    agent: str
    wish: str


@router.get("/agents")
def list_agents(front: AtFront) -> tuple[AgentSeen, ...]:
    """Every agent as last seen."""
    return agents.list_agents(front.book)


@router.get("/agents/{agent}")
def show_agent(agent: Annotated[AgentId, Path()], front: AtFront) -> AgentCard:
    """State, the call at hand or the last one, the customer and why this call."""
    card = agents.agent_card(front.book, agent, front.now(), language=front.language(agent))
    if card is None:
        raise not_found("agent")
    return card


@router.post("/agents/{agent}/wish")
def wish(agent: Annotated[AgentId, Path()], form: WishInput, front: AtFront) -> WishAnswer:
    """Ask for a pause, or to go on; the engine does it as soon as no call is at hand."""
    if not agents.wish(front.book, agent, form.wish, form.reason):
        raise not_found("agent")
    return WishAnswer(agent=agent, wish=form.wish)


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
