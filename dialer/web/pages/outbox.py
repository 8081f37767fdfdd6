"""The outbox's page: what leaves the house, what waits, what failed and why, and to have it tried again."""

from typing import Annotated, Final

from fastapi import Query, Request
from starlette.responses import Response

from dialer.core.outbox.message import MessageState
from dialer.services.outbox.outbox import latest_messages, message_counts, try_again
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, RequestError
from dialer.web.flash import go_back, refusal, told
from dialer.web.languages import to_say
from dialer.web.routers import page_router

router = page_router()

ACTOR: Final = "manager's page"
NOT_FAILED: Final = to_say("There is no message of this number that failed.")
TRIED_AGAIN: Final = to_say("It goes out again as soon as the outbox is looked through.")


@router.get("/outbox")
def show_outbox(
    request: Request, deps: AtFront, state: Annotated[MessageState | None, Query()] = None
) -> Response:
    """The newest messages, those of one state where it is asked for."""
    shown = {
        "messages": latest_messages(deps.database, state=state),
        "counts": message_counts(deps.database),
        "state": state,
        "told": told(request),
    }
    return deps.page(request, "outbox.html", shown)


@router.post("/outbox/{message}/retry")
def retry(request: Request, message: Id, deps: AtFront, visitor: Asking) -> Response:
    """Have one that failed tried again, from the beginning."""
    if not try_again(deps.database, message, visitor.actor(ACTOR), deps.now()):
        return go_back(request, "/outbox", refusal(RequestError("message.not-failed", NOT_FAILED)))
    return go_back(request, "/outbox", {"done": TRIED_AGAIN})
