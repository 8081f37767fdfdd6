"""The dashboard and its event source."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from dialer.web.dashboard_stream import DashboardStream, as_event
from dialer.web.dependencies import AtFront
from dialer.web.errors import RequestError

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_dashboard(request: Request, deps: AtFront) -> Response:
    """The dashboard."""
    return deps.page(request, "dashboard.html", {})


@router.get("/dashboard/events")
@router.get("/live/events")  # the former address, for one version: pages that were open before an upgrade
async def send_dashboards(deps: AtFront) -> Response:
    """The dashboard's facts, once a second or at the notifier, for as long as the page is open."""
    return stream_events(deps.dashboards, _texts(deps.dashboards))


async def _texts(stream: DashboardStream) -> AsyncIterator[str]:
    async for _dashboard, text in stream.dashboards():
        yield as_event(text)


def stream_events(stream: DashboardStream, events: AsyncIterator[str]) -> Response:
    """An event source, or a refusal where too many are open."""
    if stream.full:
        raise RequestError("dashboard.full", "Too many dashboards are open.", status=503)
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        # a proxy that collects output would turn a dashboard into a dead one
        headers={"x-accel-buffering": "no"},
    )
