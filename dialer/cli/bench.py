"""`winback bench`: is what has to be fast fast enough, on this machine?"""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dialer.cli.console_output import console, fail, say
from dialer.lab.decision_timing import measure_decisions
from telephony.bench.figures import Bar

group = typer.Typer(name="bench", help="Measure what has to be fast.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, the last line.")]
Minutes = Annotated[
    int, typer.Option(min=1, max=60, help="Recorded minutes to replay at 20 times real pace; 60: the hour.")
]


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
def bench_telephony(*, minutes: Minutes = 15, as_json: AsJson = False) -> None:
    """Time the PBX link: against panoramisk alone, and a busy hour replayed.

    Ends with 1 where a figure misses its bar.
    """
    figures, bars = asyncio.run(measure_link(minutes))
    finish(figures, bars, as_json=as_json)


@group.command("engine")
def bench_engine(
    *,
    agents: Annotated[
        str, typer.Option("--agents", "-n", help="Sizes of the floor, with commas.")
    ] = "10,100,300",
    speed: Annotated[float, typer.Option(min=1, help="How much faster than life people live.")] = 12.0,
    seconds: Annotated[float, typer.Option(min=5, help="Measured, of each size.")] = 30.0,
    mode: Annotated[
        Literal["progressive", "predictive"], typer.Option(help="How calls are paced.")
    ] = "progressive",
    database_url: Annotated[
        str | None, typer.Option(help="An empty database for one size; unset: a new SQLite file for each.")
    ] = None,
    engines: Annotated[
        int, typer.Option(min=1, max=16, help="Several: on one database, each with a PBX and so many agents.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure an engine on simulated floors: turns, permits, utilisation beside the lab's, an attempt's cost.

    Ends with 1 where a figure misses its bar.
    """
    from dialer.cli.bench_engines import measure_engines
    from dialer.cli.bench_floor import FloorLoad, measure_floors

    sizes = numbers_of(agents, "--agents", "10,100,300")
    if database_url is not None and len(sizes) > 1:
        fail("A database of its own serves one size: name one with --agents.")
    loads = [
        FloorLoad(agents=size, speed=speed, seconds=seconds, mode=mode, database_url=database_url)
        for size in sizes
    ]
    if engines > 1 and len(loads) > 1:
        fail("Several engines are measured with one size each: name one with --agents.")
    found = measure_floors(loads) if engines == 1 else measure_engines(loads[0], engines)
    finish(*found, as_json=as_json)


@group.command("book")
def bench_book(
    *,
    leads: Annotated[str, typer.Option(help="Sizes of the book, with commas.")] = "10000,100000,1000000",
    barred: Annotated[int, typer.Option(min=0, help="Numbers on the do-not-call list.")] = 100_000,
    database_url: Annotated[
        str | None, typer.Option(help="An empty database for one size; unset: a new SQLite file for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how what is asked at every turn and on every page grows with the book.

    Ends with 1 where a figure misses its bar.
    """
    from dialer.cli.bench_book import BookSize, measure_books

    sizes = numbers_of(leads, "--leads", "10000,100000")
    if database_url is not None and len(sizes) > 1:
        fail("A database of its own serves one size: name one with --leads.")
    books = [BookSize(leads=size, barred=barred) for size in sizes]
    finish(*measure_books(books, database_url), as_json=as_json)


@group.command("weight")
def bench_weight(*, as_json: AsJson = False) -> None:
    """Weigh an idle engine and an idle web process: resident memory, and that neither loads what computes.

    Ends with 1 where a figure misses its bar. Linux only: it reads /proc.
    """
    if not Path("/proc/self/maps").exists():
        fail("This reads /proc, which only Linux has.")
    from dialer.cli.bench_weight import measure_weight

    finish(*measure_weight(), as_json=as_json)


def numbers_of(words: str, option: str, such_as: str) -> list[int]:
    """A list of sizes; ends the command with a sentence where it is none."""
    sizes = [int(size) for size in words.split(",") if size.strip().isdecimal() and int(size) > 0]
    if not sizes or len(sizes) != len(words.split(",")):
        fail(f"{option} {words!r} is no list of sizes such as {such_as}.")
    return sizes


def finish(figures: dict[str, dict[str, Any]], bars: list[Bar], *, as_json: bool) -> None:
    """Print the figures and their bars; ends the command with 1 where one is missed."""
    met = all(bar.met for bar in bars)
    if as_json:
        typer.echo(json.dumps({**figures, "bars": [bar.as_json() for bar in bars], "met": met}))
    else:
        show(figures, bars)
    if not met:
        raise typer.Exit(1)


async def measure_link(minutes: int) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """What needs no Asterisk: recorded bytes, compared and replayed."""
    from telephony.bench.busy_minute import MINUTE_S
    from telephony.bench.link import compare, replay
    from telephony.bench.player import Player

    say("Recording a busy minute: 50 calls a second")
    async with Player(MINUTE_S) as player:
        say("The same bytes through panoramisk alone and through the link, in turns")
        link, bars = await compare(player)
        say(f"{minutes} recorded minutes at 20 times real pace: {minutes * 3} s")
        replayed, held = await replay(player, laps=minutes)
    return {"link": link, "replay": replayed}, bars + held


def show(figures: dict[str, dict[str, Any]], bars: list[Bar]) -> None:
    """For people: every figure, then the bars."""
    for part, found in figures.items():
        console.print(f"[bold]{part}[/bold]")
        for name, value in found.items():
            console.print(f"  {name.replace('_', ' ')}: {value}")
    console.print("[bold]bars[/bold]")
    for bar in bars:
        word = "[green]met[/green]" if bar.met else "[red]missed[/red]"
        console.print(f"  {bar.figure}: {bar.value} {bar.bar} {word}")
