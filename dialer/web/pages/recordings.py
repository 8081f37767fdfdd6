"""Recorded talks: a list, one to hear, a part to silence, one to delete."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Form, Query, Request
from pydantic import BeforeValidator, Field
from starlette.responses import FileResponse, Response

from dialer.core.access.visitor import Visitor
from dialer.core.recordings.silence import NotSilenced
from dialer.core.sentence import Sentence
from dialer.services.recordings.recordings import (
    RecordingCard,
    RecordingsAsked,
    delete_recording,
    find_recording,
    folder_of,
    list_recordings,
    note_heard,
    silence_part,
)
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.flash import go_back, refusal, told
from dialer.web.languages import to_say
from dialer.web.routers import page_router
from dialer.web.schemas import ChannelId, Day, Input, Words, no_truth

router = page_router()

ACTOR: Final = "manager's page"
DAYS_SHOWN: Final = 7
LONGEST_S: Final = 4 * 3600.0  # of one recording, as the recorder ends itself
SILENCED: Final = to_say("That part is silent from now on.")
DELETED: Final = to_say("The recording is deleted.")
NO_FOLDER: Final = to_say(
    "This machine does not see the PBX's recordings: set sound.recordings to their folder, and mount it."
)

From = Annotated[Day | None, Query(alias="from")]
To = Annotated[Day | None, Query(alias="to")]
Agent = Annotated[str, Query(max_length=60)]
Person = Annotated[Id | None, Query()]


class SilenceInput(Input):
    """From which second to which, and why."""

    first_s: Annotated[float, Field(ge=0, le=LONGEST_S), BeforeValidator(no_truth)]
    last_s: Annotated[float, Field(gt=0, le=LONGEST_S), BeforeValidator(no_truth)]
    reason: Annotated[Words, Field(min_length=3, max_length=200)]


class DeleteInput(Input):
    """Why a recording goes."""

    reason: Annotated[Words, Field(min_length=3, max_length=200)]


def recordings_asked(
    deps: Dependencies, first: date | None, last: date | None, agent: str, person: int | None
) -> RecordingsAsked:
    """What a request asks for; the last week where it names no days."""
    until = last or deps.now().astimezone(ZoneInfo(deps.settings.queues.zone)).date()
    since = first or until - timedelta(days=DAYS_SHOWN - 1)
    return RecordingsAsked(first=since, last=until, agent=agent.strip(), customer=person)


def found_for(deps: Dependencies, visitor: Visitor, asked: RecordingsAsked) -> tuple[RecordingCard, ...]:
    """The recordings that this visitor may see; raises `RequestError` without their folder."""
    return list_recordings(deps.database, _folder(deps), asked, deps.settings.queues.zone, visitor.agents)


def silence_for(deps: Dependencies, visitor: Visitor, call: str, wanted: SilenceInput, actor: str) -> None:
    """Silence a part; raises `RequestError` where that cannot be."""
    path = _recording(deps, visitor, call)
    try:
        silence_part(
            deps.database,
            path,
            call,
            (wanted.first_s, wanted.last_s),
            reason=wanted.reason,
            by=visitor.actor(actor),
            now=deps.now(),
        )
    except NotSilenced as refused:
        raise RequestError("recording.not-silenced", str(refused)) from refused
    except OSError as fault:
        raise _locked(fault) from fault


def delete_for(deps: Dependencies, visitor: Visitor, call: str, wanted: DeleteInput, actor: str) -> None:
    """Delete one; raises `RequestError` where that cannot be."""
    path = _recording(deps, visitor, call)
    try:
        delete_recording(
            deps.database, path, call, reason=wanted.reason, by=visitor.actor(actor), now=deps.now()
        )
    except OSError as fault:
        raise _locked(fault) from fault


@router.get("/recordings")
def show_recordings(  # noqa: PLR0917 - one parameter for each field of the form
    request: Request,
    deps: AtFront,
    visitor: Asking,
    first: From = None,
    last: To = None,
    agent: Agent = "",
    person: Person = None,
) -> Response:
    """The latest recordings, with a player each."""
    asked = recordings_asked(deps, first, last, agent, person)
    seen = folder_of(deps.settings) is not None
    shown = {
        "recordings": found_for(deps, visitor, asked) if seen else (),
        "asked": asked,
        "missing": None if seen else NO_FOLDER,
        "sound": deps.settings.sound,
        "told": told(request),
    }
    return deps.page(request, "recordings.html", shown)


@router.get("/recordings/{call}.wav")
def hear(call: ChannelId, deps: AtFront, visitor: Asking) -> Response:
    """The recording itself, in whichever pieces a player asks for; that it is heard is written down."""
    path = _recording(deps, visitor, call)
    note_heard(deps.database, call, visitor.actor(ACTOR), deps.now())
    return FileResponse(path, media_type="audio/wav")


@router.post("/recordings/{call}/silence")
def silence(
    request: Request, call: ChannelId, form: Annotated[SilenceInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Silence a part of a recording, for good."""
    try:
        silence_for(deps, visitor, call, form, ACTOR)
    except RequestError as fault:
        typed = form.model_dump(mode="json")
        return go_back(request, "/recordings", {**refusal(fault), "call": call, "typed": typed})
    return go_back(request, "/recordings", {"done": SILENCED})


@router.post("/recordings/{call}/delete")
def delete(
    request: Request, call: ChannelId, form: Annotated[DeleteInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Delete a recording."""
    delete_for(deps, visitor, call, form, ACTOR)
    return go_back(request, "/recordings", {"done": DELETED})


def _folder(deps: Dependencies) -> Path:
    folder = folder_of(deps.settings)
    if folder is None:
        raise RequestError("recording.no-folder", NO_FOLDER)
    return folder


def _recording(deps: Dependencies, visitor: Visitor, call: str) -> Path:
    path = find_recording(deps.database, _folder(deps), call, visitor.agents)
    if path is None:
        raise not_found("recording")
    return path


def _locked(fault: OSError) -> RequestError:
    why = Sentence(
        "The folder of recordings does not let Winback change it: %(fault)s.", fault=str(fault.strerror)
    )
    return RequestError("recording.locked", why)
