"""The part of an agent's page that is about a live caller: who it is, and what came of the call."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.web import agent_actions
from dialer.web.dependencies import AtFront
from dialer.web.errors import RequestError
from dialer.web.form_faults import shown_again
from dialer.web.pages.agents import agent_page, must_be_known, typed_in, words_again
from dialer.web.routers import page_router
from dialer.web.schemas import (
    AgentId,
    LinkForm,
    LiveDispositionForm,
    LiveDraftForm,
    LiveUndoForm,
    LookForForm,
)

router = page_router()


@router.post("/agents/{agent}/inbound")
@shown_again(words_again)
def dispose_of_live_call(
    request: Request, agent: AgentId, form: Annotated[LiveDispositionForm, Form()], deps: AtFront
) -> Response:
    """Write down what came of a live caller's call; a refusal shows the page again with what was typed."""
    must_be_known(deps, agent)
    try:
        agent_actions.take_live_disposition(deps, agent, form.attempt, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault, typed={form.attempt: typed_in(form)})
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/inbound/correction")
@shown_again(words_again)
def correct_live_call(
    request: Request, agent: AgentId, form: Annotated[LiveDispositionForm, Form()], deps: AtFront
) -> Response:
    """Say another word instead; a refusal shows the page again with the rule and what was typed."""
    must_be_known(deps, agent)
    try:
        agent_actions.take_live_correction(deps, agent, form.attempt, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault, typed={form.attempt: typed_in(form)})
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/inbound/undo")
def undo_live_call(
    request: Request, agent: AgentId, form: Annotated[LiveUndoForm, Form()], deps: AtFront
) -> Response:
    """Take back what was said of a live caller's call."""
    try:
        agent_actions.take_live_undo(deps, agent, form.attempt)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/inbound/draft", status_code=204)
def draft_live_call(agent: AgentId, form: Annotated[LiveDraftForm, Form()], deps: AtFront) -> Response:
    """Keep what is being typed; the page sends it after a pause."""
    agent_actions.take_live_draft(deps, agent, form)
    return Response(status_code=204)


@router.post("/agents/{agent}/inbound/search")
def look_for_caller(
    request: Request, agent: AgentId, form: Annotated[LookForForm, Form()], deps: AtFront
) -> Response:
    """Customers whom the live caller may be; a post keeps names and numbers out of logs."""
    try:
        people = agent_actions.find_for_caller(deps, agent, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return agent_page(request, deps, agent, found=(form.who, people))


@router.post("/agents/{agent}/inbound/link")
def link_live_caller(
    request: Request, agent: AgentId, form: Annotated[LinkForm, Form()], deps: AtFront
) -> Response:
    """Say which customer the live caller is, or take a slip off again."""
    try:
        agent_actions.take_link(deps, agent, form.attempt, form)
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)
