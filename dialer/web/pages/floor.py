"""The floor: who needs somebody, squares of agents by team, and what a supervisor can do about each."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Final

from fastapi import Form, Header, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.access.visitor import EVERYBODY, Visitor
from dialer.core.dashboard.floor import Floor, changes_between, within_reach
from dialer.core.dashboard.view import Dashboard
from dialer.core.organisation.house_words import label_of
from dialer.services.agents.agents import agent_card, agent_today
from dialer.services.agents.my_day import write_note
from dialer.services.dashboard.floor import NumberedFloor
from dialer.web import agent_actions
from dialer.web.access.asked import Asking, shown_to
from dialer.web.dashboard_stream import as_event
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError, not_found
from dialer.web.floor_words import in_words
from dialer.web.form_faults import shown_again
from dialer.web.pages.agents import write_leave, write_state
from dialer.web.pages.dashboard import stream_events
from dialer.web.person_inputs import CoachNoteInput
from dialer.web.routers import page_router
from dialer.web.schemas import AgentId, DirectionInput, FloorQuery, ListenInput

router = page_router()

ACTOR: Final = "manager's page"


@router.get("/agents")
def show_floor(
    request: Request, deps: AtFront, visitor: Asking, asked: Annotated[FloorQuery, Query()]
) -> Response:
    """Who needs somebody first, then every agent by team; a name or a team narrows it."""
    dashboard = deps.read_dashboard()
    numbered = look_at_floor(deps, dashboard)
    floor = in_words(within_reach(numbered.floor, visitor.agents, visitor.teams))
    wanted = asked.who.casefold()
    return deps.page(
        request,
        "floor.html",
        {
            "number": numbered.number,
            "floor": floor,
            "asked": asked,
            "shown": {
                team.id: [
                    square
                    for square in floor.squares
                    if square.team == team.id
                    and asked.team in {None, team.id}
                    and wanted in square.name.casefold()
                ]
                for team in floor.teams
            },
        },
    )


@router.get("/agents/-/events")
async def send_changes(
    request: Request,
    deps: AtFront,
    visitor: Asking,
    since: Annotated[str, Query(max_length=40)] = "",
    last_event_id: Annotated[str, Header(max_length=40)] = "",
) -> Response:
    """What changed on the floor since the one of this number; everything where that is not known here."""
    return stream_events(request, deps, _changes(deps, visitor, last_event_id or since))


async def _changes(deps: Dependencies, visitor: Visitor, number: str) -> AsyncIterator[str]:
    known = deps.floor.known(number)
    before = None if known is None else within_reach(known, visitor.agents, visitor.teams)
    async for dashboard, text in deps.dashboards.dashboards():
        if dashboard is None:
            yield as_event(text)
            continue
        numbered = await asyncio.to_thread(look_at_floor, deps, dashboard)
        after: Floor = within_reach(numbered.floor, visitor.agents, visitor.teams)
        changes = changes_between(before, after, dashboard.now)
        before = after
        yield as_event(in_words(changes).model_dump_json(exclude_defaults=True), number=numbered.number)


def look_at_floor(deps: Dependencies, dashboard: Dashboard) -> NumberedFloor:
    """The floor at a dashboard's moment, by the organisation and limits in force."""
    return deps.floor.look(dashboard, deps.organisation, deps.settings.web.floor)


@router.get("/agents/{agent}/panel")
def show_panel(request: Request, agent: AgentId, deps: AtFront) -> Response:
    """One agent: what they do, what they ask for, and what a supervisor can do about it."""
    return _panel(request, deps, agent)


def panel_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    """The panel once more where a form of it was not understood, with what was typed."""
    fault = RequestError("input.invalid", next(iter(wrong.values())), status=422)
    return _panel(request, deps, request.path_params["agent"], fault=fault, typed=typed)


@router.post("/agents/{agent}/direction")
@shown_again(panel_again)
def direct(
    request: Request, agent: AgentId, form: Annotated[DirectionInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """A supervisor pauses, resumes or logs out an agent, or tells them something."""
    try:
        agent_actions.take_direction(deps, agent, form, visitor.actor(ACTOR))
    except RequestError as fault:
        return _panel(request, deps, agent, fault=fault, typed={"why": form.why})
    return RedirectResponse(f"/agents/{agent}/panel", 303)


@router.post("/agents/{agent}/listen")
@shown_again(panel_again)
def listen(
    request: Request, agent: AgentId, form: Annotated[ListenInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Have a supervisor's phone rung and put on the agent's call."""
    try:
        agent_actions.take_listening(deps, agent, form, visitor, visitor.actor(ACTOR))
    except RequestError as fault:
        return _panel(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}/panel", 303)


@router.post("/agents/{agent}/note")
@shown_again(panel_again)
def write(
    request: Request, agent: AgentId, form: Annotated[CoachNoteInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """A supervisor writes to an agent about their work."""
    del request  # shown again by its form's page where the note was not understood
    if not write_note(deps.database, agent, form.words, visitor.actor(ACTOR), deps.now()):
        raise not_found("agent")
    return RedirectResponse(f"/agents/{agent}/panel", 303)


def _panel(
    request: Request,
    deps: Dependencies,
    agent: str,
    *,
    fault: RequestError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    seen = agent_today(deps.database, agent, deps.now())
    card = agent_card(deps.database, agent, language=deps.reading())
    if seen is None or card is None:
        raise not_found("agent")
    teams = deps.organisation.teams_of(agent)
    return deps.page(
        request,
        "floor_panel.html",
        {
            "agent": seen,
            "card": card,
            "state": write_state(seen.state, seen.reason, seen.missed),
            "label": partial(label_of, deps.organisation.dispositions),
            "leave": write_leave(seen.leave, deps.now(), deps.settings.queues.zone),
            "teams": [team.name or team.id for team in teams],
            "pauses": deps.settings.pause_reasons,
            "requests": [each for each in deps.read_dashboard().offer_requests if each.agent == agent]
            if shown_to(request).may_direct(agent)
            else [],
            "listening": deps.settings.web.floor.listening,
            "phones": [
                line for line in deps.settings.agents if (line.phone or line.headset) and line.id != agent
            ]
            if shown_to(request) is EVERYBODY
            else (),
            "fault": fault,
            "typed": typed or {},
        },
        status=fault.status if fault else 200,
    )
