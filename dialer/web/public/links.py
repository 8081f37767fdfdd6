"""The page behind a link in a text: when the call comes, another time, or none. Looking changes nothing."""

from typing import Annotated, Final

from fastapi import Form, Path, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.outbox.signed_links import LinkPurpose
from dialer.core.outbox.texts import write_window
from dialer.services.promises.moves import move_promise
from dialer.services.promises.own_promise import BY_CUSTOMER, own_slots
from dialer.web.chosen_hours import ChosenHourInput, choices, in_utc
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError, passed
from dialer.web.form_faults import shown_again
from dialer.web.public.callbacks_api import cancel_own, seen
from dialer.web.public.form import SAID, public_page
from dialer.web.public.visitors import language_for, opened, signing_key
from dialer.web.routers import page_router

router = page_router()

DONE: Final = frozenset({"moved", "already"})  # what led here, as the page says it

LinkToken = Annotated[str, Path(max_length=200)]


@router.get("/c/{token}")
def show_link(request: Request, token: LinkToken, deps: AtFront) -> Response:
    """One's own promised call; looking changes nothing, since mail and phones look at links by themselves."""
    return _link(request, deps, token)


def _link_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    del typed, wrong
    return _link(request, deps, request.path_params["token"], said="taken", status=422)


@router.post("/c/{token}/move")
@shown_again(_link_again)
def move_by_link(
    request: Request, token: LinkToken, form: Annotated[ChosenHourInput, Form()], deps: AtFront
) -> Response:
    """Move it to another hour."""
    try:
        promise = opened(deps, LinkPurpose.PROMISE, token)
        start = in_utc(form.wanted_from)
        passed(move_promise(deps.database, promise, start, BY_CUSTOMER, deps.now()))
    except RequestError as fault:
        return _link(request, deps, token, said=SAID.get(fault.code, "over"), status=fault.status)
    return RedirectResponse(f"/c/{token}?lang={language_for(request, deps)}&done=moved", 303)


@router.post("/c/{token}/cancel")
def cancel_by_link(request: Request, token: LinkToken, deps: AtFront) -> Response:
    """Cancel it."""
    try:
        cancel_own(deps, opened(deps, LinkPurpose.PROMISE, token))
    except RequestError as fault:
        return _link(request, deps, token, said="over", status=fault.status)
    return RedirectResponse(f"/c/{token}?lang={language_for(request, deps)}", 303)


def _link(
    request: Request, deps: Dependencies, token: str, *, said: str | None = None, status: int = 200
) -> Response:
    signing_key(deps)
    language = language_for(request, deps)
    try:
        found = seen(deps, opened(deps, LinkPurpose.PROMISE, token))
    except RequestError as fault:
        context = {"promise": None, "said": "no_link", "wrong": True, "may_ask": deps.settings.public.form}
        return public_page(request, deps, "public/link.html", language, context, status=fault.status)
    done = request.query_params.get("done", "")
    if said is None and done in DONE and found.can_cancel:
        said = done
    return public_page(
        request,
        deps,
        "public/link.html",
        language,
        {
            "promise": found,
            "token": token,
            "said": said,
            "wrong": said is not None and said not in DONE,
            "window": write_window(found.window, found.zone, language) if found.window is not None else "",
            "choices": choices(own_slots(deps.database, found.id, deps.now()), found.zone, language)
            if found.can_move
            else [],
            "may_ask": deps.settings.public.form and not found.can_cancel,
        },
        status=status,
    )
