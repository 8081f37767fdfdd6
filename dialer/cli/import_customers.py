"""`winback import`: a customer file into the database."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail, meter
from dialer.core.amounts import amount_of

if TYPE_CHECKING:
    from dialer.core.importing.readings import Reading
    from dialer.services.customers.import_sources import MissingReport
    from dialer.services.customers.imports import ImportPlan, ImportReport

#: of the mapping, and what the table of columns calls each
ROLES: Final = {
    "id": "id",
    "name": "name",
    "phones": "phone",
    "calling_codes": "country calling code",
    "area_codes": "area code",
    "zone": "zone",
    "state": "state (settles the clock)",
    "postcode": "postcode (settles the clock)",
    "country": "country (settles the clock, and whose its numbers are)",
    "language": "language",
    "household": "household",
    "label": "label",
    "do_not_call": "do not call",
    "deceased": "do not call (deceased)",
    "may_call": "may be called (a no puts off)",
}
STAGES = {"import": "Reading"}

Column = Annotated[str | None, typer.Option(metavar="COLUMN")]


def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV (also gzip or zip), .xlsx, .ods, .xls or Parquet, one row a customer.")
    ],
    *,
    id_: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Tells customers apart.")] = None,
    name: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="The name; twice for first and last name.")
    ] = None,
    phone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="A number; again for the next one to try. `none`: no such column."
        ),
    ] = None,
    calling_code: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A country's calling code, for the numbers behind it."),
    ] = None,
    area_code: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="An area code, for the next column of numbers. `none`: none is."),
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="COLUMN", help="IANA time zone.")] = None,
    state: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="State or province, which tells clock and rules.")
    ] = None,
    postcode: Annotated[str | None, typer.Option(metavar="COLUMN", help="Postcode; the same.")] = None,
    country: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Country; the same, and of numbers without a country's code. `none`: no such column.",
        ),
    ] = None,
    language: Annotated[str | None, typer.Option(metavar="COLUMN", help="Language code.")] = None,
    household: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Customers of one household share a value.")
    ] = None,
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="Whether the customer left.")] = None,
    do_not_call: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Puts the person off unless it says no. `none`: no column does, nor a death.",
        ),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Leave this column out.")] = None,
    notation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=READING",
            help="How a column is meant that may be read in two ways: `decimal comma`, `decimal point`, "
            "`day first` or `month first`; again for the next column.",
        ),
    ] = None,
    numbers_of: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="COUNTRY",
            help="Of numbers without a country's code (ISO 3166); calling.default_region where none is said.",
        ),
    ] = None,
    numbers: Annotated[
        Literal["file", "generate"],
        typer.Option(help="`generate`: give each customer a number reserved for fiction."),
    ] = "file",
    encoding: Annotated[
        str | None, typer.Option(help="Of a text, e.g. cp1252; found from its bytes where it is not said.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Of a workbook; the first one where none is named.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The system the file is from: read as its last file was, and a replacement of it.",
        ),
    ] = None,
    missing: Annotated[
        Literal["report", "close", "close-all"] | None,
        typer.Option(
            help="Of the source's customers who are not in the file: `close` takes them off every list, "
            "unless they are so many that the file must be half a file; `close-all` even then."
        ),
    ] = None,
    try_only: Annotated[bool, typer.Option("--try", help="Read and judge every row, store none.")] = False,
    queue: Annotated[bool, typer.Option("--queue", help="Let a worker do it.")] = False,
) -> None:
    """Bring customers in from FILE: good rows go into the database, bad rows come back in FILE.rejected.csv.

    Columns are guessed by name and values; options overrule a guess. Every other column becomes an
    attribute that the model may learn from. Importing the same file twice changes nothing.
    """
    from dialer.bootstrap import open_app, read_words
    from dialer.cli.run_as_job import run_as_job
    from dialer.core.importing.fiction import FictionUsedUp
    from dialer.core.importing.mapping import Given, MappingRefused
    from dialer.import_settings import SOURCE_NAME
    from dialer.services.customers.customer_file import FileRefused
    from dialer.services.customers.import_sources import MissingReport, WhenMissing
    from dialer.services.customers.imports import ImportReport
    from dialer.services.customers.sourced_imports import FileAsked, import_of, plan_of
    from dialer.settings import Settings

    if missing is not None and source is None:
        fail("--missing needs --source NAME: without a source nobody can be missing")
    if source is not None and not re.fullmatch(SOURCE_NAME, source):
        fail(f"--source {source!r}: a source's name is letters, digits, dots, dashes and blanks, 60 at most")

    given = Given(
        id=id_,
        name=tuple(name) if name else None,
        phones=tuple(phone) if phone else None,
        calling_codes=tuple(calling_code) if calling_code else None,
        area_codes=tuple(area_code) if area_code else None,
        zone=zone,
        state=state,
        postcode=postcode,
        country=country,
        language=language,
        household=household,
        label=label,
        do_not_call=tuple(do_not_call) if do_not_call else None,
        deceased=("none",) if do_not_call == ["none"] else None,
        may_call=("none",) if do_not_call == ["none"] else None,
        ignored=tuple(ignore or ()),
        readings=said_readings(notation or ()),
        region=numbers_of.strip().upper() if numbers_of else None,
    )
    settings = Settings()
    read_words(settings)
    region = settings.calling.default_region
    asked = FileAsked(
        path=file,
        given=given,
        source=source,
        missing=WhenMissing(missing) if missing is not None else None,
        encoding=encoding,
        sheet=sheet,
        fictional=numbers == "generate",
    )
    gone: MissingReport | None = None
    report: ImportReport | None = None
    try:
        with open_app(settings) as app, meter(STAGES) as show:
            sourced = plan_of(app.database, asked, region=region)
            plan = sourced.plan
            _show_plan(plan)
            if not queue or try_only:
                report, gone = import_of(
                    app.database,
                    sourced,
                    app.clock(),
                    region=region,
                    progress=lambda share: show("import", share, plan.rows),
                    store=not try_only,
                )
        if queue and not try_only:
            arguments = {
                "path": str(file.resolve()),
                "mapping": plan.mapping.as_dict(),
                "fictional": plan.fictional,
                "encoding": sourced.asked.encoding,
                "sheet": sourced.asked.sheet,
                "source": source,
                "missing": sourced.missing.value if source is not None else None,
                "readings": dict(plan.readings),
                "numbers_of": plan.region,
            }
            told = f"{plan.file.sha256()} {json.dumps(arguments, sort_keys=True)}"
            job = f"import-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
            result = run_as_job(settings, "import_file", job, arguments, STAGES) or {}
            said = result.pop("missing", None)
            report = ImportReport(**result) if result else None
            gone = MissingReport(**said) if said else None
    except (FileRefused, MappingRefused, FictionUsedUp) as refused:
        fail(refused)
    if gone is not None:
        show_missing(gone)
    if report is not None:
        show_report(report, plan.region or region)


def said_readings(said: Sequence[str]) -> Mapping[str, "Reading"]:
    """What is said of columns that may be read in two ways."""
    from dialer.core.importing.mapping import MappingRefused
    from dialer.core.importing.picked_readings import read_readings

    parted = (one.rpartition("=") for one in said)
    try:
        return read_readings({column: reading for column, _, reading in parted})
    except MappingRefused as refused:
        fail(f"--notation: {refused}")


def _show_plan(plan: "ImportPlan") -> None:
    """Say what the file is, which column is what, and how each is written."""
    console.print(f"{plan.file.path.name}: {plan.file.described}.", markup=False)
    show_mapping(plan.mapping.as_dict(), plan.mapping.attributes(plan.file.columns), plan.sample)
    for column in plan.file.columns:
        if shown := plan.shown(column):
            console.print(f"{column}: {shown}.", markup=False)


def show_mapping(mapping: dict[str, object], attributes: tuple[str, ...], sample: Mapping[str, str]) -> None:
    """Say which column is what, with the first row's value to check it by."""
    table = Table("is", "column", "first row", title="Columns")
    for role in ROLES:
        held = mapping[role]
        columns = held if isinstance(held, list) else [held] if held else []
        for column in columns:
            table.add_row(ROLES[role], escape(str(column)), escape(sample.get(str(column), "")))
    shown = ", ".join(attributes)
    table.add_row("attributes", escape(shown), "", style="dim")
    ignored = mapping["ignored"]
    for column in ignored if isinstance(ignored, list) else []:
        table.add_row("left out", escape(str(column)), escape(sample.get(str(column), "")), style="dim")
    console.print(table)


