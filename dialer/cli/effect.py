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

if TYPE_CHECKING:
    from churnmodel.effect import Effect, Interval
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
        typer.Option(metavar="COLUMN", help="When: YYYY-MM-DD, or another order that leaves no doubt."),
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
            columns = OutcomeColumns(id=id_, left=left, at=at)
            read = read_outcomes(app.database, CustomerFile(file, encoding, sheet), columns, now)
            report = tell_outcomes(app.database, read, file, now, rest_stayed=rest_stayed)
    except (FileRefused, OutcomesRefused) as refused:
        fail(refused)
    said = read.columns.left
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
        console.print(f"{len(read.bad):,} lines could not be read and were left out: {shown}.", markup=False)


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
    if found.effect is not None and found.effect.segments:
        console.print(segment_table(found.effect))


def in_words(found: "CampaignEffect") -> list[str]:
    """The effect in sentences, also where there is nothing to say yet."""
    called = found.listed - found.held_out
    lists = (
        f"{called:,} customers to call, {found.held_out:,} held out by chance "
        f"({found.by_coin:,} of both by the coin)"
    )
    known = f"the outcome is known of {found.known_called:,} and {found.known_held_out:,}"
    said = [f"{found.campaign!r}: {lists}; {known}."]
    if found.left_before:
        said.append(f"{found.left_before:,} had left before it began and are not counted.")
    measured = found.effect
    why = why_not(found)
    if measured is None or why:
        return [*said, why, *all_calling(found), *harm(found)]
    sure = " (not told apart from nothing)" if measured.kept.low <= 0 <= measured.kept.high else ""
    alone = ", beyond what the other campaigns changed" if found.shared else ""
    said.append(f"Calling kept {share(measured.kept)} of those assigned to be called{alone}{sure}.")
    said += all_calling(found)
    if measured.kept_by_contact is None:
        said.append("Too few were reached to say what one conversation changes.")
    else:
        said.append(f"For each customer reached: {share(measured.kept_by_contact)}.")
    money = measured.money
    said.append(
        f"In money, value kept less cost: {money.estimate:+.2f} for each customer assigned "
        f"({money.low:+.2f} to {money.high:+.2f}); for all {called:,} to call "
        f"{called * money.estimate:+,.0f} ({called * money.low:+,.0f} to {called * money.high:+,.0f})."
    )
    beyond = found.beyond
    if beyond is not None and not beyond.refused and beyond.kept.low < beyond.kept.high:
        said.append(
            f"Of those whom the list left out, the coin had {beyond.called:,} called: it kept "
            f"{share(beyond.kept)}."
        )
    said.append(
        f"The intervals hold at every look, 95 % of all looks together; scores took out "
        f"{measured.variance_saved:.0%} of the variance."
    )
    return said + harm(found)


def why_not(found: "CampaignEffect") -> str:
    """Why nothing can be said of a campaign's effect; empty where something can."""
    measured = found.effect
    if measured is None:
        return (
            f"There is nothing to say yet: {found.horizon_days:g} days after the start are over on "
            f"{found.over_at:%Y-%m-%d}. `--horizon 0` looks at what is known so far."
        )
    if found.undated:
        return (
            f"Dates are needed: {found.undated:,} of the list are told to have left, and nobody knows "
            f"whether before the horizon was over, on {found.over_at:%Y-%m-%d}, or later "
            f"[{measured.refused}]. Tell "
            "when with `winback label FILE --at COLUMN`, also of customers who are known to have left."
        )
    if measured.refused:
        coin = "; customers of other campaigns count only where the coin decided" if found.shared else ""
        return (
            "There is not enough yet: at least 30 customers with a known outcome are needed on each side, "
            f"and 10 each of those who left and who stayed [{measured.refused}]{coin}. Tell outcomes with "
            "`winback label FILE`, also who stayed: --rest-stayed or --left COLUMN."
        )
    return ""


def all_calling(found: "CampaignEffect") -> list[str]:
    """What all campaigns together changed for this one's customers, where it is not the only one."""
    if not found.shared:
        return []
    said = f"Other campaigns may have called {found.shared:,} of them too, and hold out the same customers"
    measured = found.by_all
    if measured is None or measured.refused:
        return [f"{said}; what all of their calls changed cannot be said yet."]
    return [
        f"{said}. All calling together kept {share(measured.kept)} of those whom any campaign was to call."
    ]


def harm(found: "CampaignEffect") -> list[str]:
    """What is said of harm, and of the pause for it."""
    stop = found.effect.stop if found.effect else None
    said = []
    if stop is not None:
        where = f" in the segment {stop.segment!r}" if stop.segment else ""
        said.append(f"HARM{where}: {stop.why} [{stop.rule}].")
    if found.paused:
        said.append(
            "The campaign was running and is paused. Nobody is called until somebody starts it again."
        )
    return said


def share(interval: "Interval") -> str:
    """An effect in percentage points."""
    return f"{interval.estimate:+.2%} ({interval.low:+.2%} to {interval.high:+.2%})"


def segment_table(measured: "Effect") -> Table:
    """The effect by segment; a segment stands if it is still there after false discovery control."""
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
