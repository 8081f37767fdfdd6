"""The live page and its event source."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from dialer.web.faults import Fault
from dialer.web.front import AtFront
from dialer.web.stream import LiveStream, as_event

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_live(request: Request, front: AtFront) -> Response:
    """The wallboard."""
    return front.page(request, "live.html", {})


@router.get("/live/events")
async def send_views(front: AtFront) -> Response:
    """The wallboard's facts, once a second or at the bell, for as long as the page is open."""
    return stream_events(front.live, _texts(front.live))


async def _texts(live: LiveStream) -> AsyncIterator[str]:
    async for _view, text in live.views():
        yield as_event(text)


def stream_events(live: LiveStream, events: AsyncIterator[str]) -> Response:
    """An event source, or a refusal where too many are open."""
    if live.full:
        raise Fault("live.full", "Too many live pages are open.", status=503)
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        # a proxy that collects output would turn a live page into a dead one
        headers={"x-accel-buffering": "no"},
    )
