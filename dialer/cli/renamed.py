"""Commands under their former names: for one version they say the new one, and work where they can."""

from collections.abc import Callable
from typing import Final

import typer

from dialer.cli import lab, models, schedule
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
    for (group, name), now in MOVED.items():
        group.command(name, hidden=True, context_settings={"ignore_unknown_options": True})(_moved(now))


def _duties(context: typer.Context) -> None:
    errors.print("`winback duties` is called `winback schedule` now; the next version knows only that.")
    schedule.list_schedule(context)


def _moved(now: str) -> Callable[[list[str]], None]:
    def say(_words: list[str] = typer.Argument(None, metavar="…")) -> None:  # noqa: B008 - typer's own way
        fail(f"This measures the docs' claims, from a checkout: PYTHONPATH=tests python -m bench {now}")

    return say
