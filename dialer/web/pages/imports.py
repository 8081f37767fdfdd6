"""Customer files from a page: hand one in, correct what each column is, see the counts, say yes."""

import re
from dataclasses import replace
from typing import Annotated, Final

from fastapi import File, Form, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import FileResponse, RedirectResponse, Response

from dialer.core.importing.column_roles import READ_IN_ONE_WAY, ColumnRole, given_by_roles, roles_of
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.importing.picked_readings import NotationUnclear, read_readings
from dialer.core.importing.readings import OpenColumn, Reading
from dialer.core.importing.received_file import FileEvent, FileState
from dialer.extras import extra_needed, require
from dialer.services.customers import received_files
from dialer.services.customers.import_sources import WhenMissing, list_sources
from dialer.services.customers.received_files import FileCard
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.file_words import write_finding, write_lost_cell
from dialer.web.form_faults import shown_again
from dialer.web.languages import say, to_say, translate
from dialer.web.routers import page_router
from dialer.web.schemas import Blank, Line, SourceNamed

router = page_router()

ORIGIN: Final = "page"
SHOWN: Final = 20
CANNOT_READ: Final = to_say(
    "Reading customer files needs the extra `model`, which this installation runs without: pip install "
    "'winback[model]', or use `winback import` on a machine that has it."
)
#: a country's two letters, or nothing
COUNTRY: Final = "^([A-Za-z]{2})?$"


def require_reader() -> None:
    """Raise `RequestError` where the libraries that read files are not installed; loads none of them."""
    try:
        require("model")
    except ModuleNotFoundError as missing:
        if extra_needed(missing) is None:
            raise
        raise RequestError("import.no-reader", CANNOT_READ, status=422) from missing


@router.get("/imports")
def show_imports(request: Request, deps: AtFront) -> Response:
    """A field for a file, the files that came last, and the sources there are."""
    return _page(request, deps)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("/imports")
@shown_again(_again)
def upload(
    request: Request,
    file: Annotated[UploadFile, File()],
    deps: AtFront,
    *,
    source: Annotated[SourceNamed | None, Blank, Form()] = None,
    missing: Annotated[WhenMissing | None, Blank, Form()] = None,
    encoding: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = "",
    sheet: Annotated[Line, Form(max_length=120)] = "",
) -> Response:
    """Take a file in and have it looked at; nothing is stored before somebody says yes."""
    try:
        require_reader()
    except RequestError as fault:
        return _page(request, deps, fault=fault)
    if not file.filename:
        return _page(request, deps, wrong={"file": "Choose a file."})
    number = received_files.receive_file(
        deps.database,
        deps.settings.data_dir,
        file.file,
        file.filename,
        deps.now(),
        origin=ORIGIN,
        source=source or "",
        missing=missing,
        encoding=encoding,
        sheet=sheet,
    )
    deps.reader.ask(number)
    return RedirectResponse(f"/imports/{number}", 303)


@router.get("/imports/{file}")
def show_file(request: Request, file: Id, deps: AtFront) -> Response:
    """Where the file stands, and what may be done with it."""
    return _file(request, deps, _card(deps, file))


@router.post("/imports/{file}/check")
async def check(request: Request, file: Id, deps: AtFront) -> Response:
    """Judge every row as the columns are said to be, and store none."""
    # a form of as many fields as the file has columns
    form = await request.form()
    return await run_in_threadpool(_check, request, deps, file, form)


@router.post("/imports/{file}/store")
def store(file: Id, deps: AtFront) -> Response:
    """Import the file as it was judged."""
    _ask(deps, file, FileEvent.STORE)
    return RedirectResponse(f"/imports/{file}", 303)


@router.post("/imports/{file}/look")
def look_again(
    file: Id,
    deps: AtFront,
    *,
    encoding: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = "",
    sheet: Annotated[Line, Form(max_length=120)] = "",
) -> Response:
    """Look at a refused file anew, in another encoding or at another sheet."""
    received_files.settle_file(deps.database, file, deps.now(), encoding=encoding, sheet=sheet)
    _ask(deps, file, FileEvent.LOOK)
    return RedirectResponse(f"/imports/{file}", 303)


@router.get("/imports/{file}/{ending}.csv")
def download(file: Id, ending: str, deps: AtFront) -> Response:
    """The rows to correct, or who is missing; no cell of it is a formula to a spreadsheet."""
    card = _card(deps, file)
    path = card.beside(ending)
    if path is None:
        raise not_found("file")
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename=path.name)


