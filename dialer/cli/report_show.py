"""`winback report`: the reports, on the screen or as a file; the same figures as on the pages."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail
from dialer.cli.day_option import day_option
from dialer.cli.report_callers import inbound
from dialer.core.reporting.columns import Cell, ReportTable, Unit
from dialer.core.reporting.day_report import Grouping
from dialer.core.reporting.table_files import FileFormat, write_file

group = typer.Typer(
    name="report",
    help="Figures of the centre by day: on the screen, or as a file.",
    no_args_is_help=True,
    callback=lambda: None,
)
group.command()(inbound)


@group.command(name="list")
def list_reports() -> None:
    """List the reports there are."""
    from dialer.services.reporting.reports import REPORTS

    table = Table("report", "title", "what it says")
    for card in REPORTS.values():
        table.add_row(card.name, card.title, card.says)
    console.print(table)


@group.command()
def show(
    name: Annotated[str, typer.Argument(help="A report, as `winback report list` names it.")],
    *,
    first: Annotated[date | None, day_option("--from", words="First day.")] = None,
    last: Annotated[date | None, day_option("--to", words="Last day.")] = None,
    by: Annotated[Grouping, typer.Option(help="What one row is of.")] = Grouping.DAY,
    out: Annotated[Path | None, typer.Option(help="Write this file, .csv or .xlsx.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line.")] = False,
) -> None:
    """Show a report: the last week where no day is named, on the clock of `queues.zone`."""
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.reporting.reports import ReportAsked, ReportRefused, days_or_latest, read_report

    kind = _format(out)
    settings = settings_in_force()
    zone = settings.queues.zone
    with open_app(settings) as app:
        since, until = days_or_latest(first, last, zone, app.clock())
        asked = ReportAsked(name=name, first=since, last=until, grouping=by)
        try:
            table = read_report(app.database, asked, zone, app.clock())
        except ReportRefused as refused:
            fail(str(refused))
    if out is not None and kind is not None:
        try:
            out.write_bytes(write_file(table, kind))
        except OSError as fault:
            fail(f"{out} cannot be written: {fault.strerror}", code=1)
        console.print(f"{len(table.rows):,} lines are in {out}.", markup=False)
    elif as_json:
        said = {"report": name, "zone": zone, "rows": [*map(_as_json, table.as_dicts())]}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        _print(table)


def _format(out: Path | None) -> FileFormat | None:
    if out is None:
        return None
    try:
        return FileFormat(out.suffix.lower().removeprefix("."))
    except ValueError:
        fail(f"--out {out}: the name has to end with .csv or .xlsx")


def _as_json(row: dict[str, Cell]) -> dict[str, Any]:
    return {name: cell.isoformat() if isinstance(cell, date) else cell for name, cell in row.items()}


def _print(table: ReportTable) -> None:
    if not table.rows:
        console.print("There is nothing to report of these days.")
        return
    shown = Table(*(column.title for column in table.columns))
    units = [column.unit for column in table.columns]
    for row in table.rows:
        shown.add_row(*(_in_words(cell, unit) for cell, unit in zip(row, units, strict=True)))
    console.print(shown)


def _in_words(cell: Cell, unit: Unit) -> str:
    match cell:
        case None:
            return ""
        case float() if unit is Unit.SHARE:
            return f"{cell:.1%}"
        case float():
            return f"{cell:,.2f}" if unit is Unit.MONEY else f"{cell:,.0f}"
        case int():
            return f"{cell:,}"
        case _:
            return escape(str(cell))
