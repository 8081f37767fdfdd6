"""Commands under their former names: for one version they say the new one, and work where they can."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import typer

from dialer.cli import effect, lab, models, schedule
from dialer.cli.console_output import errors, fail
from dialer.cli.root import cli

#: what measures the docs' claims: from a checkout, with `tests` on the path
MOVED: Final = {
    (lab.lab, "table"): "pacing table",
    (lab.lab, "days"): "pacing days",
    (lab.lab, "changes"): "pacing changes",
    (lab.lab, "floor"): "pacing floor",
    (models.group, "marks"): "churn targets",
    (models.group, "worlds"): "churn trials",
    (models.group, "scale"): "churn throughput",
}


def register() -> None:
    """Put the former names on the command line, hidden from its help."""
    cli.add_typer(schedule.group, name="duties", hidden=True, callback=_duties, invoke_without_command=True)
    cli.command("outcome", hidden=True)(_renamed("outcome", "label", effect.label))
    for (group, name), now in MOVED.items():
        group.command(name, hidden=True, context_settings={"ignore_unknown_options": True})(_moved(now))


def _renamed(before: str, now: str, command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def say_and_do(*given: Any, **options: Any) -> None:
        errors.print(f"`winback {before}` is called `winback {now}` now; the next version knows only that.")
        command(*given, **options)

    return say_and_do


def _duties(context: typer.Context) -> None:
    errors.print("`winback duties` is called `winback schedule` now; the next version knows only that.")
    schedule.list_schedule(context)


def _moved(now: str) -> Callable[[list[str]], None]:
    def say(_words: list[str] = typer.Argument(None, metavar="…")) -> None:  # noqa: B008 - typer's own way
        fail(f"This measures the docs' claims, from a checkout: PYTHONPATH=tests python -m bench {now}")

    return say