def _check(request: Request, deps: Dependencies, file: int, form: FormData) -> Response:
    card = _card(deps, file)
    try:
        given = _given(card, form)
    except MappingRefused as refused:
        said = str(refused).removesuffix(".")
        fault = RequestError("import.columns", write_finding(f"{said[:1].upper()}{said[1:]}."), status=422)
        return _file(
            request,
            deps,
            card,
            fault=fault,
            chosen=dict(_chosen(form, "role-")),
            picked_now=dict(_chosen(form, "reading-")),
            country=str(form.get("country", "")),
        )
    _ask(deps, file, FileEvent.CHECK, given)
    return RedirectResponse(f"/imports/{file}", 303)


def _given(card: FileCard, form: FormData) -> Given:
    """What the form says of every column; one that it does not name stays as it was found.

    Raises:
        MappingRefused: the roles do not go together, or a column may still be read in two ways.
    """
    chosen, picked = dict(_chosen(form, "role-")), dict(_chosen(form, "reading-"))
    roles, readings, unclear = {}, {}, []
    for place, column in enumerate(card.seen.get("columns", ())):
        word = chosen.get(place, column["role"])
        if word not in {role.value for role in ColumnRole}:
            raise MappingRefused(f"{word[:40]!r} is nothing a column can be")
        roles[column["name"]] = ColumnRole(word)
        may_be = column.get("readings") or {}
        reading = picked.get(place) or column.get("reading", "")
        if may_be and reading:
            readings[column["name"]] = reading
        elif may_be and roles[column["name"]] in READ_IN_ONE_WAY:
            told = {Reading(each): said for each, said in may_be.items()}
            unclear.append(OpenColumn(column=column["name"], example=column["example"], readings=told))
    if unclear:
        raise NotationUnclear(unclear)
    country = str(form.get("country", "")).strip().upper()
    if not re.fullmatch(COUNTRY, country):
        raise MappingRefused(f"--region {country[:40]!r}: expected: a country's two letters, such as SE")
    before = card.given.readings if card.given is not None else {}
    return replace(
        given_by_roles(roles), readings={**before, **read_readings(readings)}, region=country or None
    )


def _chosen(form: FormData, field: str) -> list[tuple[int, str]]:
    """The fields `role-0`, `role-1` … of this beginning, by the place of the column."""
    return [
        (int(place), str(value))
        for name, value in form.multi_items()
        if name.startswith(field) and (place := name.removeprefix(field)).isdecimal() and len(place) < 5  # noqa: PLR2004
    ]


def _ask(deps: Dependencies, file: int, event: FileEvent, given: Given | None = None) -> None:
    if not received_files.ask_file(deps.database, file, event, deps.now(), given):
        card = _card(deps, file)
        raise RequestError(
            f"file.{card.state}",
            say(
                "%(event)s is not possible: the file is %(state)s.",
                event=translate(event.value),
                state=translate(card.state),
            ),
            status=409,
        )
    deps.reader.ask(file)


def _card(deps: Dependencies, file: int) -> FileCard:
    card = received_files.file_card(deps.database, file, deps.now())
    if card is None:
        raise not_found("file")
    return card


def _page(
    request: Request,
    deps: Dependencies,
    *,
    fault: RequestError | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return deps.page(
        request,
        "imports.html",
        {
            "files": received_files.list_files(deps.database, limit=SHOWN),
            "sources": list_sources(deps.database),
            "folders": deps.settings.imports.folders,
            "fault": fault,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )


def _file(
    request: Request,
    deps: Dependencies,
    card: FileCard,
    *,
    fault: RequestError | None = None,
    chosen: dict[int, str] | None = None,
    picked_now: dict[int, str] | None = None,
    country: str | None = None,
) -> Response:
    given = card.given
    roles, readings = {}, {}
    for place, column in enumerate(card.seen.get("columns", ())):
        roles[place] = (chosen or {}).get(place) or (
            roles_of(given, [column["name"]])[column["name"]] if given else column["role"]
        )
        picked = given.readings.get(column["name"]) if given else None
        readings[place] = (picked_now or {}).get(place) or picked or column.get("reading", "")
    return deps.page(
        request,
        "import.html",
        {
            "card": card,
            "said": write_finding(card.said),
            "described": write_finding(card.seen.get("described", "")),
            "lost_cells": [
                (write_lost_cell(what), count) for what, count in card.report.get("lost_cells", {}).items()
            ],
            "fault": fault,
            "roles": roles,
            "readings": readings,
            "region": deps.settings.calling.default_region,
            "country": country if country is not None else given.region if given else "",
            "choices": tuple(ColumnRole),
            "endings": [ending for ending in received_files.ENDINGS if card.beside(ending) is not None],
            "may_check": card.state in {FileState.LOOKED, FileState.CHECKED},
        },
        status=fault.status if fault else 200,
    )
