"""The dashboard and its event source."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from dialer.core.access.rights import Right
from dialer.core.access.visitor import Visitor
from dialer.services.dashboard.first_steps import steps_left
from dialer.services.organisation.users import list_users
from dialer.web.access.asked import Asking, may_still
from dialer.web.dashboard_stream import as_event
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.routers import page_router

router = page_router()

ASKED_EVERY: Final = timedelta(seconds=30)  # so long after a log-out an open page may go on


def home_of(visitor: Visitor) -> str:
    """Where somebody begins: the dashboard, their own page as an agent, or their account."""
    if visitor.may(Right.SEE_FLOOR):
        return "/"
    return "/account" if visitor.agent is None else f"/agents/{quote(visitor.agent, safe='')}"


@router.get("/")
def show_dashboard(
    request: Request,
    deps: AtFront,
    visitor: Asking,
    team: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """The dashboard, of one team or of the house; who does not see the floor is led to their own page.

    Who is for teams sees these first, and where it is one, its figures alone until they pick others.
    """
    if not visitor.may(Right.SEE_FLOOR):
        return RedirectResponse(home_of(visitor), 303)
    own = visitor.teams or frozenset()
    teams = sorted(deps.organisation.teams, key=lambda each: each.id not in own)
    if team is None and len(own) == 1:
        team = next(iter(own))
    shown = team if any(each.id == team for each in teams) else ""
    names = {each.id: each.name or each.id for each in teams}
    steps = steps_left(deps.database) if visitor.may(Right.CHANGE_CAMPAIGNS) else None
    mode = deps.settings.web.login.mode
    return deps.page(
        request,
        "dashboard.html",
        {
            "teams": names,
            "team": shown,
            "steps": steps,
            "has_agents": bool(deps.organisation.agents),
            "logs_in": mode != "off",
            "has_users": steps is not None and mode != "off" and len(list_users(deps.database)) > 1,
        },
    )


@router.get("/dashboard/events")
@router.get("/live/events")  # the former address, for one version: pages that were open before an upgrade
async def send_dashboards(request: Request, deps: AtFront) -> Response:
    """The dashboard's facts, once a second or at the notifier, for as long as the page is open."""
    return stream_events(request, deps, _texts(deps))


async def _texts(deps: Dependencies) -> AsyncIterator[str]:
    async for dashboard, text in deps.dashboards.dashboards():
        yield as_event(deps.dashboard_texts.text(dashboard) if dashboard is not None else text)


def stream_events(request: Request, deps: Dependencies, events: AsyncIterator[str]) -> Response:
    """An event source, or a refusal where too many are open. It ends with the right to have it."""
    if deps.dashboards.full:
        raise RequestError("dashboard.full", "Too many dashboards are open.", status=503)
    return StreamingResponse(
        _while_allowed(request, deps, events),
        media_type="text/event-stream",
        # a proxy that collects output would turn a dashboard into a dead one
        headers={"x-accel-buffering": "no"},
    )


async def _while_allowed(
    request: Request, deps: Dependencies, events: AsyncIterator[str]
) -> AsyncIterator[str]:
    asked_at = deps.now()
    async for event in events:
        if deps.now() - asked_at >= ASKED_EVERY:
            asked_at = deps.now()
            if not await may_still(request):
                return
        yield event
