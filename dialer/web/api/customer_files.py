"""A system's customer file over HTTP: handed in, read as its source's files were, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, WithJsonSchema
from starlette.responses import FileResponse, Response

from dialer.core.importing.received_file import FileEvent, FileState
from dialer.services.customers import received_files
from dialer.services.customers.import_sources import WhenMissing
from dialer.services.customers.received_files import FileCard
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, not_found
from dialer.web.pages.imports import require_reader
from dialer.web.routers import api_router
from dialer.web.schemas import Blank, SourceNamed

router = api_router(tag="customer files", prefix="/customer-files")

ORIGIN: Final = "api"
#: a form has no null: what is not said is left out or empty
CHOICE_OF_A_FORM: Final = WithJsonSchema({"type": "string", "enum": ["", *WhenMissing]})


class CustomerFileAnswer(BaseModel):
    """A file as it stands; `report` has the counts once its rows are stored, `said` why it was refused."""

    id: int
    name: str
    source: str
    state: FileState
    share: float
    received_at: datetime
    said: str
    report: Mapping[str, Any]


@router.post("", status_code=202)
def hand_in(
    file: Annotated[UploadFile, File()],
    source: Annotated[SourceNamed, Form()],
    deps: AtFront,
    missing: Annotated[WhenMissing | None, Blank, Form(), CHOICE_OF_A_FORM] = None,
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
    )
    received_files.ask_file(deps.database, number, FileEvent.STORE, deps.now())
    deps.reader.ask(number)
    return look_at(number, deps)


@router.get("/{file}")
def look_at(file: Id, deps: AtFront) -> CustomerFileAnswer:
    """Where the file stands, and what became of its rows."""
    return _answer(_card(file, deps))


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
        said=card.said,
        report=card.report,
    )
