"""`winback callbacks`: whether the promised calls add up, and whether what was told of waits held."""

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from callbacks.ledger import LedgerAudit
from dialer.cli.console_output import console, fail
from dialer.cli.day_option import day_option
from dialer.core.amounts import amount_of

FEWEST_WORDS = 3  # characters: a reason, not a dot
DAY_LETTERS = 10  # 2026-11-23, whole in a narrow window too

group = typer.Typer(
    name="callbacks",
    help="Promised calls: whether they all add up, what callers were told, what could not be kept.",
    no_args_is_help=True,
    callback=lambda: None,
)


@group.command()
def audit(
    *,
    first: Annotated[date | None, day_option("--from", words="First day.")] = None,
    last: Annotated[date | None, day_option("--to", words="Last day.")] = None,
    queue: Annotated[str | None, typer.Option(help="Only the promises to callers of this queue.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line.")] = False,
) -> None:
    """Add the promises up by day and queue: made = kept + settled + cancelled + closed + open.

    Ends with 1 where they do not add up, and names the promises. Days are those on which the promises were
    made, on the clock of `queues.zone`.
    """
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.promises.ledger_audit import audit_promises

    if first is not None and last is not None and last < first:
        fail("--to is before --from.")
    settings = settings_in_force()
    zone = settings.queues.zone
    with open_app(settings) as app:
        found = audit_promises(app.database, zone, first=first, last=last, queue=queue)
        known = settings.queues.callers()
    if queue is not None and not any(line.queue == queue for line in found.lines):
        _check_queue(queue, known)
    if as_json:
        typer.echo(json.dumps(_as_dict(found, zone)))
    else:
        _print(found, zone)
    if not found.adds_up:
        raise typer.Exit(code=1)


@group.command()
def waits() -> None:
    """How good each way of telling a wait was on each inbound queue's own latest waits, the best first."""
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.promises.wait_learning import wait_report

    settings = settings_in_force()
    with open_app(settings) as app:
        reports = {queue: wait_report(app.database, queue) for queue in settings.queues.callers()}
    if not any(report.scores for report in reports.values()):
        console.print("Too few waits are known yet: a wait is told from the queue's length and its pace.")
        return
    table = Table("queue", "method", "waits", "loss, s", "said and held", "window, min", "bias")
    for queue, score in ((queue, score) for queue, report in reports.items() for score in report.scores):
        table.add_row(
            queue,
            score.method.value,
            f"{score.waits:,}",
            f"{score.loss_s:.0f}",
            f"{score.coverage:.0%}",
            f"{score.width_s / 60:.0f}",
            f"{score.bias:+.0%}",
        )
    console.print(table)
    for queue, report in reports.items():
        used = [f"{each.first:02d}-{each.last + 1:02d} h {each.method.value}" for each in report.in_use]
        if used:
            console.print(f"{queue}: in use {', '.join(used)}.", markup=False)


@group.command()
def unkept(
    *,
    done: Annotated[int | None, typer.Option(help="Take this one off the list.")] = None,
    note: Annotated[str, typer.Option(help="What was done about it; stays on record.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line.")] = False,
) -> None:
    """List the promises that could not be kept and that nobody has seen to, for a person to call."""
    from dialer.bootstrap import open_app
    from dialer.services.promises.unkept import follow_up, unkept_promises
    from dialer.settings import Settings

    if done is not None and len(note.strip()) < FEWEST_WORDS:
        fail("Say with --note what was done about it.")
    if done is None and note:
        fail("Say with --done which promise the --note is about.")
    with open_app(Settings()) as app:
        if done is not None and not follow_up(app.database, done, note.strip(), "command line", app.clock()):
            fail(f"Promise {done} is not on the list.", code=1)
        rows = unkept_promises(app.database)
    if as_json:
        typer.echo(json.dumps({"unkept": [asdict(row) for row in rows]}, default=str))
        return
    if not rows:
        console.print("Every promise was kept, or somebody has seen to it.")
        return
    table = Table("promise", "number", "queue", "made", "given up", "why")
    for row in rows:
        made, ended = (f"{at:%Y-%m-%d %H:%M}" for at in (row.made_at, row.ended_at))
        table.add_row(str(row.id), row.number, row.queue, made, ended, row.reason)
    console.print(table)
    console.print("Times are UTC. `winback callbacks unkept --done ID --note TEXT` takes one off the list.")


