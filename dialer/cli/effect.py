"""`winback outcome` and `winback effect`: who left, and what calling changed."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail

if TYPE_CHECKING:
    from churnmodel.effect import Effect, Interval
    from dialer.services.analytics.effect import CampaignEffect


def outcome(
    file: Annotated[Path, typer.Argument(help="CSV, gzip CSV or Parquet: customers who left, or stayed.")],
    *,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The customer; else the first column.")
    ] = None,
    left: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Whether they left; unset: everyone in FILE did.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="When, ISO 8601; unset: at this moment.")
    ] = None,
    rest_stayed: Annotated[
        bool, typer.Option("--rest-stayed", help="All other customers in the database are still there.")
    ] = False,
) -> None:
    """Say who left and who stayed. What was said is kept for ever; saying it again adds nothing."""
    from dialer.bootstrap import open_app
    from dialer.services.analytics.churn_labels import (
        ChurnLabel,
        reads_as_left,
        record_churn_labels,
        record_rest_stayed,
    )
    from dialer.services.customers.customer_file import CustomerFile, FileRefused
    from dialer.settings import Settings

    try:
        with open_app(Settings()) as app:
            now = app.clock()
            source = CustomerFile(file)
            index = {name: number for number, name in enumerate(source.columns)}
            for option, name in (("--id", id_), ("--left", left), ("--at", at)):
                if name is not None and name not in index:
                    fail(f"{option} {name!r}: {file} has no such column. It has: {', '.join(index)}.")
            bad: list[int] = []

            def told() -> Any:
                for line in source.lines():
                    cells = line.cells
                    gone = True if left is None else reads_as_left(cells[index[left]])
                    moment = now if at is None else when(cells[index[at]])
                    if len(cells) != len(index) or gone is None or moment is None:
                        bad.append(line.number)
                        continue
                    who = cells[index[id_] if id_ is not None else 0].strip()
                    yield ChurnLabel(external_id=who, left=gone, at=moment)

            report = record_churn_labels(app.database, told(), now, source=file.name)
            if rest_stayed:
                report += record_rest_stayed(app.database, now, now, source=file.name)
    except FileRefused as refused:
        fail(refused)
    console.print(
        f"{report.left:,} left, {report.stayed:,} stayed; {report.known:,} were known before, "
        f"{report.unknown_customers:,} are not in the database."
    )
    if bad:
        shown = ", ".join(str(number) for number in bad[:10])
        console.print(f"{len(bad):,} lines could not be read and were left out: {shown}.")


def when(text: str) -> datetime | None:
    """A moment as written, UTC where no zone is said; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
    from dialer.services.analytics.training import price_from
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
    if measured is None:
        said.append(
            f"There is nothing to say yet: {found.horizon_days:g} days after the start are over on "
            f"{found.over_at:%Y-%m-%d}. `--horizon 0` looks at what is known so far."
        )
        return said
    if measured.refused:
        said.append(
            "There is not enough yet: at least 30 customers with a known outcome are needed on each side "
            f"[{measured.refused}]. Tell outcomes with `winback outcome FILE`."
        )
        return said
    if measured.kept.low == measured.kept.high:
        said.append(
            "Nothing can be said: all known outcomes are alike. Tell also who stayed, "
            "with `winback outcome FILE --rest-stayed` or --left COLUMN."
        )
        return said
    sure = " (not told apart from nothing)" if measured.kept.low <= 0 <= measured.kept.high else ""
    said.append(f"Calling kept {share(measured.kept)} of those assigned to be called{sure}.")
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
    if found.also_called:
        said.append(
            f"Another campaign rang {found.also_called:,} of them too, and the control is not called by any: "
            "for these it is what both changed."
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
    if measured.stop is not None:
        where = f" in the segment {measured.stop.segment!r}" if measured.stop.segment else ""
        said.append(f"HARM{where}: {measured.stop.why} [{measured.stop.rule}].")
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