def show_missing(gone: "MissingReport") -> None:
    """Say who of the source's customers is not in its file, and what became of them."""
    for sentence in gone.sentences:
        console.print(sentence, markup=False)
    if gone.file:
        console.print(f"Who is missing: {gone.file}.", markup=False)


def show_report(report: "ImportReport", region: str) -> None:
    """Say what became of the rows: every one is good or bad."""
    added, changed, unchanged, good = report.added, report.changed, report.unchanged, report.good
    beside = f" Beside them {amount_of(report.empty, 'empty line')}." if report.empty else ""
    console.print(f"{amount_of(report.rows, 'row')} in the file: {good:,} good, {report.bad:,} bad.{beside}")
    if not report.stored:
        console.print("Nothing was stored (--try).")
    elif good and not added and not changed:
        console.print(
            f"Nothing changed: {amount_of(good, 'customer is', 'customers are')} in the database "
            "just like that."
        )
    else:
        console.print(
            f"{amount_of(added, 'customer')} added, {changed:,} changed, {unchanged:,} as they were."
        )
    _show_remarks(report)
    if report.incomplete_file:
        _show_lost(report)
    if report.rejected_file:
        console.print(
            f"{amount_of(report.bad, 'bad row')}, with line, column and reason, in "
            f"{report.rejected_file}. Correct "
            "there what is wrong and import that file.",
            markup=False,
        )
    if not good:
        fail("No row could be used.", code=1)
    if report.unread_phones:
        fail(" ".join(_unread(column, at, region) for column, at in report.unread_phones.items()), code=1)


