"""How commands talk: results on standard output, progress and errors on standard error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

console: Final = Console()
errors: Final = Console(stderr=True)

QUIET_FOR_S: Final = 1.0  # what is over sooner needs no bar

Meter = Callable[[str, float], None]


def say(text: str) -> None:
    """Tell the person at the terminal how things go; standard output stays for results."""
    errors.print(text)


def fail(message: object, code: int = 2) -> NoReturn:
    """End the command with one message that says what to do."""
    errors.print(f"[red]{escape(str(message))}[/red]")
    raise typer.Exit(code)


@contextmanager
def meter(stages: dict[str, str]) -> Iterator[Meter]:
    """A progress bar that appears once the work has gone on for a second.

    What it gives takes a stage and the share of it done, 0 to 1; `stages` puts a stage into words.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    )
    row = bar.add_task("", total=1.0)
    began = time.monotonic()
    started = False

    def show(stage: str, share: float) -> None:
        nonlocal started
        if not started and time.monotonic() - began >= QUIET_FOR_S:
            bar.start()
            started = True
        if started:
            bar.update(row, completed=share, description=stages.get(stage, stage))

    try:
        yield show
    finally:
        if started:
            bar.stop()
