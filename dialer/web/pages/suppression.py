"""The do-not-call page."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path, PurePath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import File, Form, Request, UploadFile
from pydantic import BeforeValidator
from starlette.responses import RedirectResponse, Response

from dialer.core.compliance.registers import MOST_LOST_SHARE, RegisterSource
from dialer.extras import extra_needed
from dialer.services.customers import suppression
from dialer.services.customers.register_copies import list_registers
from dialer.web.access.asked import Asking, shown_to
from dialer.web.access.whole_numbers import listed_for
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.file_words import on_the_page
from dialer.web.flash import Facts, tell, told
from dialer.web.form_faults import shown_again
from dialer.web.languages import to_say, translate
from dialer.web.routers import page_router
from dialer.web.schemas import DoNotCallInput, RemoveInput, as_e164

if TYPE_CHECKING:
    from dialer.services.customers.registers import RegisterReport

router = page_router()

SHOWN: Final = 200
SHOWN_OF_LINE: Final = 80  # characters: enough to find a bad line again
SOURCE: Final = "manager's page"
CANNOT_READ: Final = to_say(
    "These pages run without the extra `model`, which reads files. Use `winback do-not-call import` on a "
    "machine that has it."
)
CHARACTERS: Final = "^([1-9][0-9]{0,3}-[1-9][0-9]{0,3})?$"  # the first and the last of a line
SUFFIX: Final = 8  # characters of a file's ending, which tells a workbook


@router.get("/do-not-call")
def show_list(request: Request, deps: AtFront) -> Response:
    """The latest numbers, and a form for one more."""
    return _told(request, deps, told(request))


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, typed=typed, wrong=wrong)


@router.post("/do-not-call")
@shown_again(_again)
def add(
    request: Request, form: Annotated[DoNotCallInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Add a number; one that is none is shown again with the reason."""
    try:
        e164 = as_e164(form.number, deps.settings.calling.default_region)
    except RequestError as fault:
        return _page(request, deps, fault=fault, typed=form.model_dump(), wrong={"number": fault.message})
    suppression.add_do_not_call(deps.database, e164, form.reason, visitor.actor(SOURCE), deps.now())
    return RedirectResponse("/do-not-call", 303)


@router.post("/do-not-call/search")
@shown_again(_again)
def search(request: Request, form: Annotated[RemoveInput, Form()], deps: AtFront) -> Response:
    """Say of one number what the list and the registers do; a post keeps it out of logs."""
    try:
        e164 = as_e164(form.number, deps.settings.calling.default_region)
    except RequestError as fault:
        return _page(request, deps, typed={"sought": form.number}, wrong={"sought": fault.message})
    sought = {"sought": form.number, "e164": e164}
    return tell(request, "/do-not-call", sought, shown=lambda said: _told(request, deps, said))


@router.post("/do-not-call/remove")
def remove(form: Annotated[RemoveInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Take a number off; campaigns may ring it again."""
    e164 = as_e164(form.number, deps.settings.calling.default_region)
    suppression.remove_do_not_call(deps.database, e164, visitor.actor(SOURCE), deps.now())
    return RedirectResponse("/do-not-call", 303)


@router.post("/do-not-call/import")
def upload(
    request: Request,
    file: Annotated[UploadFile, File()],
    source: Annotated[RegisterSource, Form()],
    deps: AtFront,
    visitor: Asking,
    *,
    country: Annotated[str, Form(pattern="^([A-Za-z]{2})?$")] = "",
    dated: Annotated[date | None, BeforeValidator(lambda text: text or None), Form()] = None,
    shorter: Annotated[bool, Form()] = False,
    at: Annotated[str, Form(pattern=CHARACTERS)] = "",
    encoding: Annotated[str, Form(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = "",
) -> Response:
    """Make a register's numbers those of a file, and show what became of its lines."""
    try:
        # pages run without the libraries that read files
        from dialer.services.customers.customer_file import FileRefused  # noqa: PLC0415
        from dialer.services.customers.registers import RegisterFile, import_register  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if extra_needed(missing) is None:
            raise
        return _page(request, deps, fault=RequestError("register.refused", CANNOT_READ, status=422))
    now = deps.now()
    moment = datetime.combine(dated, time(), UTC) if dated is not None else now
    name = PurePath(file.filename or "register").name
    with TemporaryDirectory(prefix="winback-") as folder:
        path = Path(folder) / f"register{Path(name).suffix.lower()[:SUFFIX]}"
        with path.open("wb") as stream:
            copyfileobj(file.file, stream)
        asked = RegisterFile(
            path=path,
            source=source,
            dated=min(moment, now),
            actor=visitor.actor(SOURCE),
            country=(country or deps.settings.calling.default_region).upper(),
            name=name,
            shorter=shorter,
            at=_characters(at),
            encoding=encoding or None,
        )
        try:
            report = import_register(deps.database, asked, now)
        except FileRefused as refused:
            why = on_the_page(str(refused).replace(str(path), name))
            return _page(request, deps, fault=RequestError("register.refused", why, status=422))
    said = {"report": _read_out(report)}
    return tell(request, "/do-not-call", said, shown=lambda said: _told(request, deps, said))


def _told(request: Request, deps: Dependencies, said: Facts) -> Response:
    """The page with the number that was looked up, or what became of a file's lines."""
    if "e164" not in said:
        return _page(request, deps, report=said.get("report"))
    standing = suppression.look_up_number(deps.database, said["e164"])
    return _page(request, deps, standing=standing, typed={"sought": said["sought"]})


def _read_out(report: "RegisterReport") -> dict[str, Any]:
    """What the page shows of it."""
    counts = ("register", "lines", "good", "bad", "known", "added", "removed")
    unread = [
        {"line": each.line, "text": each.text[:SHOWN_OF_LINE], "reason": each.reason}
        for each in report.unread
    ]
    return {
        **{name: getattr(report, name) for name in counts},
        "place": translate(report.place),
        "unread": unread,
    }


def _characters(said: str) -> slice | None:
    """Where in a line the number stands; None: wherever it is found."""
    if not said:
        return None
    first, last = map(int, said.split("-"))
    return slice(first - 1, last)


def _page(
    request: Request,
    deps: Dependencies,
    *,
    report: Mapping[str, Any] | None = None,
    standing: suppression.NumberStanding | None = None,
    fault: RequestError | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return deps.page(
        request,
        "do_not_call.html",
        {
            "rows": listed_for(
                deps, shown_to(request), suppression.list_do_not_call(deps.database, limit=SHOWN)
            ),
            "region": deps.settings.calling.default_region,
            "registers": list_registers(deps.database, deps.now()),
            "sources": tuple(RegisterSource),
            "most_lost_share": MOST_LOST_SHARE,
            "report": report,
            "standing": standing,
            "fault": fault,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )
