"""`winback lab`: virtual time for managers and for whoever doubts the figures."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from dialer.core.amounts import amount_of
from dialer.lab.comparison import DEFAULT_SEEDS, print_table, run_cell
from dialer.lab.replay import TraceUnusable, read_trace, replay
from dialer.lab.report import write_report
from dialer.lab.scenario import read_scenario

lab = typer.Typer(name="lab", help="Try pacing and callbacks in virtual time.", no_args_is_help=True)
console = Console()
SHOWN_DIFFERENCES = 20

Agents = Annotated[int, typer.Option("--agents", "-n", min=1, help="Agents at work.")]
Seeds = Annotated[int, typer.Option(min=1, help="Independent runs, each from a cold start.")]
Hours = Annotated[float | None, typer.Option(min=0.1, help="Measured hours of each run, after half an hour.")]
Target = Annotated[float, typer.Option(min=0.0, max=0.2, help="Abandoned share to aim at: 0.01 is 1 %.")]
AnswerRate = Annotated[float, typer.Option(min=0.02, max=0.98, help="Share of calls answered.")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes that share the work.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, the last line.")]
Report = Annotated[Path | None, typer.Option(help="Write an HTML page with plots to this file.")]
TraceFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A trace the engine kept.")]


@lab.command("pacing")
def pacing(
    *,
    agents: Agents = 10,
    answer_rate: AnswerRate = 0.3,
    target: Target = 0.03,
    seeds: Seeds = DEFAULT_SEEDS,
    hours: Hours = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this policy; may be given again.")] = None,
    scenario: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="JSON: what is not as in the reference scenario."),
    ] = None,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Compare Winback's pacing with other dialers' in the reference scenario, or another one."""
    try:
        here = read_scenario(
            scenario.read_text() if scenario else "{}", agents=agents, answer_rate=answer_rate
        )
    except ValueError as wrong:
        raise typer.BadParameter(f"{scenario}: {wrong}", param_hint="--scenario") from wrong
    cell = run_cell(
        scenario=here,
        agents=here.agents,
        answer_rate=here.answer_rate,
        target=target,
        seeds=seeds,
        hours=hours,
        only=frozenset(only or ()),
    )
    if report is not None:
        write_report(cell, report, scenario=here)
        console.print(f"Wrote {report}.")
    if as_json:
        typer.echo(json.dumps(cell))
    else:
        print_table(cell, console=console)


@lab.command("what-if")
def what_if(
    *,
    trace: TraceFile,
    agents: Annotated[
        str | None, typer.Option("--agents", "-n", help="So many agents, or a change: +2 (or --agents=-2).")
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.2, help="Abandoned share to aim at; as recorded if left out."),
    ] = None,
    mode: Annotated[
        Literal["progressive", "predictive"] | None, typer.Option(help="Mode; as recorded if left out.")
    ] = None,
    seeds: Seeds = 10,
    hours: Annotated[float | None, typer.Option(min=0.1, help="Only the first hours of the day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play a recorded day again with other agents, another target or another mode.

    First as it was: its ring and talk times, staffing, breaks, hours, promises and limits. If the lab does
    not come to what was recorded it says so, answers nothing and ends with code 1.
    """
    from dialer.lab.whatif import ask

    try:
        answer = ask(read_trace(trace), agents=agents, target=target, mode=mode, seeds=seeds, hours=hours)
    except TraceUnusable as unusable:
        raise typer.BadParameter(str(unusable), param_hint="TRACE") from unusable
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--agents or --seeds") from wrong
    if as_json:
        typer.echo(json.dumps(answer.as_json()))
    else:
        seen, was = answer.recorded, answer.was
        part = f" (the longest of {answer.parts} parts)" if answer.parts > 1 else ""
        console.print(
            f"Recorded: {seen.seconds / 3600.0:.1f} h{part}, {was.agents} agents, {was.mode}, target "
            f"{was.target:.1%}: {amount_of(seen.answered, 'customer')} answered, "
            f"{seen.abandonment:.1%} of them found no "
            f"agent; agents talked or wrapped up {seen.utilisation:.1%} of their time. Played again in the "
            f"lab, such a day comes to {answer.utilisation.low:.1%} to {answer.utilisation.high:.1%}, and "
            f"{answer.abandonment.low:.1%} to {answer.abandonment.high:.1%} find no agent."
        )
        console.print(f"[bold]{answer.sentence()}[/bold]")
    if not answer.reproduced:
        raise typer.Exit(code=1)


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
        console.print(
            f"{amount_of(len(steps), 'decision')}, {amount_of(summary['calls'], 'call')} placed, "
            f"{len(different)} differ."
        )
    if different:
        raise typer.Exit(code=1)