@group.command()
def held(
    *,
    ring: Annotated[bool, typer.Option("--ring", help="Have all of them rung, in their old order.")] = False,
    close: Annotated[
        bool, typer.Option("--close", help="Close all of them: they go on the list of `unkept`.")
    ] = False,
) -> None:
    """List the promises that an outage made overdue: nobody is rung for them before somebody has decided."""
    from dialer.bootstrap import open_app
    from dialer.services.promises.outage import close_held, held_promises, ring_held
    from dialer.settings import Settings

    if ring and close:
        fail("Give --ring or --close, not both.")
    with open_app(Settings()) as app:
        if ring or close:
            decide = ring_held if ring else close_held
            done = decide(app.database, "command line", app.clock())
            if done:
                console.print(
                    f"{amount_of(done, 'promise is', 'promises are')} "
                    f"{'rung in their turn' if ring else 'on the list of unkept'}."
                )
            else:
                console.print("No promise waits for a decision.")
            return
        rows = held_promises(app.database)
    if not rows:
        console.print("No promise waits for a decision.")
        return
    table = Table("promise", "number", "queue", "made", "was due")
    for row in rows:
        due = f"{row.next_action_at:%Y-%m-%d %H:%M}" if row.next_action_at is not None else ""
        table.add_row(str(row.id), row.number, row.queue, f"{row.made_at:%Y-%m-%d %H:%M}", due)
    console.print(table)
    console.print("Times are UTC. --ring: rung in their old order; --close: on the list of unkept.")


@group.command()
def move(
    *,
    day: Annotated[date, day_option("--day", words="The day that breaks down.")],
    to: Annotated[date, day_option("--to", words="The day instead, not before today.")],
    queue: Annotated[str | None, typer.Option(help="Only the promises to callers of this queue.")] = None,
) -> None:
    """Move what was to be called on one day to another; each customer is told by text.

    Whoever chose an hour gets the same one where there is room. Ends with 1 where somebody found no room;
    they keep the time they have, and are named. Days are on the clock of `queues.zone`.
    """
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.promises.moves import move_day

    if to == day:
        fail("--to is the same day.")
    settings = settings_in_force()
    zone = settings.queues.zone
    if queue is not None:
        _check_queue(queue, settings.queues.callers())
    with open_app(settings) as app:
        today = app.clock().astimezone(ZoneInfo(zone)).date()
        if to < today:
            fail(f"--to {to} is past; today is {today} ({zone}).")
        came = move_day(app.database, day, to, "command line", app.clock(), queue=queue)
    if not came.moved and not came.left:
        console.print(f"No call was to be made on {day} ({zone}).", markup=False)
        return
    console.print(f"{len(came.moved):,} moved to {to}, {len(came.left):,} left as they were.")
    if came.left:
        console.print(
            f"No room was found for {', '.join(str(each) for each in came.left)}: call them by hand."
        )
        raise typer.Exit(code=1)


def _check_queue(queue: str, known: Collection[str]) -> None:
    """End the command where callers wait in no such queue."""
    if queue not in known:
        fail(f"--queue {queue} is no inbound queue and has no promise; there are {', '.join(known)}.")


def _as_dict(found: LedgerAudit, zone: str) -> dict[str, object]:
    return {
        "zone": zone,
        "adds_up": found.adds_up,
        "error": found.error,
        "lines": [{**asdict(line), "day": line.day.isoformat(), "error": line.error} for line in found.lines],
        "faults": [{**asdict(fault), "day": fault.day.isoformat()} for fault in found.faults],
    }


def _print(found: LedgerAudit, zone: str) -> None:
    if not found.lines:
        console.print("No promise was made in these days.")
        return
    columns = ("made", "kept", "settled", "cancelled", "closed", "open")
    table = Table("day", "queue", *columns, "apart")
    for column in table.columns[2:]:
        column.justify = "right"
    table.columns[0].no_wrap, table.columns[0].min_width = True, DAY_LETTERS
    for line in found.lines:
        sums = [f"{getattr(line, column):,}" for column in columns]
        table.add_row(line.day.isoformat(), line.queue or "(lost)", *sums, str(line.error))
    totals = [sum(getattr(line, column) for line in found.lines) for column in columns]
    table.add_section()
    table.add_row("all", "", *(f"{total:,}" for total in totals), str(found.error))
    console.print(table)
    for fault in found.faults:
        console.print(f"Promise {fault.promise} of {fault.day.isoformat()}: {fault.what}.", markup=False)
    if found.adds_up:
        console.print(f"Every promise adds up. Days are those of {zone}.", markup=False)
    else:
        console.print(
            "This must never be. Call these people by hand, and report it with the log of the engine.",
            style="red",
        )
