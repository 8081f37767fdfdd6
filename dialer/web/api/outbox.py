"""What leaves the house, as JSON."""

from typing import Annotated

from fastapi import Query

from dialer.core.outbox.message import MessageState
from dialer.services.outbox.outbox import LISTED, MessageCard, latest_messages, try_again
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, RequestError
from dialer.web.pages.outbox import NOT_FAILED
from dialer.web.routers import api_router

router = api_router(tag="outbox", prefix="/outbox")

ACTOR = "api"


@router.get("")
def list_messages(
    deps: AtFront,
    state: Annotated[MessageState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = LISTED,
) -> tuple[MessageCard, ...]:
    """The newest messages; numbers are masked."""
    return latest_messages(deps.database, state=state, limit=limit)


@router.post("/{message}/retry")
def retry(message: Id, deps: AtFront, visitor: Asking) -> dict[str, bool]:
    """Have one that failed tried again, from the beginning."""
    if not try_again(deps.database, message, visitor.actor(ACTOR), deps.now()):
        raise RequestError("message.not-failed", NOT_FAILED)
    return {"waiting": True}
