"""Measures again what docs/pacing.md says: the table, legal days, changing shifts, a floor in real time."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from bench.pacing.benchmark_cells import CELLS, TARGETS, Cell, heading, line_of, run_cells
from bench.pacing.daily_limit import Question, run_days
from bench.pacing.engine_run import FloorPlan, judge, run_simulated
from bench.pacing.engine_run_asterisk import run_asterisk
from bench.pacing.nonstationary import run_changes
from rich.console import Console
from rich.table import Table

from dialer.cli.demo import demo_folder
from dialer.cli.lab import Agents, AnswerRate, AsJson, Jobs, Seeds, Target
from dialer.lab.comparison import DEFAULT_SEEDS, OPTIMUM, SEARCHED, policies
from dialer.lab.scenario import Scenario

group = typer.Typer(name="pacing", help="What docs/pacing.md claims.", no_args_is_help=True)
console = Console()


@group.command("table")
def whole_table(
    *,
    target: Annotated[list[float] | None, typer.Option(help="Only this target; may be given again.")] = None,
    agents: Annotated[list[int] | None, typer.Option(help="Only these teams; may be given again.")] = None,
    seeds: Seeds = DEFAULT_SEEDS,
    only: Annotated[list[str] | None, typer.Option(help="Only this policy; may be given again.")] = None,
    jobs: Jobs = 1,
    keep: Annotated[Path | None, typer.Option(help="File of cells measured: go on where it ends.")] = None,
) -> None:
    """Measure the table of docs/pacing.md again and print it as it stands there (some 20 minutes a core)."""
    shown = only or (*policies(Scenario(agents=1, answer_rate=0.5), 0.03, searched=()), *SEARCHED, OPTIMUM)
    for aim in target or TARGETS:
        cells = [
            Cell(agents=size, answer_rate=rate, target=aim, seeds=seeds, only=tuple(sorted(set(shown))))
            for size, rate in CELLS
            if not agents or size in agents
        ]
        typer.echo(f"\n### Target {aim:.0%}\n\n{heading()}")
        try:
            for row in run_cells(cells, jobs=jobs, keep=keep):
                typer.echo(line_of(row))
        except ValueError as wrong:
            raise typer.BadParameter(str(wrong), param_hint="--keep") from wrong


@group.command("days")
def days(
    *,
    agents: Agents = 10,
    answer_rate: AnswerRate = 0.3,
    limit: Annotated[float, typer.Option(min=0.001, max=0.2, help="Share no day may exceed.")] = 0.03,
    target: Annotated[float | None, typer.Option(help="Share to aim at; the limit if left out.")] = None,
    days: Annotated[int, typer.Option(min=2, help="Days, each from a cold start.")] = 1000,
    compared: Annotated[int, typer.Option(min=2, help="Of them played without a limit as well.")] = 300,
    hours: Annotated[float, typer.Option(min=0.5, help="Length of a day.")] = 8.0,
    jobs: Jobs = 1,
    keep: Annotated[Path | None, typer.Option(help="File of days played: go on where it ends.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play many days under a legal limit of each day: how many end above it, and what that costs."""
    question = Question(agents=agents, answer_rate=answer_rate, target=target or limit, hours=hours)
    try:
        result = run_days(question, limit, days=days, compared=compared, jobs=jobs, keep=keep)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--keep") from wrong
    if as_json:
        typer.echo(json.dumps(result))
        return
    kept, free = result["with_limit"], result["without_limit"]
    console.print(
        f"{kept['above']} of {kept['days']} days above {limit:.1%} "
        f"(at most {kept['share_above_at_most']:.2%} "
        f"of all days, one-sided 95 %); the highest {kept['highest_day']:.2%}, "
        f"{kept['abandonment']:.2%} on average.\n"
        f"Agents talk or wrap up {kept['utilisation']:.1%} of their time; without a limit, aiming at "
        f"{limit:.1%}, {free['utilisation']:.1%}: the limit costs {100 * result['cost']:.2f} "
        f"± {100 * result['cost_ci']:.2f} points."
    )


@group.command("changes")
def changes(
    *,
    agents: Agents = 10,
    target: Target = 0.03,
    seeds: Seeds = DEFAULT_SEEDS,
    cold: Annotated[bool, typer.Option("--cold", help="Measure from the cold start on.")] = False,
    only: Annotated[str, typer.Option(help="Only changes with this in their name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Play shifts of four hours in which something changes; compare with what could be known."""
    result = run_changes(agents=agents, target=target, seeds=seeds, cold=cold, only=only)
    if as_json:
        typer.echo(json.dumps(result))
        return
    table = Table(title=f"{agents} agents, target {target:.1%}, {seeds} shifts of 4 h")
    for column in ("change", "utilisation", "of the optimum", "abandoned", "hour after it", ""):
        table.add_column(column, justify="left" if column == "change" else "right")
    for name, row in result["changes"].items():
        table.add_row(
            name,
            f"{row['utilisation']:.3f} ± {row['utilisation_ci']:.3f}",
            f"{row['ratio']:.3f}",
            f"{row['abandonment']:.2%} ± {row['abandonment_ci']:.2%}",
            f"{row['first_hour']:.2%}",
            "" if row["within"] else "outside its bars",
        )
    console.print(table)


@group.command("floor")
def floor(
    *,
    pbx: Annotated[Literal["simulated", "asterisk"], typer.Option(help="Which PBX.")] = "simulated",
    agents: Annotated[int, typer.Option("--agents", "-n", min=2, max=200, help="Agents at work.")] = 30,
    answer_rate: AnswerRate = 0.3,
    target: Target = 0.03,
    minutes: Annotated[float, typer.Option(min=0.5, help="Real minutes to dial.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Which customers.")] = 1,
    lab_runs: Annotated[int, typer.Option(min=3, help="Runs of the lab that make its interval.")] = 20,
    data_dir: Annotated[Path | None, typer.Option(help="Keep the database and the trace here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the lab's scenario in real time through the real engine and a PBX; compare with the lab.

    `asterisk` installs and starts an Asterisk 22 of its own (Debian, as root) on free ports.
    """
    plan = FloorPlan(agents=agents, answer_rate=answer_rate, target=target, seconds=60.0 * minutes, seed=seed)
    with demo_folder(data_dir) as folder:
        if pbx == "asterisk":
            result = asyncio.run(run_asterisk(plan, folder, seeds=lab_runs))
        else:
            result = judge(plan, asyncio.run(run_simulated(plan, folder)), seeds=lab_runs, pbx=pbx)
    if as_json:
        typer.echo(json.dumps(result))
    else:
        for name in ("utilisation", "abandonment"):
            row = result[name]
            console.print(
                f"{name}: {row['floor']:.2%} on the floor, {row['lab']:.2%} in the lab, where 19 of 20 runs "
                f"fall between {row['low']:.2%} and {row['high']:.2%}."
            )
    if not all(result[name]["within"] for name in ("utilisation", "abandonment")):
        raise typer.Exit(code=1)
