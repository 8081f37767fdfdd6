"""The do-not-call page."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.services.customers import suppression
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.form_faults import shown_again
from dialer.web.schemas import DoNotCallInput, RemoveInput, as_e164

router = APIRouter()

SHOWN: Final = 200
SOURCE: Final = "manager's page"


@router.get("/do-not-call")
def show_list(request: Request, deps: AtFront) -> Response:
    """The latest numbers, and a form for one more."""
    return _page(request, deps)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("/do-not-call")
@shown_again(_again)
def add(request: Request, form: Annotated[DoNotCallInput, Form()], deps: AtFront) -> Response:
    """Add a number; one that is none is shown again with the reason."""
    try:
        e164 = as_e164(form.number, deps.settings.calling.default_region)
    except RequestError as fault:
        return _page(request, deps, fault=fault, typed=form.model_dump(), wrong={"number": fault.message})
    suppression.add_do_not_call(deps.database, e164, form.reason, SOURCE, deps.now())
    return RedirectResponse("/do-not-call", 303)


@router.post("/do-not-call/remove")
def remove(form: Annotated[RemoveInput, Form()], deps: AtFront) -> Response:
    """Take a number off; campaigns may ring it again."""
    e164 = as_e164(form.number, deps.settings.calling.default_region)
    suppression.remove_do_not_call(deps.database, e164, SOURCE, deps.now())
    return RedirectResponse("/do-not-call", 303)


def _page(
    request: Request,
    deps: Dependencies,
    *,
    fault: RequestError | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return deps.page(
        request,
        "do_not_call.html",
        {
            "rows": suppression.list_do_not_call(deps.database, limit=SHOWN),
            "region": deps.settings.calling.default_region,
            "fault": fault,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )
