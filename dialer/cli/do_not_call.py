"""`winback do-not-call`: registers of numbers that want no marketing calls."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail, meter
from dialer.cli.day_option import day_option
from dialer.core.amounts import amount_of
from dialer.core.compliance.registers import RegisterSource

group = typer.Typer(
    name="do-not-call",
    help="Registers of numbers that want no marketing calls: import a file, list them.",
    no_args_is_help=True,
)


@group.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="One number a line, columns, or fixed width; also gzip, zip or a workbook.")
    ],
    *,
    source: Annotated[RegisterSource, typer.Option(help="Which register the file is from; own: your own.")],
    country: Annotated[
        str | None,
        typer.Option(
            help="ISO code, of a Robinson list and of your own; calling.default_region if not said."
        ),
    ] = None,
    dated: Annotated[
        date | None,
        day_option("--dated", words="When it was taken from the register; the file's own date if not said."),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="Characters of each line that are the number: 1-11.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a text; found from its bytes if not said.")] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="The register has become much shorter: take out what the file is without."
        ),
    ] = False,
) -> None:
    """Make a register's numbers those of FILE: a newer file replaces the older one.

    Your own numbers are only ever added to. Lines that give no number come back in FILE.rejected.csv.
    """
    from dialer.bootstrap import open_app
    from dialer.cli.campaign import actor
    from dialer.services.customers.customer_file import FileRefused
    from dialer.services.customers.registers import RegisterFile, import_register
    from dialer.settings import Settings

    if not file.is_file():
        fail(f"there is no file {file}")
    settings = Settings()
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    with open_app(settings) as app, meter({"register": "Reading"}) as show:
        now = app.clock()
        moment = datetime.combine(dated, time(), UTC) if dated is not None else min(changed, now)
        if moment > now:
            fail("--dated lies in the future")
        asked = RegisterFile(
            path=file,
            source=source,
            dated=moment,
            actor=actor(),
            country=(country or settings.calling.default_region).upper(),
            at=read_characters(at) if at is not None else None,
            encoding=encoding,
            shorter=yes,
        )
        try:
            report = import_register(app.database, asked, now, progress=lambda share: show("register", share))
        except FileRefused as refused:
            fail(refused)
    heading = f", below the heading {report.heading!r}" if report.heading else ""
    console.print(f"{file.name}: {report.place}{heading}.", markup=False)
    console.print(
        f"{amount_of(report.lines, 'line')} in the file: {report.good:,} good, {report.bad:,} bad; "
        f"{amount_of(report.numbers, 'different number')}."
    )
    share = f" of {report.known:,} ({report.removed / report.known:.1%})" if report.removed else ""
    console.print(
        f"{report.register}: {amount_of(report.added, 'number')} added, {report.removed:,} removed{share}."
    )
    if report.rejected_file is not None:
        console.print(
            f"{amount_of(report.bad, 'bad line')}, with line and reason, in {report.rejected_file}.",
            markup=False,
        )


@group.command("list")
def list_all() -> None:
    """List the registers: how many numbers each holds, of when its copy is, and how long that may be used."""
    from dialer.bootstrap import open_app
    from dialer.services.customers.register_copies import list_registers
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        cards = list_registers(app.database, app.clock())
    if not cards:
        console.print("No register was imported. `winback do-not-call import FILE --source NAME` does.")
        return
    table = Table("register", "countries", "numbers", "of", "holds until", "file")
    for card in cards:
        until = f"{card.copy.stale_from:%Y-%m-%d}" + (" (too old)" if card.stale else "")
        table.add_row(
            card.copy.name,
            " ".join(card.copy.countries),
            f"{card.numbers:,}",
            f"{card.copy.dated:%Y-%m-%d}",
            until,
            escape(card.file_name),
        )
    console.print(table)


def read_characters(text: str) -> slice:
    """`1-11`: the first eleven characters of a line."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        fail(f"--at {text!r}: say the first and the last character, as in 1-11")
    return slice(int(first) - 1, int(last))
