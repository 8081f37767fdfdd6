"""The reports: which there are, one as a table, and the same as a file."""

from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.responses import Response

from dialer.core.access.visitor import Visitor
from dialer.core.dashboard.standing import LimitStanding
from dialer.core.reporting.catalogue import AGENTS, DAY_REPORTS
from dialer.core.reporting.columns import ReportTable, Unit
from dialer.core.reporting.day_report import ALL_ROWS, Grouping, RowPart
from dialer.core.reporting.table_files import FileFormat
from dialer.services.reporting.reports import (
    REPORTS,
    ReportAsked,
    ReportRefused,
    days_or_latest,
    note_taken_away,
    read_report,
)
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError, not_found
from dialer.web.file_answer import as_file
from dialer.web.routers import page_router
from dialer.web.schemas import Day

router = page_router()

ACTOR: Final = "manager's page"
PAGE: Final = 100  # rows shown at once; a month of three hundred agents by day is nine thousand

From = Annotated[Day | None, Query(alias="from")]
To = Annotated[Day | None, Query(alias="to")]
By = Annotated[Grouping, Query()]


def report_asked(  # noqa: PLR0917 - one parameter for each field of the form
    deps: Dependencies,
    visitor: Visitor,
    name: str,
    first: date | None,
    last: date | None,
    by: Grouping,
    *,
    rows: RowPart = ALL_ROWS,
) -> tuple[ReportAsked, ReportTable]:
    """The report that a request asks for, of the agents whom this visitor may see."""
    if name not in REPORTS:
        raise not_found("report")
    zone, now = deps.settings.queues.zone, deps.now()
    since, until = days_or_latest(first, last, zone, now)
    agents = visitor.agents if name == AGENTS.name else None
    asked = ReportAsked(name=name, first=since, last=until, grouping=by, agents=agents, rows=rows)
    try:
        return asked, read_report(deps.database, asked, zone, now)
    except ReportRefused as refused:
        raise RequestError("report.refused", str(refused)) from refused


@router.get("/reports/{name}.{kind}")
def download(  # noqa: PLR0917 - one parameter for each field of the form
    name: str,
    kind: FileFormat,
    deps: AtFront,
    visitor: Asking,
    first: From = None,
    last: To = None,
    by: By = Grouping.DAY,
) -> Response:
    """The same as a file; that it was taken away is written down."""
    asked, table = report_asked(deps, visitor, name, first, last, by)
    note_taken_away(deps.database, asked, len(table.rows), by=visitor.actor(ACTOR), now=deps.now())
    return as_file(table, kind)


@router.get("/reports/{name}")
def show_report(  # noqa: PLR0917 - one parameter for each field of the form
    request: Request,
    name: str,
    deps: AtFront,
    visitor: Asking,
    first: From = None,
    last: To = None,
    by: By = Grouping.DAY,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """One report as a table, the latest first, with what each column means under it."""
    begin = (page - 1) * PAGE
    asked, table = report_asked(deps, visitor, name, first, last, by, rows=RowPart(begin, PAGE))
    said = {"from": asked.first, "to": asked.last, "by": asked.grouping.value}
    return deps.page(
        request,
        "report.html",
        {
            "card": REPORTS[name],
            "table": table,
            "asked": asked,
            "page": page,
            "first_row": begin + 1,
            "more": (table.total or 0) > begin + PAGE,
            "groupings": tuple(Grouping) if name in DAY_REPORTS else (),
            "query": urlencode(said),
            "units": Unit,
            "standings": {standing.value for standing in LimitStanding},
        },
    )
