"""Commands under their former names: for one version they say the new one, and work where they can."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from dialer.cli import effect, schedule
from dialer.cli.console_output import errors, fail


def _duties(context: typer.Context) -> None:
    errors.print("`winback duties` is called `winback schedule` now; the next version knows only that.")
    schedule.list_schedule(context)


duties = typer.Typer(help=schedule.group.info.help, callback=_duties, invoke_without_command=True)
duties.command()(schedule.run)


@wraps(effect.label)
def outcome(**given: Any) -> None:
    """`winback label` under its former name."""
    errors.print("`winback outcome` is called `winback label` now; the next version knows only that.")
    effect.label(**given)


def keep_former_names(group: typer.Typer, moved: dict[str, str]) -> None:
    """Have a group's former commands say where what measures the docs' claims went; hidden from its help."""
    for name, now in moved.items():
        group.command(name, hidden=True, context_settings={"ignore_unknown_options": True})(_moved(now))


def _moved(now: str) -> Callable[[list[str]], None]:
    def say(_words: list[str] = typer.Argument(None, metavar="…")) -> None:  # noqa: B008 - typer's own way
        fail(f"This measures the docs' claims, from a checkout: PYTHONPATH=tests python -m bench {now}")

    return say
