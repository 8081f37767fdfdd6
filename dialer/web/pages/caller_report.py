"""The page on live callers: how many rang in by day and queue, who was served how soon, and who gave up."""

from datetime import date, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from starlette.responses import Response

from dialer.core.calling.caller_story import SHORT_S, SOON_S
from dialer.core.dashboard.standing import judge
from dialer.services.calls.inbound_report import inbound_report, report_as_csv, waiting_now
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.routers import page_router
from dialer.web.schemas import Day

router = page_router()

DAYS_SHOWN: Final = 14  # where nothing is asked for
MOST_SOON_S: Final = 3600.0

From = Annotated[Day | None, Query(alias="from")]
To = Annotated[Day | None, Query(alias="to")]
Queue = Annotated[str | None, Query(max_length=60)]
Soon = Annotated[float, Query(ge=0.0, le=MOST_SOON_S)]


def days_asked_for(deps: Dependencies, first: date | None, last: date | None) -> tuple[date, date]:
    """From and to; the last two weeks where nothing was asked for."""
    until = last or deps.now().astimezone(ZoneInfo(deps.settings.queues.zone)).date()
    return first or until - timedelta(days=DAYS_SHOWN - 1), until


@router.get("/callers")
def show_callers(  # noqa: PLR0917 - one parameter for each field of the form
    request: Request,
    deps: AtFront,
    first: From = None,
    last: To = None,
    queue: Queue = None,
    soon: Soon = SOON_S,
) -> Response:
    """The report as a table, the latest day first."""
    since, until = days_asked_for(deps, first, last)
    zone = deps.settings.queues.zone
    lines = inbound_report(deps.database, zone, since, until, queue=queue or None, soon_s=soon)
    shown = {"lines": lines[::-1], "first": since, "last": until, "queue": queue or "", "soon": soon}
    limits = {
        "judge": judge,
        "longest": deps.settings.web.floor.wait_s,
        "waiting": waiting_now(deps.database, deps.now()),
    }
    return deps.page(request, "callers.html", {**shown, **limits, "short": SHORT_S})


@router.get("/callers.csv")
def download_callers(
    deps: AtFront, first: From = None, last: To = None, queue: Queue = None, soon: Soon = SOON_S
) -> Response:
    """The same for a spreadsheet."""
    since, until = days_asked_for(deps, first, last)
    lines = inbound_report(
        deps.database, deps.settings.queues.zone, since, until, queue=queue or None, soon_s=soon
    )
    named = {"Content-Disposition": 'attachment; filename="callers.csv"'}
    return Response(report_as_csv(lines), media_type="text/csv; charset=utf-8", headers=named)
