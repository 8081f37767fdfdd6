"""One's own account: password, second step, tokens."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.access.rights import SCOPES
from dialer.core.access.visitor import Visitor
from dialer.services.organisation.access_tokens import list_tokens, make_token, revoke_token
from dialer.services.organisation.log_in import LogInFault, change_password
from dialer.services.organisation.second_step import keep_second_step, new_second_step, second_step_address
from dialer.services.organisation.users import USER_FAULTS, UserFault, choose_pages_language, user_card
from dialer.web.access.asked import Asking
from dialer.web.access.forms import CodeForm, LanguageForm, PasswordForm, SecondStepForm, TokenForm
from dialer.web.access.visitors import COOKIE
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError
from dialer.web.flash import Facts, tell, told
from dialer.web.languages import NAMES, to_say
from dialer.web.pages.log_in import LOG_IN_FAULTS, why_not
from dialer.web.routers import page_router

router = page_router("/account")


@router.get("")
def show_account(request: Request, deps: AtFront, visitor: Asking) -> Response:
    """Who one is here, and how one gets in."""
    return _page(request, deps, visitor, said=told(request))


@router.post("/password")
def change(
    request: Request, form: Annotated[PasswordForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Change the password; every other browser is logged out."""
    wrong = why_not(form.password, form.again, visitor.name)
    if wrong is None and visitor.user is not None:
        fault = change_password(
            deps.database,
            visitor.user,
            form.old,
            form.password,
            session=request.cookies.get(COOKIE, ""),
            now=deps.now(),
        )
        wrong = LOG_IN_FAULTS[fault][1] if isinstance(fault, LogInFault) else fault
    if wrong is not None:
        return _page(request, deps, visitor, wrong={"password": wrong})
    return _done(
        request, deps, visitor, to_say("The password is changed. Every other browser is logged out.")
    )


@router.post("/second-step")
def set_second_step(
    request: Request, form: Annotated[SecondStepForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Keep a second step once its first code is right."""
    if not _second_step(deps, visitor, form.secret, form.code):
        wrong = {"code": to_say("That code is not right. The telephone's clock may be wrong.")}
        return _page(request, deps, visitor, wrong=wrong, secret=form.secret)
    return _done(request, deps, visitor, to_say("From now on a code is asked for as well."))


@router.post("/second-step/give-up")
def give_up_second_step(
    request: Request, form: Annotated[CodeForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Do without, proven by one more code."""
    if not _second_step(deps, visitor, None, form.code):
        return _page(request, deps, visitor, wrong={"code": to_say("That code is not right, or was used.")})
    return _done(request, deps, visitor, to_say("The password alone is enough again."))


@router.post("/language")
def choose_language(form: Annotated[LanguageForm, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Read pages in another language; the next page is in it."""
    if visitor.user is not None:
        choose_pages_language(deps.database, visitor.user, form.language, deps.now())
    return RedirectResponse("/account", 303)


@router.post("/tokens")
def make(request: Request, form: Annotated[TokenForm, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Make a token, and show it on this page alone."""
    now = deps.now()
    made = make_token(
        deps.database,
        form.name,
        form.scopes,
        user=visitor.user,
        now=now,
        actor=visitor.name,
        ends_at=now + timedelta(weeks=form.weeks),
    )
    if isinstance(made, UserFault):
        raise RequestError(made.value, USER_FAULTS[made], status=404)
    return _tell(request, deps, visitor, {"token": made})


@router.post("/tokens/{token}/revoke")
def revoke(token: Id, deps: AtFront, visitor: Asking) -> Response:
    """End one of one's tokens."""
    if visitor.user is not None:
        revoke_token(deps.database, token, user=visitor.user, now=deps.now(), actor=visitor.name)
    return RedirectResponse("/account", 303)


def _second_step(deps: Dependencies, visitor: Visitor, secret: str | None, code: str) -> bool:
    return visitor.user is not None and keep_second_step(
        deps.database, visitor.user, secret, code, deps.now()
    )


def _done(request: Request, deps: Dependencies, visitor: Visitor, sentence: str) -> Response:
    return _tell(request, deps, visitor, {"done": sentence})


def _tell(request: Request, deps: Dependencies, visitor: Visitor, said: Facts) -> Response:
    return tell(request, "/account", said, shown=lambda said: _page(request, deps, visitor, said=said))


def _page(
    request: Request,
    deps: Dependencies,
    visitor: Visitor,
    *,
    wrong: dict[str, str] | None = None,
    said: Facts | None = None,
    secret: str | None = None,
) -> Response:
    user = None if visitor.user is None else user_card(deps.database, visitor.user)
    fresh: dict[str, Any] = {"secret": secret or new_second_step()}
    if user is not None:
        fresh["address"] = second_step_address(user.name, fresh["secret"])
    return deps.page(
        request,
        "account.html",
        {
            "user": user,
            "mode": deps.settings.web.login.mode,
            "tokens": list_tokens(deps.database, visitor.user) if visitor.user is not None else (),
            "scopes": [scope for scope in SCOPES if visitor.may(scope)],
            "fresh": fresh,
            "languages": NAMES,
            "wrong": wrong or {},
            "done": (said or {}).get("done", ""),
            "token": (said or {}).get("token", ""),
        },
        status=422 if wrong else 200,
    )
