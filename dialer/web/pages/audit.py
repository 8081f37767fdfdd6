"""The audit page: who did what and when, by person, user, kind and period; and the same as a file."""

from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Form, Query, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from dialer.core.reporting.table_files import FileFormat
from dialer.services.customers.persons import find_persons, person_card
from dialer.services.evidence.acts import (
    ActsAsked,
    TooManyActs,
    find_acts,
    kinds_of_acts,
    take_acts_away,
)
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError
from dialer.web.file_answer import as_file
from dialer.web.form_faults import shown_again
from dialer.web.languages import to_say
from dialer.web.routers import page_router
from dialer.web.schemas import Blank, Day, Input, Line

router = page_router()

ACTOR: Final = "manager's page"
NOBODY: Final = to_say("Nobody has this id or number.")
SEVERAL: Final = to_say("Several customers have this number: use an id.")
DAYS_SHOWN: Final = 7  # where nothing is asked for
LONGEST_ACTOR: Final = 120  # characters, as the column has them
LONGEST_KIND: Final = 80

From = Annotated[Day | None, Query(alias="from")]
To = Annotated[Day | None, Query(alias="to")]
Actor = Annotated[str, Query(max_length=LONGEST_ACTOR)]
Kind = Annotated[str, Query(max_length=LONGEST_KIND)]
Person = Annotated[Id | None, Query()]
Before = Annotated[Id | None, Query()]


class AuditForm(Input):
    """What is looked for; who a person is goes in the body, so that numbers stay out of logs."""

    first: Annotated[date | None, Blank, Field(alias="from")] = None
    last: Annotated[date | None, Blank, Field(alias="to")] = None
    actor: Annotated[Line, Field(max_length=LONGEST_ACTOR)] = ""
    kind: Annotated[Line, Field(max_length=LONGEST_KIND)] = ""
    who: Annotated[Line, Field(max_length=120)] = ""


def acts_asked(  # noqa: PLR0917 - one parameter for each field of the form
    deps: Dependencies, first: date | None, last: date | None, actor: str, kind: str, person: int | None
) -> ActsAsked:
    """What a request asks for; the last week where it names no days."""
    until = last or deps.now().astimezone(ZoneInfo(deps.settings.queues.zone)).date()
    since = first or until - timedelta(days=DAYS_SHOWN - 1)
    return ActsAsked(first=since, last=until, actor=actor.strip(), kind=kind.strip(), person=person)


@router.get("/audit")
def show_audit(  # noqa: PLR0917 - one parameter for each field of the form
    request: Request,
    deps: AtFront,
    first: From = None,
    last: To = None,
    actor: Actor = "",
    kind: Kind = "",
    person: Person = None,
    before: Before = None,
) -> Response:
    """The newest acts that are asked for, a hundred at a time."""
    return _page(request, deps, acts_asked(deps, first, last, actor, kind, person), before=before)


def _choose_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    return _page(request, deps, acts_asked(deps, None, None, "", "", None), typed=typed, wrong=wrong)


@router.post("/audit")
@shown_again(_choose_again)
def choose(request: Request, form: Annotated[AuditForm, Form()], deps: AtFront) -> Response:
    """Find the person who is meant, and go to the page of what was asked for."""
    person = None
    if form.who:
        found = find_persons(deps.database, form.who, deps.settings.calling.default_region)
        if len(found) != 1:
            why = NOBODY if not found else SEVERAL
            typed = form.model_dump(mode="json", by_alias=True, exclude_none=True)
            return _choose_again(request, deps, typed, {"who": why})
        person = found[0]
    asked = acts_asked(deps, form.first, form.last, form.actor, form.kind, person)
    return RedirectResponse(f"/audit?{_query(asked)}", 303)


@router.get("/audit.{kind_of_file}")
def download(  # noqa: PLR0917 - one parameter for each field of the form
    kind_of_file: FileFormat,
    deps: AtFront,
    visitor: Asking,
    first: From = None,
    last: To = None,
    actor: Actor = "",
    kind: Kind = "",
    person: Person = None,
) -> Response:
    """The same as a file; that it was taken away is written down."""
    asked = acts_asked(deps, first, last, actor, kind, person)
    try:
        table = take_acts_away(
            deps.database, asked, deps.settings.queues.zone, visitor.actor(ACTOR), deps.now()
        )
    except TooManyActs as many:
        raise RequestError("export.too-long", str(many)) from many
    return as_file(table, kind_of_file)


def _query(asked: ActsAsked) -> str:
    said = {
        "from": asked.first,
        "to": asked.last,
        "actor": asked.actor,
        "kind": asked.kind,
        "person": asked.person,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _page(
    request: Request,
    deps: Dependencies,
    asked: ActsAsked,
    *,
    before: int | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    found = find_acts(deps.database, asked, deps.settings.queues.zone, before=before)
    person = person_card(deps.database, asked.person) if asked.person is not None else None
    as_asked = {"from": str(asked.first), "to": str(asked.last), "actor": asked.actor, "kind": asked.kind}
    return deps.page(
        request,
        "audit.html",
        {
            "acts": found.acts,
            "more": found.more,
            "kinds": kinds_of_acts(deps.database),
            "query": _query(asked),
            "person": person,
            "typed": {**as_asked, "who": person.external_id if person else "", **(typed or {})},
            "wrong": wrong or {},
        },
        status=422 if wrong else 200,
    )
