"""The part of an agent's page that is about the person in talk, and the agent's own day."""

from typing import Annotated

from fastapi import Form, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from dialer.services.agents.my_day import my_day, read_note
from dialer.services.agents.person_history import remember_person, set_contact_reason, show_number
from dialer.services.analytics.contact_reasons import REPORTED, report_reasons
from dialer.services.promises.spoken_reason import spoken_reason
from dialer.web.dependencies import AtFront
from dialer.web.errors import RequestError, not_found, passed
from dialer.web.pages.agents import agent_page, must_be_known
from dialer.web.person_inputs import CallInput, ReadNoteInput, ReasonInput, RememberInput
from dialer.web.routers import page_router
from dialer.web.schemas import AgentId, ChannelId

router = page_router()


@router.post("/agents/{agent}/remember", status_code=204)
def remember(agent: AgentId, form: Annotated[RememberInput, Form()], deps: AtFront) -> Response:
    """Keep a line about the customer in talk; the page sends it as soon as the field is left."""
    call, rang_in = form.call()
    passed(remember_person(deps.database, agent, call, form.words, deps.now(), rang_in=rang_in))
    return Response(status_code=204)


@router.post("/agents/{agent}/reason")
def say_reason(
    request: Request, agent: AgentId, form: Annotated[ReasonInput, Form()], deps: AtFront
) -> Response:
    """Say why the call came about."""
    call, rang_in = form.call()
    try:
        passed(set_contact_reason(deps.database, agent, call, form.reason, deps.now(), rang_in=rang_in))
    except RequestError as fault:
        return agent_page(request, deps, agent, fault=fault)
    return RedirectResponse(f"/agents/{agent}", 303)


@router.post("/agents/{agent}/number")
def show_whole_number(agent: AgentId, form: Annotated[CallInput, Form()], deps: AtFront) -> Response:
    """The whole number of the person in talk, audited."""
    call, rang_in = form.call()
    number = passed(show_number(deps.database, agent, call, deps.now(), rang_in=rang_in))
    return JSONResponse({"number": number})


@router.get("/agents/{agent}/calls/{call}/reason.wav")
def play_reason(agent: AgentId, call: ChannelId, deps: AtFront) -> Response:
    """What the customer in talk said of their reason, audited; there to be heard, and in no cache."""
    sounds = deps.settings.sound.folder
    file = passed(spoken_reason(deps.database, agent, call, sounds, deps.now()))
    if file is None:
        raise not_found("recording on this machine")
    return FileResponse(file, media_type="audio/wav")


@router.get("/agents/{agent}/day")
def show_day(request: Request, agent: AgentId, deps: AtFront) -> Response:
    """The agent's own day, as a part of their page."""
    must_be_known(deps, agent)
    return deps.page(
        request, "my_day.html", {"agent": agent, "day": my_day(deps.database, agent, deps.now())}
    )


@router.post("/agents/{agent}/note-read")
def mark_read(agent: AgentId, form: Annotated[ReadNoteInput, Form()], deps: AtFront) -> Response:
    """The agent has read the coach's note."""
    if not read_note(deps.database, agent, form.note, deps.now()):
        raise not_found("note")
    return RedirectResponse(f"/agents/{agent}/day", 303)


@router.get("/reasons")
def show_reasons(request: Request, deps: AtFront) -> Response:
    """Why customers and the centre talk, as agents said."""
    found = report_reasons(deps.database, deps.now())
    return deps.page(request, "reasons.html", {"reasons": found, "days": REPORTED.days})
