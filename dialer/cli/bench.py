"""`winback bench`: is what has to be fast fast enough, on this machine?"""

import asyncio
import json
from typing import Annotated

import typer

from dialer.cli.telling import console
from dialer.lab.bench import measure_decisions
from telephony.bench import bench_link

group = typer.Typer(name="bench", help="Measure what has to be fast.", no_args_is_help=True)


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, the last line.")]


@group.command("pacing")
def bench_pacing(
    *,
    agents: Annotated[int, typer.Option("--agents", "-n", min=1, help="Agents at work.")] = 300,
    calls: Annotated[int, typer.Option(min=0, help="Calls in the air.")] = 1500,
    decisions: Annotated[int, typer.Option(min=10, help="Decisions to time.")] = 300,
    as_json: AsJson = False,
) -> None:
    """Time one pacing decision; the median has to stay under a millisecond at 300 agents, 1,500 calls."""
    timing = measure_decisions(agents=agents, calls=calls, decisions=decisions)
    if as_json:
        typer.echo(json.dumps(timing))
        return
    console.print(
        f"{agents} agents, {calls} calls: {timing['median_ms']:.3f} ms a decision (95th percentile "
        f"{timing['p95_ms']:.3f} ms), of it {timing['weigh_ms']:.3f} ms weighing."
    )


@group.command("telephony")
def bench_telephony(
    *,
    calls: Annotated[int, typer.Option(min=10, help="Calls in the recorded hour.")] = 1500,
    as_json: AsJson = False,
) -> None:
    """Time the PBX link on recorded bytes, end to end into call facts, against panoramisk alone."""
    figures = asyncio.run(bench_link(calls))
    if as_json:
        typer.echo(json.dumps(figures))
        return
    console.print(
        f"{figures['events_per_second']} events a second, {figures['ratio']:.2f} of panoramisk alone; "
        f"an hour of 50 calls a second replays {figures['busy_hour_replay_speed']:.1f} times as fast."
    )
