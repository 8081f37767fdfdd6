"""How commands talk: results on standard output, progress and errors on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, NoReturn, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

console: Final = Console()
errors: Final = Console(stderr=True)

QUIET_FOR_S: Final = 1.0  # what is over sooner needs no bar


class Meter(Protocol):
    """Shows how far the work is."""

    def __call__(self, stage: str, share: float, of: int = 0) -> None:
        """Show the share that is done, of so many rows if they are counted."""


def say(text: str) -> None:
    """Tell the person at the terminal how things go; standard output stays for results."""
    errors.print(text)


def fail(message: object, code: int = 2) -> NoReturn:
    """End the command with one message that says what to do."""
    # unbroken: a path or a command in it may be copied
    errors.print(f"[red]{escape(str(message))}[/red]", soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def meter(stages: dict[str, str]) -> Iterator[Meter]:
    """A progress bar that appears once the work has gone on for a second.

    What it gives takes a stage, the share of it done, 0 to 1, and how many rows there are, if they are
    counted: then it says how many are done a second. `stages` puts a stage into words.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    )
    row = bar.add_task("", total=1.0, rate="")
    began = monotonic()
    started = False
    first: dict[str, tuple[float, float]] = {}  # by stage: when it was shown first, and its share then

    def show(stage: str, share: float, of: int = 0) -> None:
        nonlocal started
        since, begun = first.setdefault(stage, (monotonic(), share))
        if not started and monotonic() - began >= QUIET_FOR_S:
            bar.start()
            started = True
        if started:
            passed = monotonic() - since
            rate = f"{(share - begun) * of / passed:,.0f} rows/s" if of and passed else ""
            bar.update(row, completed=share, description=stages.get(stage, stage), rate=rate)

    try:
        yield show
    finally:
        if started:
            bar.stop()
