"""`winback audit`: whether the decision log is what it was, and the log to hand over."""

import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dialer.cli.console_output import console, errors, fail

if TYPE_CHECKING:
    from dialer.bootstrap import App

group = typer.Typer(
    name="audit",
    help="The decision log: whether anything was changed, and to hand over.",
    no_args_is_help=True,
)

HEAD: Final = re.compile(r"\d{1,18}:[0-9a-f]{64}")


@group.command()
def verify(
    *,
    head: Annotated[
        str | None,
        typer.Option(
            help="A head that was said earlier and kept elsewhere: NUMBER:DIGEST. Must still be in."
        ),
    ] = None,
) -> None:
    """Look the whole decision log over; ends with 1 at any change, and names the first broken entry."""
    from dialer.bootstrap import open_app
    from dialer.services.evidence.decision_log import seal
    from dialer.services.evidence.decision_log import verify as look_over
    from dialer.settings import Settings

    if head is not None and not HEAD.fullmatch(head):
        fail("--head: not a head; write it as `winback audit verify` said it, NUMBER:DIGEST")
    with open_app(Settings()) as app:
        seal(app.database, app.clock())
        verdict = look_over(app.database, expected=head)
    for breach in verdict.breaches:
        errors.print(f"Entry {breach.number}: {breach.what}.", markup=False)
    if verdict.breaches:
        fail(f"The decision log was changed, first at entry {verdict.breaches[0].number}.", code=1)
    console.print(
        f"Entries: {verdict.entries:,}. Nothing was changed. Without their person: {verdict.erased:,}.",
        markup=False,
    )
    if verdict.unproven:
        console.print(f"Acts older than the log, which nothing proves: {verdict.unproven:,}.")
    console.print("Head, to be kept elsewhere:")
    console.print(verdict.head, markup=False, soft_wrap=True)


@group.command()
def export(
    *,
    campaign: Annotated[str | None, typer.Option(help="Only what one campaign is about, by name.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day, e.g. 2026-11-01.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day, which is part of it.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, .csv or .html; without it CSV on the screen.")
    ] = None,
) -> None:
    """Write the decision log down, for a supervisor, an authority or a court: CSV, or a page to read."""
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.evidence.decision_log import seal

    if out is not None and out.suffix.lower() not in {".csv", ".html"}:
        fail(f"--out {out}: the name has to end with .csv or .html")
    settings = settings_in_force()
    zone = settings.queues.zone
    first = _day("--from", since, zone)
    last = _day("--to", until, zone, after=1)
    if first is not None and last is not None and first >= last:
        fail("--from is later than --to")
    with open_app(settings) as app:
        seal(app.database, app.clock())
        lines = _lines(app, campaign, first, last, html=out is not None and out.suffix.lower() == ".html")
        if out is None:
            sys.stdout.writelines(lines)
            return
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as fault:
            fail(f"{out} cannot be written: {fault.strerror}", code=1)
    console.print(f"Written: {out}", markup=False)


def _lines(
    app: "App", campaign: str | None, since: datetime | None, until: datetime | None, *, html: bool
) -> Iterator[str]:
    from dialer.services.campaigns.campaigns import campaign_card
    from dialer.services.evidence.decision_log import read_log, verify
    from dialer.services.evidence.printed_log import as_csv, as_html

    number = None
    if campaign is not None:
        card = campaign_card(app.database, campaign)
        if card is None:
            fail(f"there is no campaign {campaign!r}; `winback campaign list` names them")
        number = card.id
    decisions = read_log(app.database, number, since, until)
    if not html:
        return as_csv(decisions)
    verdict = verify(app.database)
    proof = "nothing was changed" if not verdict.breaches else f"changed at {verdict.breaches[0].number}"
    facts = (
        f"Written {app.clock():%Y-%m-%d %H:%M} UTC"
        + (f", from {since:%Y-%m-%d %H:%M} UTC" if since else "")
        + (f", before {until:%Y-%m-%d %H:%M} UTC" if until else "")
        + ".",
        f"The whole log has {verdict.entries:,} entries: {proof}. Its head is {verdict.head}.",
        "An empty number or subject was erased, as the person asked or as its time was over.",
    )
    return as_html(decisions, title=f"Decisions: {campaign or 'everything'}", facts=facts)


def _day(option: str, text: str | None, zone: str, *, after: int = 0) -> datetime | None:
    """The beginning of a day on the centre's clock."""
    from dialer.core.compliance.windows import zone_of

    if text is None:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=after)
    except ValueError:
        fail(f"{option}: {text!r} is no day; write it as 2026-11-01")
    return datetime.combine(day, datetime.min.time(), tzinfo=zone_of(zone))
