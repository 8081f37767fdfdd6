"""`winback label` and `winback effect`: who left, and what calling changed."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail
from dialer.core.amounts import amount_of

if TYPE_CHECKING:
    from churnmodel.effect import Effect
    from dialer.services.analytics.effect import CampaignEffect


def label(
    file: Annotated[Path, typer.Argument(help="CSV, gzip CSV or Parquet: customers who left, or stayed.")],
    *,
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="The customer; unset: as in the last import."),
    ] = None,
    left: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Whether they left; unset: the import's --label, if FILE has it, else all did.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="When: days as an import reads them."),
    ] = None,
    notation: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=READING",
            help="How --at is meant where it may be read in two ways: `day first` or `month first`.",
        ),
    ] = None,
    rest_stayed: Annotated[
        bool, typer.Option("--rest-stayed", help="All other customers in the database are still there.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Of a text, e.g. cp1252; found from its bytes where it is not said.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Of a workbook; the first one where none is named.")
    ] = None,
) -> None:
    """Say who left and who stayed. What was said is kept for ever; saying it again adds nothing.

    With --rest-stayed every line must be readable, for who is lost on the way would count as stayed.
    """
    from dialer.bootstrap import open_app
    from dialer.cli.import_customers import said_readings
    from dialer.services.analytics.churn_label_file import (
        SHOWN,
        OutcomeColumns,
        OutcomesRefused,
        read_outcomes,
        tell_outcomes,
    )
    from dialer.services.customers.customer_file import CustomerFile, FileRefused
    from dialer.settings import Settings

    try:
        with open_app(Settings()) as app:
            now = app.clock()
            columns = OutcomeColumns(
                id=id_, left=left, at=at, readings=said_readings([notation] if notation else [])
            )
            read = read_outcomes(app.database, CustomerFile(file, encoding, sheet), columns, now)
            report = tell_outcomes(app.database, read, file, now, rest_stayed=rest_stayed)
    except (FileRefused, OutcomesRefused) as refused:
        fail(refused)
    said = read.columns.left or (read.columns.at if read.columns.by_day else None)
    console.print(
        f"{f'By the column {said!r}' if said else 'Everyone in the file left'}: {report.left:,} left, "
        f"{report.stayed:,} stayed; {report.known:,} were known before, "
        f"{report.unknown_customers:,} are not in the database.",
        markup=False,
    )
    if read.undated:
        console.print(
            f"Of {read.undated:,} who left nobody says when. A campaign whose horizon is over before such a "
            "telling cannot be measured: tell dates with --at COLUMN, also later."
        )
    if read.bad:
        shown = "; ".join(one.in_words() for one in read.bad[:SHOWN])
        console.print(
            f"{amount_of(len(read.bad), 'line')} that could not be read: {shown}.",
            markup=False,
        )


def effect(
    name: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name, or its number.")],
    *,
    horizon: Annotated[
        float, typer.Option(min=0, help="Days after the start at which it counts who left; 0: so far.")
    ] = 60.0,
    by: Annotated[
        list[str] | None, typer.Option(metavar="ATTRIBUTE", help="Also by this attribute; may be repeated.")
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="Only look: never pause the campaign.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what calling changed, against the customers held out by chance, with intervals valid at any look.

    A running campaign that is shown to drive customers away is paused.
    """
    from dialer.bootstrap import open_app
    from dialer.cli.campaign import actor, unknown
    from dialer.services.analytics.effect import measure_campaign
    from dialer.services.analytics.effect_words import in_words
    from dialer.services.analytics.prices import price_from
    from dialer.services.campaigns.campaigns import UnknownCampaign
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app:
        try:
            found = measure_campaign(
                app.database,
                name,
                app.clock(),
                price=price_from(settings),
                horizon=timedelta(days=horizon),
                by=by or (),
                stop=not look,
                actor=actor(),
            )
        except UnknownCampaign:
            fail(unknown(app, name))
    if as_json:
        sys.stdout.write(json.dumps(plain_effect(found), ensure_ascii=False) + "\n")
        return
    for sentence in in_words(found):
        console.print(sentence, markup=False)
    if found.effect is None:
        console.print("`--horizon 0` looks at what is known so far.", markup=False)
    if found.effect is not None and found.effect.segments:
        console.print(segment_table(found.effect))


def segment_table(measured: "Effect") -> Table:
    """The effect by segment; a segment stands if it is still there after false discovery control."""
    from dialer.services.analytics.effect_words import share

    table = Table(
        "segment", "customers", "kept", "stands", title="By segment, at most 5 % false among stands"
    )
    for segment in measured.segments:
        stands = "yes" if segment.real else "no"
        table.add_row(escape(segment.name), f"{segment.customers:,}", share(segment.effect), stands)
    return table


def plain_effect(found: "CampaignEffect") -> Any:
    """The effect as JSON has it: times in ISO 8601, null for what is not known."""
    from dataclasses import asdict

    return _plain(asdict(found))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value