def _show_remarks(report: "ImportReport") -> None:
    if report.fictional:
        console.print(
            "The numbers are fictional: ranges that Ofcom keeps for drama, which reach nobody. "
            "Import real ones with --phone COLUMN before calling anybody."
        )
    if report.without_number:
        console.print(
            f"{amount_of(report.without_number, 'customer has', 'customers have')} no number: "
            "scored, but not "
            "to be called."
        )
    if report.put_off:
        console.print(
            f"{amount_of(report.put_off, 'person is', 'persons are')} put off by the file: not "
            "rung, whatever "
            "number they get. A later file does not undo that; `winback allow CUSTOMER --reason TEXT` does."
        )
    if report.stay_left:
        console.print(
            f"{amount_of(report.stay_left, 'customer is', 'customers are')} known to have left, and there by "
            "this file: left they stay. If they came back, say so with `winback label FILE --left COLUMN`."
        )


def _show_lost(report: "ImportReport") -> None:
    console.print(
        f"{amount_of(report.incomplete, 'customer')} came without a cell that could not be read. "
        "Correct it in "
        f"{report.incomplete_file} and import that file:",
        markup=False,
    )
    for what, count in sorted(report.lost_cells.items(), key=lambda item: (-item[1], item[0])):
        console.print(f"  {count:,} × {what}", markup=False)  # noqa: RUF001 - the sign people read as times


def _unread(column: str, regions: Sequence[str], region: str) -> str:
    """Why a column of numbers gave none, as far as its cells tell."""
    if regions:
        return (
            f"{column!r} holds no numbers of {region}, but they read as numbers of {', '.join(regions)}. "
            f"Import the file again with --region {regions[0]}, or set calling.default_region for all files."
        )
    return (
        f"{column!r} is named like a column of numbers, and not one could be read. Correct them, or say "
        "--phone none if they are no numbers."
    )
