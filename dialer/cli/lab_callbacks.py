"""`winback lab callbacks`: the rules of callbacks in virtual time, over load, with faults on."""

import json
from typing import Annotated, Any

import typer
from rich.table import Table

import dialer.cli.lab_floors  # noqa: F401 - its commands belong to the same group
from dialer.cli.lab import AsJson, console, lab

#: column of the table, key of the figures, how it is written
COLUMNS = (
    ("load", "load", "{:.1f}"),
    ("promises", "promises_made", "{:,}"),
    ("wait, min", "wait_min", "{:.1f}"),
    ("window, min", "window_min", "{:.1f}"),
    ("called in it", "kept_in_window", "{:.1%}"),
    ("talked in it", "talked_in_window", "{:.1%}"),
    ("of the oracle's", "window_over_oracle", "{:.2f}"),
    ("bias", "quote_bias", "{:+.1%}"),
    ("reached", "reached_of_reachable", "{:.1%}"),
    ("holding saved", "holding_s_saved_share", "{:.1%}"),
    ("of a queue that tells", "holding_s_saved_share_of_told", "{:.1%}"),
    ("occupancy", "occupancy", "{:.1%}"),
    ("without", "occupancy_without", "{:.1%}"),
    ("gave up", "gave_up", "{:,}"),
    ("without", "gave_up_without", "{:,}"),
)
NEVER = ("conservation_error", "double_calls", "overtakes", "calls_outside_hours", "rung_while_on_line")


@lab.command("callbacks")
def callbacks(
    *,
    days: Annotated[int, typer.Option(min=1, help="Days in all, an equal part at each load.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Another number, other callers.")] = 1,
    load: Annotated[
        list[float] | None,
        typer.Option(min=0.1, max=2.0, help="Work over what the agents can do; again for more loads."),
    ] = None,
    key: Annotated[
        bool, typer.Option(help="Ask who is called back for a key before an agent comes (callbacks.ask_key).")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="Runs side by side, three a load.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Promise and keep calls in virtual time, over load, with faults, beside the same days without callbacks.

    Ends with 1 where a promise was lost, a customer was rung twice, overtaken, rung outside hours or while
    on the line.
    """
    from dialer.lab.callback_report import LOADS, run_callbacks

    found = run_callbacks(days=days, seed=seed, loads=tuple(load or LOADS), workers=workers, ask_key=key)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _print(found)
    if any(found[name] for name in NEVER):
        raise typer.Exit(code=1)


def _print(found: dict[str, Any]) -> None:
    table = Table(*(name for name, _, _ in COLUMNS))
    for row in [*found["loads"], {**found, "load": "all"}]:
        table.add_row(
            *(str(row[key]) if row[key] == "all" else shape.format(row[key]) for _, key, shape in COLUMNS)
        )
    console.print(table)
    counted = ", ".join(f"{name.replace('_', ' ')} {found[name]}" for name in NEVER)
    console.print(
        f"{found['days']} days, {found['callers']:,} callers: {counted}. Answered customers waited "
        f"{found['after_answer_wait_p95_s']:.1f} s for their agent or less, 95 in 100."
    )
