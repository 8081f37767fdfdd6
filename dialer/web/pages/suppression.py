"""The do-not-call page."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.services import suppression
from dialer.web.faults import Fault
from dialer.web.front import AtFront, Front
from dialer.web.inputs import DoNotCallInput, RemoveInput, as_e164

router = APIRouter()

SHOWN: Final = 200
SOURCE: Final = "manager's page"


@router.get("/do-not-call")
def show_list(request: Request, front: AtFront) -> Response:
    """The latest numbers, and a form for one more."""
    return _page(request, front)


@router.post("/do-not-call")
def add(request: Request, form: Annotated[DoNotCallInput, Form()], front: AtFront) -> Response:
    """Add a number; one that is none is shown again with the reason."""
    try:
        e164 = as_e164(form.number, front.settings.calling.default_region)
    except Fault as fault:
        return _page(request, front, fault=fault, typed=form.model_dump())
    suppression.add_do_not_call(front.book, e164, form.reason, SOURCE, front.now())
    return RedirectResponse("/do-not-call", 303)


@router.post("/do-not-call/remove")
def remove(form: Annotated[RemoveInput, Form()], front: AtFront) -> Response:
    """Take a number off; campaigns may ring it again."""
    e164 = as_e164(form.number, front.settings.calling.default_region)
    suppression.remove_do_not_call(front.book, e164, SOURCE, front.now())
    return RedirectResponse("/do-not-call", 303)


def _page(
    request: Request, front: Front, *, fault: Fault | None = None, typed: dict[str, str] | None = None
) -> Response:
    return front.page(
        request,
        "do_not_call.html",
        {
            "rows": suppression.list_do_not_call(front.book, limit=SHOWN),
            "region": front.settings.calling.default_region,
            "fault": fault,
            "typed": typed or {},
        },
        status=fault.status if fault else 200,
    )
