"""`winback report`: what became of the callers who rang in."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from dialer.cli.console_output import console, fail
from dialer.cli.day_option import day_option
from dialer.core.calling.caller_story import SOON_S, InboundLine

DAYS_SHOWN: Final = 14  # where nothing is asked for


def inbound(
    *,
    first: Annotated[date | None, day_option("--from", words="First day.")] = None,
    last: Annotated[date | None, day_option("--to", words="Last day.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only the callers of this queue.")] = None,
    within_s: Annotated[float, typer.Option(min=0.0, help="Served so soon is good service.")] = SOON_S,
    csv: Annotated[Path | None, typer.Option(help="Write the table into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line.")] = False,
) -> None:
    """Callers by day and queue: served, gave up, promised a call; service level, waits and talks.

    The last two weeks where no day is named, on the clock of `queues.zone`.
    """
    from dialer.bootstrap import open_app
    from dialer.services.calls.inbound_report import inbound_report, report_as_csv
    from dialer.settings import Settings

    settings = Settings()
    zone = settings.queues.zone
    with open_app(settings) as app:
        until = last if last is not None else app.clock().astimezone(ZoneInfo(zone)).date()
        since = first if first is not None else until - timedelta(days=DAYS_SHOWN - 1)
        if until < since:
            fail("--to is before --from.")
        lines = inbound_report(app.database, zone, since, until, queue=queue, soon_s=within_s)
    if csv is not None:
        csv.write_text(report_as_csv(lines))
        console.print(f"{len(lines)} lines are in {csv}.")
    elif as_json:
        typer.echo(json.dumps({"zone": zone, "within_s": within_s, "days": [*map(_as_dict, lines)]}))
    else:
        _print(lines, within_s)


def _as_dict(line: InboundLine) -> dict[str, object]:
    return asdict(line) | {"day": line.day.isoformat()}


def _print(lines: tuple[InboundLine, ...], within_s: float) -> None:
    if not lines:
        console.print("Nobody rang in on these days.")
        return
    table = Table(
        "day", "queue", "callers", "served", "gave up", "promised", f"within {within_s:g} s", "wait, s",
        "P95, s", "talk, s",
    )  # fmt: skip
    for line in lines:
        counts = (line.callers, line.served, line.gave_up, line.promised)
        level = f"{line.service_level:.0%}" if line.service_level is not None else ""
        times = (line.wait_mean_s, line.wait_p95_s, line.talk_mean_s)
        table.add_row(
            str(line.day), line.queue, *(f"{count:,}" for count in counts), level,
            *(f"{seconds:.0f}" if seconds is not None else "" for seconds in times),
        )  # fmt: skip
    console.print(table)
