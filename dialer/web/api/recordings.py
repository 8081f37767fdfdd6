"""Recorded talks as JSON; the sound itself is at /recordings/{call}.wav, also for a token."""

from dialer.services.recordings.recordings import RecordingCard
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.pages.recordings import (
    Agent,
    DeleteInput,
    From,
    Person,
    SilenceInput,
    To,
    delete_for,
    found_for,
    recordings_asked,
    silence_for,
)
from dialer.web.routers import api_router
from dialer.web.schemas import ChannelId

router = api_router(tag="recordings", prefix="/recordings")

ACTOR = "api"


@router.get("")
def list_recordings(  # noqa: PLR0917 - one parameter for each filter
    deps: AtFront,
    visitor: Asking,
    first: From = None,
    last: To = None,
    agent: Agent = "",
    person: Person = None,
) -> tuple[RecordingCard, ...]:
    """The latest recordings of these days, a hundred at most."""
    return found_for(deps, visitor, recordings_asked(deps, first, last, agent, person))


@router.post("/{call}/silence")
def silence(call: ChannelId, form: SilenceInput, deps: AtFront, visitor: Asking) -> dict[str, bool]:
    """Silence a recording from one second to another, for good."""
    silence_for(deps, visitor, call, form, ACTOR)
    return {"silenced": True}


@router.post("/{call}/delete")
def delete(call: ChannelId, form: DeleteInput, deps: AtFront, visitor: Asking) -> dict[str, bool]:
    """Delete a recording."""
    delete_for(deps, visitor, call, form, ACTOR)
    return {"deleted": True}
