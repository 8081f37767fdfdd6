"""The way in by the house's OpenID provider: there, and back."""

import json
from typing import Annotated, Any, Final

import structlog
from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.services.organisation.log_in import NotLetIn
from dialer.services.organisation.provider_log_in import (
    AskedLogIn,
    LogInProvider,
    ProviderFault,
    log_in_proven,
    new_log_in,
)
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.pages.log_in import address_of, inside, let_in, refuse_log_in, session_length
from dialer.web.routers import page_router

router = page_router()
log = structlog.get_logger(__name__)

#: what this browser asked for; read where the provider sends it back to, and nowhere else
COOKIE: Final = "winback_log_in"
PATH: Final = "/log-in/provider"
ASKED_FOR_S: Final = 900  # somebody looks for their key, and not for longer


@router.get(PATH)
def ask_provider(
    request: Request,
    deps: AtFront,
    next: Annotated[str, Query(max_length=2000)] = "",  # noqa: A002
) -> Response:
    """Send the browser to the provider."""
    asked = new_log_in()
    try:
        address = _provider(deps).address(asked, _back(request))
    except ProviderFault as fault:
        raise _not_proven(fault) from fault
    response = RedirectResponse(address, 303)
    kept = {
        "state": asked.state,
        "nonce": asked.nonce,
        "verifier": asked.verifier,
        "next": inside(next) or "/",
    }
    response.set_cookie(
        COOKIE,
        json.dumps(kept),
        max_age=ASKED_FOR_S,
        path=PATH,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",  # it comes back by a link of the provider's
    )
    return response


@router.get(f"{PATH}/answer")
def come_from_provider(request: Request, deps: AtFront) -> Response:
    """Let somebody in whom the provider has proven to the browser that asked."""
    kept = _kept(request)
    try:
        asked = AskedLogIn(state=kept["state"], nonce=kept["nonce"], verifier=kept["verifier"])
        who = _provider(deps).who(asked, str(request.url), _back(request))
    except (ProviderFault, KeyError) as fault:
        raise _not_proven(fault) from fault
    answer = log_in_proven(
        deps.database, who, address=address_of(request), now=deps.now(), lasts=session_length(deps)
    )
    if isinstance(answer, NotLetIn):
        raise refuse_log_in(answer)
    response = let_in(request, answer, inside(kept.get("next", "")) or "/")
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _provider(deps: Dependencies) -> LogInProvider:
    if deps.provider is None:
        raise RequestError("log-in.elsewhere", "There is no log-in by a provider here.", status=403)
    return deps.provider


def _back(request: Request) -> str:
    return str(request.url_for("come_from_provider"))


def _kept(request: Request) -> dict[str, str]:
    try:
        kept: Any = json.loads(request.cookies.get(COOKIE, "{}"))
    except ValueError:
        return {}
    is_ours = isinstance(kept, dict) and all(isinstance(value, str) for value in kept.values())
    return kept if is_ours else {}


def _not_proven(fault: Exception) -> RequestError:
    """What the page says; why stands in the log, where no guesser reads it."""
    log.warning("log_in_not_proven", why=str(fault))
    return RequestError(
        "log-in.not-proven",
        "The log-in of your organisation did not confirm who you are. "
        "Try again; if it goes on, tell an administrator: the log says why.",
        status=403,
    )
