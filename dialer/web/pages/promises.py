"""The promises' page: open ones by place, ended ones with how they ended."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.services import promises, quotes
from dialer.web.faults import Fault, Id
from dialer.web.front import AtFront
from dialer.web.inputs import CancelInput

router = APIRouter()

ENDED_SHOWN: Final = 100
ACTOR: Final = "manager's page"


@router.get("/promises")
def show_promises(request: Request, front: AtFront) -> Response:
    """Open and ended promises, with the ledger."""
    return front.page(
        request,
        "promises.html",
        {
            "opened": promises.open_promises(front.book),
            "ended": promises.ended_promises(front.book, limit=ENDED_SHOWN),
            "ledger": promises.promise_ledger(front.book),
            "quotes": quotes.quote_score(front.book, front.now()),
        },
    )


@router.post("/promises/{promise}/cancel")
def cancel(promise: Id, form: Annotated[CancelInput, Form()], front: AtFront) -> Response:
    """Cancel one, with the reason that stays on record."""
    if not promises.cancel_promise(front.book, promise, form.reason, front.now(), ACTOR):
        raise refuse_cancel()
    return RedirectResponse("/promises", 303)


def refuse_cancel() -> Fault:
    """There is no such promise, it is over, or customer and agent are talking."""
    return Fault("promise.not-open", "There is no such promise to cancel: it is over, or being kept.")
