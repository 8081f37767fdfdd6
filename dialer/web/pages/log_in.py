"""The way in and out: log-in, one-time links, log-out."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.access.passwords import why_weak
from dialer.services.organisation.log_in import LoggedIn, LogInFault, NotLetIn, log_in, log_in_known
from dialer.services.organisation.log_in import log_out as end_session
from dialer.services.organisation.users import (
    USER_FAULTS,
    UserCard,
    UserFault,
    accept_invitation,
    invited_user,
)
from dialer.web.access.asked import shown_to
from dialer.web.access.forms import InvitationForm, LogInForm
from dialer.web.access.visitors import COOKIE
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.languages import to_say
from dialer.web.pages.dashboard import home_of
from dialer.web.routers import page_router

router = page_router()

LOG_IN_FAULTS: Final = {
    LogInFault.WRONG: (403, to_say("That name, password or code is not right.")),
    LogInFault.LOCKED: (429, to_say("Tried too often; wait, or ask an administrator for a new link.")),
    LogInFault.NOT_A_USER: (403, to_say("You are known there, and not a user here; ask an administrator.")),
    LogInFault.OTHER_PERSON: (
        403,
        to_say("Somebody else had this name before you; ask an administrator to add you under another."),
    ),
}


@router.get("/log-in")
def show_log_in(
    request: Request,
    deps: AtFront,
    next: Annotated[str, Query(max_length=2000)] = "",  # noqa: A002
) -> Response:
    """A form for name and password; who is logged in goes on."""
    visitor = shown_to(request)
    if visitor.rights:
        return RedirectResponse(inside(next) or home_of(visitor), 303)
    return _page(request, deps, next_page=next)


@router.post("/log-in")
def come_in(request: Request, form: Annotated[LogInForm, Form()], deps: AtFront) -> Response:
    """Let somebody in, or say that it is not right, and not what of it."""
    if deps.settings.web.login.mode != "local":
        raise RequestError("log-in.elsewhere", "There is no log-in by password here.", status=403)
    answer = log_in(
        deps.database,
        form.name.lower(),
        form.password,
        form.code,
        address=address_of(request),
        clock=deps.now,
        lasts=session_length(deps),
    )
    if isinstance(answer, NotLetIn):
        return _page(request, deps, next_page=form.next, name=form.name, not_in=answer)
    return let_in(request, answer, inside(form.next) or "/")


@router.post("/log-out")
def log_out(request: Request, deps: AtFront) -> Response:
    """End this browser's session."""
    secret = request.cookies.get(COOKIE)
    if secret:
        end_session(deps.database, secret, name=shown_to(request).name, now=deps.now())
    response = RedirectResponse("/log-in", 303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/invitation/{secret}")
def show_invitation(request: Request, secret: str, deps: AtFront) -> Response:
    """Choose a password; looking at it uses nothing up."""
    return _invitation(request, deps, _invited(deps, secret))


@router.post("/invitation/{secret}")
def accept(request: Request, secret: str, form: Annotated[InvitationForm, Form()], deps: AtFront) -> Response:
    """Use the link up, and be logged in."""
    user = _invited(deps, secret)
    wrong = why_not(form.password, form.again, user.name)
    if wrong is not None:
        return _invitation(request, deps, user, display=form.display, wrong=wrong)
    answer = accept_invitation(deps.database, secret, form.password, form.display, now=deps.now())
    if isinstance(answer, UserFault):
        raise RequestError(answer.value, USER_FAULTS[answer], status=403)
    known = log_in_known(
        deps.database,
        answer.id,
        address=address_of(request),
        now=deps.now(),
        lasts=session_length(deps),
        way="invitation",
    )
    if isinstance(known, NotLetIn):
        raise refuse_log_in(known)
    return let_in(request, known, "/")


def why_not(password: str, again: str, name: str) -> str | None:
    """Why a password that was chosen does not do; None: it does."""
    return to_say("The two are not the same.") if password != again else why_weak(password, name)


def inside(path: str) -> str | None:
    """Where somebody wanted to go, if that is a page of ours."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and "\\" not in path else None


def let_in(request: Request, session: LoggedIn, path: str) -> Response:
    """Go on to a page, with the session in a cookie that no script reads."""
    response = RedirectResponse(path, 303)
    response.set_cookie(
        COOKIE,
        session.secret,
        max_age=session.seconds,  # not a moment: the browser's clock may be another
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",  # a link in a mail leads to a page, and not to the log-in
    )
    return response


def address_of(request: Request) -> str:
    """From where somebody asks, as a trusted proxy says it."""
    return request.client.host if request.client else ""


def session_length(deps: Dependencies) -> timedelta:
    """How long a log-in lasts."""
    return timedelta(hours=deps.settings.web.login.session_h)


def refuse_log_in(fault: NotLetIn) -> RequestError:
    """Why somebody is not let in, as a page says it."""
    status, sentence = LOG_IN_FAULTS[fault.fault]
    return RequestError(fault.fault.value, sentence, status=status, until=fault.until)


def _invited(deps: Dependencies, secret: str) -> UserCard:
    if deps.settings.web.login.mode != "local":
        raise RequestError("log-in.elsewhere", "There is no log-in by password here.", status=403)
    user = invited_user(deps.database, secret, deps.now())
    if user is None:
        fault = UserFault.LINK_OVER
        raise RequestError(fault.value, USER_FAULTS[fault], status=403)
    return user


def _invitation(
    request: Request, deps: Dependencies, user: UserCard, *, display: str | None = None, wrong: str = ""
) -> Response:
    return deps.page(
        request,
        "invitation.html",
        {"user": user, "display": user.display if display is None else display, "wrong": wrong},
        status=422 if wrong else 200,
    )


def _page(
    request: Request,
    deps: Dependencies,
    *,
    next_page: str,
    name: str = "",
    not_in: NotLetIn | None = None,
) -> Response:
    fault = None if not_in is None else refuse_log_in(not_in)
    login = deps.settings.web.login
    return deps.page(
        request,
        "log_in.html",
        {"login": login, "next": inside(next_page) or "", "name": name, "fault": fault},
        status=fault.status if fault else 200,
    )
