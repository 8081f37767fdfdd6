"""`winback lab`: virtual time for managers and for whoever doubts the figures."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dialer.lab.replay import TraceUnusable, learn_world, read_trace, replay
from dialer.lab.report import write_report
from dialer.lab.table import DEFAULT_SEEDS, print_table, run_cell
from dialer.lab.world import World

lab = typer.Typer(name="lab", help="Try pacing in virtual time.", no_args_is_help=True)
console = Console()
SHOWN_DIFFERENCES = 20

Agents = Annotated[int, typer.Option("--agents", "-n", min=1, help="Agents at work.")]
Seeds = Annotated[int, typer.Option(min=1, help="Independent runs, each from a cold start.")]
Hours = Annotated[float | None, typer.Option(min=0.1, help="Measured hours of each run, after half an hour.")]
Target = Annotated[float, typer.Option(min=0.0, max=0.2, help="Abandoned share to aim at: 0.01 is 1 %.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, the last line.")]
Report = Annotated[Path | None, typer.Option(help="Write an HTML page with plots to this file.")]
TraceFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A trace the engine kept.")]


@lab.command("pacing")
def pacing(
    *,
    agents: Agents = 10,
    answer_rate: Annotated[float, typer.Option(min=0.02, max=0.98, help="Share of calls answered.")] = 0.3,
    target: Target = 0.03,
    seeds: Seeds = DEFAULT_SEEDS,
    hours: Hours = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this policy; may be given again.")] = None,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Compare Winback's pacing with other dialers' in the reference world."""
    cell = run_cell(
        agents=agents,
        answer_rate=answer_rate,
        target=target,
        seeds=seeds,
        hours=hours,
        only=frozenset(only or ()),
    )
    show(cell, report=report, as_json=as_json)


@lab.command("what-if")
def what_if(
    *,
    trace: TraceFile,
    agents: Annotated[int | None, typer.Option(min=1, help="Agents; as recorded if left out.")] = None,
    target: Target = 0.03,
    seeds: Seeds = 5,
    hours: Hours = None,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Play a recorded day again with other agents or another target: its own ring and talk times."""
    try:
        world = learn_world(read_trace(trace))
    except TraceUnusable as unusable:
        raise typer.BadParameter(str(unusable), param_hint="TRACE") from unusable
    cell = run_cell(
        agents=agents or world.agents,
        answer_rate=world.answer_rate,
        target=target,
        seeds=seeds,
        hours=hours,
        world=world,
    )
    show(cell, report=report, as_json=as_json)


@lab.command("replay")
def replay_trace(*, trace: TraceFile, as_json: AsJson = False) -> None:
    """Take every decision of a recorded day again and show where this version differs."""
    try:
        steps = list(replay(read_trace(trace)))
    except (TraceUnusable, KeyError, TypeError) as unusable:
        raise typer.BadParameter(f"not a usable trace: {unusable}", param_hint="TRACE") from unusable
    different = [step for step in steps if step.differs]
    for step in different[:SHOWN_DIFFERENCES]:
        console.print(
            f"{step.at_s:10.1f} s: {step.dialed} placed, {step.again} by this version. {step.again_sentence}"
        )
    summary = {
        "decisions": len(steps),
        "calls": sum(step.dialed for step in steps),
        "different": len(different),
    }
    if as_json:
        typer.echo(json.dumps(summary))
    else:
        console.print(f"{len(steps)} decisions, {summary['calls']} calls placed, {len(different)} differ.")
    if different:
        raise typer.Exit(code=1)


def show(cell: dict[str, object], *, report: Path | None, as_json: bool) -> None:
    """Print the cell; the JSON object is the last line of the output."""
    if report is not None:
        write_report(cell, report, world=World(agents=1, answer_rate=0.5))
        console.print(f"Wrote {report}.")
    if as_json:
        typer.echo(json.dumps(cell))
    else:
        print_table(cell, console=console)
