"""Who asks: by session, token or a trusted proxy's word. Judged before anything of a request is read."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dialer.core.access.needs import SpecialNeed, allows
from dialer.core.access.passwords import user_name
from dialer.core.access.visitor import EVERYBODY, NOBODY, Visitor
from dialer.db.database_faults import DatabaseUnavailable
from dialer.services.organisation.log_in import visitor_by_name, visitor_by_session, visitor_by_token
from dialer.web.access.asked import ASKED, JudgedRequest
from dialer.web.access.route_needs import GuardedRoute, guarded_routes, route_of
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, wants_page
from dialer.web.languages import SOURCE, choose_language, speaking, to_say
from dialer.web.late_api import PROGRAMS

COOKIE: Final = "winback_session"
_PEER: Final = "winback.peer"
BEARER: Final = "bearer "
UNAUTHORIZED: Final = 401
NO_TOKEN: Final = to_say("Log in, or send a token that holds.")
#: to whoever sends a form of a page that stood open; what they typed is still on it
LOGGED_OUT: Final = to_say("You are no longer logged in. Log in in another tab, then do this again here.")


class PeerNote:
    """Remembers who really spoke to us, before a proxy's headers say for whom."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        scope[_PEER] = client[0] if client else ""
        await self.app(scope, receive, send)


class AccessCheck:
    """ASGI middleware: finds out who asks, and turns away whom the route's need does not allow."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._guarded: tuple[GuardedRoute, ...] = ()
        self._of = 0  # so many routes, which become more when the API is first asked for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        routes = await scope["app"].routes_for(scope["path"])
        if len(routes) != self._of:
            self._guarded, self._of = guarded_routes(routes), len(routes)
        request = Request(scope)
        deps: Dependencies = scope["app"].state.deps
        found = route_of(self._guarded, scope)
        route, path = found if found is not None else (None, {})

        async def again() -> bool:
            visitor = await _identify(deps, request, route)
            return route is not None and route.need is not None and allows(route.need, visitor, path)

        try:
            visitor = await _identify(deps, request, route)
            scope[ASKED] = JudgedRequest(visitor=visitor, route=route, again=again)
            turned_away = _judge(request, route, path, visitor)
        except (RequestError, DatabaseUnavailable) as fault:
            scope.setdefault(ASKED, JudgedRequest(visitor=NOBODY, route=route, again=again))
            with speaking(_language(deps, request, NOBODY)):
                turned_away = scope["app"].exception_handlers[type(fault)](request, fault)
            if turned_away.status_code == UNAUTHORIZED:
                turned_away.headers["www-authenticate"] = "Bearer"
        with speaking(_language(deps, request, scope[ASKED].visitor)):
            await (turned_away or self.app)(scope, receive, send)


def _language(deps: Dependencies, request: Request, visitor: Visitor) -> str:
    """In which language this request is answered: programs are always answered in the one of the docs."""
    if request.url.path.startswith(PROGRAMS):
        return SOURCE
    web = deps.settings.web
    return choose_language(
        visitor.language,
        web.pages_language or "",
        accepted=request.headers.get("accept-language", ""),
        otherwise=web.language,
    )


def _judge(
    request: Request, route: GuardedRoute | None, path: Mapping[str, str], visitor: Visitor
) -> Response | None:
    """None where this visitor may; a way to the log-in, or a refusal raised, where not."""
    if route is None or visitor is EVERYBODY:  # what there is not is not found, whoever asks
        return None
    if route.need is not None and allows(route.need, visitor, path):
        return None
    if visitor.rights:
        raise RequestError("role.not-enough", "Your role does not include this.", status=403)
    if request.method == "GET" and wants_page(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/log-in?next={quote(asked, safe='')}", 303)
    raise RequestError("log-in.needed", LOGGED_OUT if wants_page(request) else NO_TOKEN, status=UNAUTHORIZED)


async def _identify(deps: Dependencies, request: Request, route: GuardedRoute | None) -> Visitor:
    if deps.settings.web.login.mode == "off":
        return EVERYBODY
    if route is not None and route.need is SpecialNeed.ANYBODY and not wants_page(request):
        return NOBODY  # health and metrics answer without a database
    return await run_in_threadpool(identify, deps, request)


def identify(deps: Dependencies, request: Request) -> Visitor:
    """Who asks, by what the request brings; `NOBODY` where nothing of it holds."""
    login = deps.settings.web.login
    said = request.headers.get("authorization", "")
    if said.lower().startswith(BEARER):
        return visitor_by_token(deps.database, said[len(BEARER) :].strip(), deps.now()) or NOBODY
    if login.mode == "proxy":
        name = user_name(request.headers.get(login.header, ""))
        if name is None or not _is_proxy(deps, request):
            return NOBODY
        return visitor_by_name(deps.database, name, deps.now()) or NOBODY
    secret = request.cookies.get(COOKIE)
    return (visitor_by_session(deps.database, secret, deps.now()) if secret else None) or NOBODY


def _is_proxy(deps: Dependencies, request: Request) -> bool:
    try:
        peer = ip_address(request.scope[_PEER])
    except ValueError:
        return False
    return any(peer in network for network in deps.settings.web.proxies)
