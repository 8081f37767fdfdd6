"""A system's customer file over HTTP: handed in, read as its source's files were, and what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from starlette.responses import FileResponse, Response

from dialer.core.importing.column_roles import ColumnRole, given_by_roles
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.core.importing.readings import Reading
from dialer.core.importing.received_file import FileEvent, FileState
from dialer.services.customers import received_files
from dialer.services.customers.import_sources import WhenMissing
from dialer.services.customers.received_files import FileCard
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.file_words import in_the_api
from dialer.web.languages import say, translate
from dialer.web.pages.imports import require_reader
from dialer.web.routers import api_router
from dialer.web.schemas import Blank, Line, SourceNamed

router = api_router(tag="customer files", prefix="/customer-files")

ORIGIN: Final = "api"
#: a form has no null: what is not said is left out or empty
CHOICE_OF_A_FORM: Final = WithJsonSchema({"type": "string", "enum": ["", *WhenMissing]})


EncodingName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,40}$")]
SheetName = Annotated[Line, Field(max_length=120)]
Country = Annotated[str, Field(pattern="^([A-Za-z]{2})?$")]
MOST_COLUMNS: Final = 1_000  # of a customer file


class FileColumn(BaseModel):
    """What a column was taken for; `readings` are the two its values leave, and what `example` is in each."""

    name: str
    role: ColumnRole
    written: str
    example: str = ""
    readings: Mapping[Reading, str] = {}
    notation: Reading | None = None  # of the readings; null: somebody has to say


class CustomerFileAnswer(BaseModel):
    """A file as it stands; `report` has the counts once its rows are stored, `said` why it was refused.

    A refused file that could be read has its `columns`, to be corrected.
    """

    id: int
    name: str
    source: str
    state: FileState
    share: float
    received_at: datetime
    said: str
    report: Mapping[str, Any]
    columns: list[FileColumn] = []


class ColumnCorrection(BaseModel):
    """What a column is, and how it is written; what is not said stays as it was found."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=2_000)]
    role: ColumnRole | None = None
    notation: Reading | None = None


class FileCorrections(BaseModel):
    """What a refused file left open. `region`: the country of numbers without a country's code."""

    model_config = ConfigDict(extra="forbid")

    columns: Annotated[list[ColumnCorrection], Field(max_length=MOST_COLUMNS)] = []
    encoding: EncodingName = ""
    sheet: SheetName = ""
    region: Country = ""


@router.post("", status_code=202)
def hand_in(
    file: Annotated[UploadFile, File()],
    source: Annotated[SourceNamed, Form()],
    deps: AtFront,
    *,
    missing: Annotated[WhenMissing | None, Blank, Form(), CHOICE_OF_A_FORM] = None,
    encoding: Annotated[EncodingName, Form()] = "",
    sheet: Annotated[SheetName, Form()] = "",
    region: Annotated[Country, Form()] = "",
) -> CustomerFileAnswer:
    """Import a file of this source, as its files were read before; its number tells what came of it.

    A source's first file is read by the names and values of its columns. Who is missing from the file is
    reported, or closed where that is said here or was said of the source before.
    """
    require_reader()
    number = received_files.receive_file(
        deps.database,
        deps.settings.data_dir,
        file.file,
        file.filename or "customers",
        deps.now(),
        origin=ORIGIN,
        source=source,
        missing=missing,
        encoding=encoding,
        sheet=sheet,
    )
    given = Given(region=region.upper()) if region else None
    received_files.ask_file(deps.database, number, FileEvent.STORE, deps.now(), given)
    deps.reader.ask(number)
    return look_at(number, deps)


@router.get("/{file}")
def look_at(file: Id, deps: AtFront) -> CustomerFileAnswer:
    """Where the file stands, and what became of its rows."""
    return _answer(_card(file, deps))


@router.post("/{file}/corrections", status_code=202)
def correct(file: Id, corrections: FileCorrections, deps: AtFront) -> CustomerFileAnswer:
    """Say what a refused file left open, and import it so; remembered for its source's next files.

    Refused with 409 unless the file was refused.
    """
    card = _card(file, deps)
    try:
        given = _corrected(card, corrections)
    except MappingRefused as refused:
        raise RequestError("import.columns", in_the_api(str(refused)), status=409) from refused
    if card.state is FileState.REFUSED:
        received_files.settle_file(
            deps.database,
            file,
            deps.now(),
            encoding=corrections.encoding or card.encoding,
            sheet=corrections.sheet or card.sheet,
        )
    if not received_files.ask_file(deps.database, file, FileEvent.CORRECT, deps.now(), given):
        said = say("A file that is %(state)s has nothing to correct.", state=translate(card.state))
        raise RequestError(f"file.{card.state}", said, status=409)
    deps.reader.ask(file)
    return look_at(file, deps)


@router.get("/{file}/rejected", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def rejected_rows(file: Id, deps: AtFront) -> Response:
    """The bad rows with line, column and reason, as CSV; no cell of it is a formula to a spreadsheet."""
    path = _card(file, deps).beside("rejected")
    if path is None:
        raise not_found("file")
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename=path.name)


def _card(file: int, deps: AtFront) -> FileCard:
    card = received_files.file_card(deps.database, file, deps.now())
    if card is None:
        raise not_found("file")
    return card


def _answer(card: FileCard) -> CustomerFileAnswer:
    return CustomerFileAnswer(
        id=card.id,
        name=card.name,
        source=card.source,
        state=card.state,
        share=card.share,
        received_at=card.received_at,
        said=in_the_api(card.said),
        report=card.report,
        columns=[] if card.at_work else list(map(_column, card.seen.get("columns", ()))),
    )


def _column(seen: Mapping[str, Any]) -> FileColumn:
    return FileColumn(
        name=seen["name"],
        role=seen["role"],
        written=seen["notation"],
        example=seen.get("example", ""),
        readings=seen.get("readings", {}),
        notation=seen.get("reading") or None,
    )


def _corrected(card: FileCard, corrections: FileCorrections) -> Given:
    """What was said of the file before, and now; where a role is said, every other column stays as it is."""
    before = card.given or Given()
    seen = {column["name"]: ColumnRole(column["role"]) for column in card.seen.get("columns", ())}
    said = {column.name: column for column in corrections.columns}
    if strange := next((name for name in said if name not in seen), None):
        raise MappingRefused(f"there is no column {strange!r}. The file has: {', '.join(seen) or 'none'}")
    roles = {name: column.role for name, column in said.items() if column.role is not None}
    given = given_by_roles({**seen, **roles}) if roles else before
    readings = {name: column.notation for name, column in said.items() if column.notation is not None}
    return replace(
        given,
        readings={**before.readings, **readings},
        region=corrections.region.upper() or before.region,
    )
