"""Reports as JSON: which there are, one of them, and live callers by day and queue."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from dialer.core.calling.caller_story import SOON_S
from dialer.core.reporting.day_report import Grouping
from dialer.services.calls.inbound_report import inbound_report
from dialer.services.reporting.reports import REPORTS, ReportCard
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.pages import reports
from dialer.web.pages.caller_report import From, Queue, Soon, To, days_asked_for
from dialer.web.routers import api_router

router = api_router(tag="reports", prefix="/reports")


class CallersAnswer(BaseModel):
    """One queue on one day: callers = served + gave_up + promised + left_otherwise + waiting; seconds."""

    day: date
    queue: str
    callers: int
    served: int
    gave_up: int
    promised: int
    left_otherwise: int
    waiting: int
    service_level: float | None
    wait_mean_s: float | None
    wait_p95_s: float | None
    talk_mean_s: float | None

    model_config = {"from_attributes": True}


class ColumnAnswer(BaseModel):
    """What one column of a report is, and in which unit."""

    name: str
    title: str
    unit: str
    means: str

    model_config = {"from_attributes": True}


class ReportAnswer(BaseModel):
    """A report: its columns, and its rows by their names, the latest first."""

    report: str
    title: str
    columns: list[ColumnAnswer]
    rows: list[dict[str, Any]]


@router.get("")
def list_reports() -> list[ReportCard]:
    """The reports there are."""
    return list(REPORTS.values())


@router.get("/inbound")
def report_callers(
    deps: AtFront, first: From = None, last: To = None, queue: Queue = None, soon: Soon = SOON_S
) -> list[CallersAnswer]:
    """Callers by day and queue, the oldest day first; `service_level` is the share served within `soon`."""
    since, until = days_asked_for(deps, first, last)
    lines = inbound_report(
        deps.database, deps.settings.queues.zone, since, until, queue=queue or None, soon_s=soon
    )
    return [CallersAnswer.model_validate(line) for line in lines]


@router.get("/{name}")
def show_report(  # noqa: PLR0917 - one parameter for each filter
    name: str,
    deps: AtFront,
    visitor: Asking,
    first: reports.From = None,
    last: reports.To = None,
    by: reports.By = Grouping.DAY,
) -> ReportAnswer:
    """One report of these days; the last week where none are named."""
    _, table = reports.report_asked(deps, visitor, name, first, last, by)
    columns = [ColumnAnswer.model_validate(column) for column in table.columns]
    return ReportAnswer(report=name, title=table.title, columns=columns, rows=table.as_dicts())
