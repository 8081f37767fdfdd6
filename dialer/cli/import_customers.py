"""`winback import`: a customer file into the database."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail, meter

if TYPE_CHECKING:
    from dialer.services.customers.imports import ImportReport

#: of the mapping, and what the table of columns calls each
ROLES: Final = {
    "id": "id",
    "name": "name",
    "phones": "phone",
    "zone": "zone",
    "language": "language",
    "household": "household",
    "label": "label",
    "do_not_call": "do not call",
    "deceased": "do not call (deceased)",
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
    zone: Annotated[str | None, typer.Option(metavar="COLUMN", help="IANA time zone.")] = None,
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
    from dialer.services.customers.customer_file import FileRefused
    from dialer.services.customers.imports import ImportReport, import_customers, plan_import
    from dialer.settings import Settings

    given = Given(
        id=id_,
        name=tuple(name) if name else None,
        phones=tuple(phone) if phone else None,
        zone=zone,
        language=language,
        household=household,
        label=label,
        do_not_call=tuple(do_not_call) if do_not_call else None,
        deceased=("none",) if do_not_call == ["none"] else None,
        ignored=tuple(ignore or ()),
    )
    settings = Settings()
    read_words(settings)
    region = settings.calling.default_region
    try:
        plan = plan_import(
            file, given, region=region, fictional=numbers == "generate", encoding=encoding, sheet=sheet
        )
        console.print(f"{file.name}: {plan.file.described}.", markup=False)
        show_mapping(plan.mapping.as_dict(), plan.mapping.attributes(plan.file.columns), plan.sample)
        for column, notation in plan.notations.items():
            console.print(f"{column}: {notation.shown}.", markup=False)
        if queue and not try_only:
            arguments = {
                "path": str(file.resolve()),
                "mapping": plan.mapping.as_dict(),
                "fictional": plan.fictional,
                "encoding": encoding,
                "sheet": sheet,
            }
            asked = f"{plan.file.sha256()} {json.dumps(arguments, sort_keys=True)}"
            job = f"import-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"
            result = run_as_job(settings, "import_file", job, arguments, STAGES)
            report = ImportReport(**result) if result is not None else None
        else:
            with open_app(settings) as app, meter(STAGES) as show:
                report = import_customers(
                    app.database,
                    plan,
                    app.clock(),
                    region=region,
                    progress=lambda share: show("import", share),
                    store=not try_only,
                )
    except (FileRefused, MappingRefused, FictionUsedUp) as refused:
        fail(refused)
    if report is not None:
        show_report(report, region)


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
    console.print(table)


def show_report(report: "ImportReport", region: str) -> None:
    """Say what became of the rows: every one is good or bad."""
    added, changed, unchanged, good = report.added, report.changed, report.unchanged, report.good
    console.print(f"{report.rows:,} rows in the file: {good:,} good, {report.bad:,} bad.")
    if not report.stored:
        console.print("Nothing was stored (--try).")
    elif good and not added and not changed:
        console.print(f"Nothing changed: all {good:,} customers are in the database just like that.")
    else:
        console.print(f"{added:,} customers added, {changed:,} changed, {unchanged:,} as they were.")
    _show_remarks(report)
    if report.incomplete_file:
        _show_lost(report)
    if report.rejected_file:
        console.print(
            f"{report.bad:,} bad rows, with line, column and reason, in {report.rejected_file}. Correct them "
            "there and import that file.",
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
            f"{report.without_number:,} customers have no number: they are scored, but cannot be called."
        )
    if report.put_off:
        console.print(
            f"{report.put_off:,} persons are put off by the file: they are not rung, whatever number they "
            "get. A later file does not undo that; `winback allow CUSTOMER --reason TEXT` does."
        )
    if report.stay_left:
        console.print(
            f"{report.stay_left:,} customers are known to have left, and there by this file: they stay "
            "left. If they came back, say so with `winback label FILE --left COLUMN`."
        )


def _show_lost(report: "ImportReport") -> None:
    console.print(
        f"{report.incomplete:,} customers came without a cell that could not be read. Correct them in "
        f"{report.incomplete_file} and import that file:",
        markup=False,
    )
    for what, count in sorted(report.lost_cells.items(), key=lambda item: (-item[1], item[0])):
        console.print(f"  {count:,} × {what}", markup=False)  # noqa: RUF001 - the sign people read as times


def _unread(column: str, regions: Sequence[str], region: str) -> str:
    """Why a column of numbers gave none, as far as its cells tell."""
    if regions:
        return (
            f"{column!r} holds no numbers of {region}, but they read as numbers of {', '.join(regions)}. Set "
            "calling.default_region to the country they are written in, and import the file again."
        )
    return (
        f"{column!r} is named like a column of numbers, and not one could be read. Correct them, or say "
        "--phone none if they are no numbers."
    )
