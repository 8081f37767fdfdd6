"""Who may log in, and as what: for administrators."""

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Path, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.access.rights import SCOPES, UserRole
from dialer.services.agents.agents import list_agents
from dialer.services.organisation import users
from dialer.services.organisation.access_tokens import list_tokens, make_token, revoke_token
from dialer.services.organisation.users import USER_FAULTS, UserFault
from dialer.web.access.asked import Asking
from dialer.web.access.forms import NewUserForm, TokenForm, UserForm
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError
from dialer.web.flash import Facts, tell, told
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router

router = page_router("/users")

ACTOR = "manager's page"
UserName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,59}$")]


@router.get("")
def show_users(request: Request, deps: AtFront) -> Response:
    """Everybody, what they may do, and when they were here last."""
    return _page(request, deps, said=told(request))


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("")
@shown_again(_again)
def add(request: Request, form: Annotated[NewUserForm, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Add somebody, and show the link they get in by."""
    actor, now = visitor.actor(ACTOR), deps.now()
    added = users.add_user(
        deps.database,
        form.name,
        form.role,
        now=now,
        actor=actor,
        display=form.display,
        agent=form.agent,
        teams=form.teams,
    )
    if isinstance(added, UserFault):
        return _page(request, deps, fault=added, typed=form.model_dump(mode="json"))
    return _link(request, deps, form.name, actor)


@router.post("/{name}")
def change(
    request: Request, name: UserName, form: Annotated[UserForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Another role, agent or teams; holds from their next request on."""
    changed = users.change_user(
        deps.database,
        name,
        now=deps.now(),
        actor=visitor.actor(ACTOR),
        role=form.role,
        agent=form.agent,
        teams=form.teams,
    )
    if isinstance(changed, UserFault):
        return _page(request, deps, fault=changed)
    return RedirectResponse("/users", 303)


@router.post("/{name}/invitation")
def invite(request: Request, name: UserName, deps: AtFront, visitor: Asking) -> Response:
    """A new one-time link, for whoever forgot the password or lost the telephone."""
    return _link(request, deps, name, visitor.actor(ACTOR))


@router.post("/{name}/disabled")
def disable(
    request: Request, name: UserName, deps: AtFront, visitor: Asking, *, on: Annotated[bool, Form()]
) -> Response:
    """Shut somebody out at once, or let them in again."""
    fault = users.disable_user(deps.database, name, now=deps.now(), actor=visitor.actor(ACTOR), disabled=on)
    return RedirectResponse("/users", 303) if fault is None else _page(request, deps, fault=fault)


@router.post("/-/tokens")
def make(request: Request, form: Annotated[TokenForm, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Make a token for a service, and show it on this page alone."""
    now = deps.now()
    made = make_token(
        deps.database,
        form.name,
        form.scopes,
        user=None,
        now=now,
        actor=visitor.actor(ACTOR),
        ends_at=now + timedelta(weeks=form.weeks),
    )
    return tell(request, "/users", {"token": made}, shown=lambda said: _page(request, deps, said=said))


@router.post("/-/tokens/{token}/revoke")
def revoke(token: Id, deps: AtFront, visitor: Asking) -> Response:
    """End a service's token."""
    revoke_token(deps.database, token, user=None, now=deps.now(), actor=visitor.actor(ACTOR))
    return RedirectResponse("/users", 303)


def _link(request: Request, deps: Dependencies, name: str, actor: str) -> Response:
    secret = users.invite(deps.database, name, now=deps.now(), actor=actor)
    if isinstance(secret, UserFault):
        raise RequestError(secret.value, USER_FAULTS[secret], status=404)
    said = {"secret": secret, "about": name}
    return tell(request, "/users", said, shown=lambda said: _page(request, deps, said=said))


def _page(
    request: Request,
    deps: Dependencies,
    *,
    fault: UserFault | None = None,
    said: Facts | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    said = said or {}
    secret = said.get("secret")
    known = users.list_users(deps.database)
    agents = {agent.id: agent.name or agent.id for agent in list_agents(deps.database, deps.now())}
    agents |= {line.id: line.name or line.id for line in deps.settings.agents}
    return deps.page(
        request,
        "users.html",
        {
            "users": known,
            "roles": tuple(UserRole),
            "teams": users.list_teams(deps.database),
            "agents": dict(sorted(agents.items())),
            "tokens": list_tokens(deps.database, None),
            "scopes": SCOPES,
            "mode": deps.settings.web.login.mode,
            "fault": None if fault is None else (fault.value, USER_FAULTS[fault]),
            "link": str(request.url_for("show_invitation", secret=secret)) if secret else "",
            "about": said.get("about", ""),
            "token": said.get("token", ""),
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=409 if fault else 422 if wrong else 200,
    )
