"""What the pages cost: the calls, and the browsers that show them."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from bench.pages.crowd import Loads, measure
from bench.pages.floor import watch_floor

from dialer.cli.bench import AsJson, finish

group = typer.Typer(name="pages", help="What the pages cost.", no_args_is_help=True)


@group.callback()
def pages() -> None:
    """What the pages cost: the calls, and the browsers that show them."""


@group.command("crowd")
def crowd(
    *,
    clients: Annotated[int, typer.Option(min=1, help="Who ask for a page all the time.")] = 50,
    page: Annotated[
        str, typer.Option(help="Which page: the list of 10,000 is the most work.")
    ] = "/campaigns/1",
    half: Annotated[int, typer.Option(min=1, help="Who send half a request.")] = 1100,
    descriptors: Annotated[int, typer.Option(min=300, help="Of each process.")] = 1024,
    seconds: Annotated[float, typer.Option(min=5, help="Of each load and round.")] = 15.0,
    rounds: Annotated[int, typer.Option(min=1, help="Loads take turns so often.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Turns and permits of `winback serve` while clients crowd its pages; ends with 1 over 10 % off quiet."""
    with tempfile.TemporaryDirectory(prefix="winback-crowd-") as folder:
        loads = Loads(page=page, clients=clients, half=half)
        figures, bars = measure(Path(folder), loads, seconds=seconds, rounds=rounds, descriptors=descriptors)
    finish(figures, bars, as_json=as_json)


@group.command("floor")
def floor(
    *,
    agents: Annotated[int, typer.Option(min=10, help="On the floor.")] = 300,
    changes: Annotated[int, typer.Option(min=1, max=10, help="Agents whose state changes a second.")] = 10,
    seconds: Annotated[float, typer.Option(min=5, help="How long it is watched.")] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Bytes of the floor page and the share of a browser's main thread; ends with 1 over 60 kB or 0.1."""
    with tempfile.TemporaryDirectory(prefix="winback-floor-") as folder:
        figures, bars = watch_floor(Path(folder), agents=agents, changes=changes, seconds=seconds)
    finish(figures, bars, as_json=as_json)
