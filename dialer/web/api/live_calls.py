"""Live callers' calls: what came of them, and who it was, as JSON."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel

from dialer.services.agents.corrections import TakenBack
from dialer.services.agents.live_calls import RecordedLiveDisposition
from dialer.web import agent_actions
from dialer.web.access.asked import Asking
from dialer.web.api.agents import themselves
from dialer.web.dependencies import AtFront
from dialer.web.routers import api_router
from dialer.web.schemas import ChannelId, ClosingInput, LinkInput, LiveDispositionInput

router = api_router(tag="agents")


class LinkedCaller(BaseModel):
    """Who a live caller is, as the agent said; `customer` null: nobody whom we know."""

    caller: str
    customer: int | None


@router.post("/inbound-calls/{caller}/disposition")
def dispose_of_live_call(
    caller: Annotated[ChannelId, Path()], form: LiveDispositionInput, deps: AtFront, visitor: Asking
) -> RecordedLiveDisposition:
    """Write down what came of a live caller's call; `caller` is the unique id of its channel."""
    themselves(visitor, form.agent)
    return agent_actions.take_live_disposition(deps, form.agent, caller, form)


@router.post("/inbound-calls/{caller}/correction")
def correct_live_call(
    caller: Annotated[ChannelId, Path()], form: LiveDispositionInput, deps: AtFront, visitor: Asking
) -> RecordedLiveDisposition:
    """Say another word instead, until midnight: audited, and what followed from the first one is undone."""
    themselves(visitor, form.agent)
    return agent_actions.take_live_correction(deps, form.agent, caller, form)


@router.post("/inbound-calls/{caller}/undo")
def undo_live_call(
    caller: Annotated[ChannelId, Path()], form: ClosingInput, deps: AtFront, visitor: Asking
) -> TakenBack:
    """Take a word back, until midnight: it is due again, and its note waits as typed."""
    themselves(visitor, form.agent)
    return agent_actions.take_live_undo(deps, form.agent, caller)


@router.post("/inbound-calls/{caller}/customer")
def link_live_caller(
    caller: Annotated[ChannelId, Path()], form: LinkInput, deps: AtFront, visitor: Asking
) -> LinkedCaller:
    """Say which customer a live caller is, until the word is in; null takes a slip off again."""
    themselves(visitor, form.agent)
    agent_actions.take_link(deps, form.agent, caller, form)
    return LinkedCaller(caller=caller, customer=form.customer)
