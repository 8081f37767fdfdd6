"""`winback demo`: see the whole thing run, on one machine, with nothing to set up."""

import asyncio
import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from dialer.cli.console_output import say


def demo(
    *,
    seconds: Annotated[float | None, typer.Option(help="Dial for so long; unset: until Ctrl-C.")] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Without the pages.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
    customers: Annotated[Path | None, typer.Option(help="A customer file of your own.")] = None,
    agents: Annotated[int, typer.Option(min=1, max=300, help="Simulated agents.")] = 8,
    mode: Annotated[
        Literal["progressive", "predictive"], typer.Option(help="How calls are paced.")
    ] = "progressive",
    seed: Annotated[int | None, typer.Option(help="Makes the demo repeatable; unset: drawn.")] = None,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Keep the data here.")] = None,
) -> None:
    """Run the main job with a simulated PBX and sample customers, on embedded parts."""
    from dialer.cli.demo_run import DemoRun

    chosen = seed if seed is not None else secrets.randbelow(2**31)
    with demo_folder(data_dir) as folder:
        figures = asyncio.run(
            DemoRun(folder, agents=agents, seed=chosen, customers=customers, mode=mode).run(
                seconds, port=None if no_web else port
            )
        )
    if as_json:
        print(json.dumps(figures))  # noqa: T201 - the last line of standard output is for programs
    else:
        for name, value in figures.items():
            say(f"{name:>20}  {value}")


@contextmanager
def demo_folder(data_dir: Path | None) -> Iterator[Path]:
    """The folder for the demo's data: the one named, or one that is gone afterwards."""
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="winback-demo-") as folder:
        yield Path(folder)
