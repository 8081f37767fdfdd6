"""Reports sent by mail: put one on the list, take one off; the list itself stands on the page of reports."""

from typing import Annotated, Final

from fastapi import Form, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from dialer.core.reporting.day_report import Grouping
from dialer.core.reporting.mailing import Rhythm
from dialer.core.reporting.table_files import FileFormat
from dialer.services.reporting.mailings import (
    MailingCard,
    MailingDraft,
    add_mailing,
    list_mailings,
    remove_mailing,
)
from dialer.services.reporting.reports import REPORTS, ReportRefused
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router
from dialer.web.schemas import Input

router = page_router()

ACTOR: Final = "manager's page"


class MailingInput(Input):
    """Which report goes to whom, how often, as what."""

    report: Annotated[str, Field(max_length=24)]
    address: Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>,;\"\x00-\x1f\x7f]+@[A-Za-z0-9.-]+$")]
    rhythm: Rhythm = Rhythm.WEEKLY
    grouping: Grouping = Grouping.DAY
    format: FileFormat = FileFormat.XLSX


def put_on_list(deps: Dependencies, wanted: MailingInput, by: str) -> MailingCard:
    """Have a report sent; raises `RequestError` where it cannot be."""
    draft = MailingDraft(**wanted.model_dump())
    try:
        return add_mailing(deps.database, deps.settings.mail, draft, by, deps.now())
    except ReportRefused as refused:
        raise RequestError("report.refused", str(refused)) from refused


@router.get("/reports")
def list_reports(request: Request, deps: AtFront) -> Response:
    """What there is to be read, in a sentence each, and what is sent by mail."""
    return _page(request, deps)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("/reports/mailings")
@shown_again(_again)
def add(request: Request, form: Annotated[MailingInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Send a report from now on."""
    try:
        put_on_list(deps, form, visitor.actor(ACTOR))
    except RequestError as refused:
        return _page(request, deps, typed=form.model_dump(mode="json"), wrong={"address": refused.message})
    return RedirectResponse("/reports", 303)


@router.post("/reports/mailings/{mailing}/remove")
def remove(mailing: Id, deps: AtFront, visitor: Asking) -> Response:
    """Send it no more."""
    if not remove_mailing(deps.database, mailing, visitor.actor(ACTOR), deps.now()):
        raise not_found("mailing")
    return RedirectResponse("/reports", 303)


def _page(
    request: Request,
    deps: Dependencies,
    *,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    mail = deps.settings.mail
    return deps.page(
        request,
        "reports.html",
        {
            "reports": REPORTS,
            "mailings": list_mailings(deps.database),
            "mail": mail,
            "rhythms": tuple(Rhythm),
            "groupings": tuple(Grouping),
            "formats": tuple(FileFormat),
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=422 if wrong else 200,
    )
