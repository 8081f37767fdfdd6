"""`winback setup`: the organisation as a file, compared with the database and applied to it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.console_output import console, fail
from dialer.settings import Settings, SettingsUnusable

if TYPE_CHECKING:
    from dialer.services.organisation.setup import DesiredState, Plan

group = typer.Typer(
    name="setup",
    help="Agents, teams, queues, trunks, words and hours as a file: show, compare, apply.",
    no_args_is_help=True,
)

File = Annotated[
    Path | None,
    typer.Argument(help="A TOML file; `winback setup show` writes one. Unset: what the settings declare."),
]


@group.command()
def show() -> None:
    """Write what there is as a file."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.organisation import read_in_force
    from dialer.services.organisation.setup_file import as_toml

    settings = Settings()
    with open_app(settings) as app:
        view = read_in_force(app.database, settings).view
        console.print(as_toml(view), markup=False, highlight=False, soft_wrap=True, end="")


@group.command()
def diff(file: File = None) -> None:
    """Say what FILE would change; ends with 1 where it would change something."""
    if _run(file, write=False).changes:
        raise typer.Exit(1)


@group.command()
def apply(file: File = None) -> None:
    """Make it so: all of FILE or nothing of it, audited, without a restart."""
    plan = _run(file, write=True)
    _say_what_to_render(plan)


def _run(file: Path | None, *, write: bool) -> "Plan":
    from dialer.bootstrap import open_app, pbx_fault
    from dialer.services.organisation.setup import apply_setup, differences
    from dialer.services.organisation.setup_file import SetupRefused

    settings = Settings()
    try:
        desired = _desired(file, settings)
        with open_app(settings) as app:
            plan = (
                apply_setup(
                    app.database,
                    settings,
                    desired,
                    now=app.clock(),
                    actor="command line",
                    pbx_fault=pbx_fault,
                )
                if write
                else differences(app.database, settings, desired, pbx_fault=pbx_fault)
            )
    except (SetupRefused, SettingsUnusable) as refused:
        fail(refused)
    for change in plan.changes:
        console.print(
            f"{change.words[0].upper()}{change.words[1:]}.", markup=False, highlight=False, soft_wrap=True
        )
    if not plan.changes:
        console.print("Everything is so already.")
    return plan


def _desired(file: Path | None, settings: Settings) -> "DesiredState":
    from dialer.services.organisation.organisation import desired_by_settings
    from dialer.services.organisation.setup_file import read_setup_file

    return desired_by_settings(settings) if file is None else read_setup_file(file).over


def _say_what_to_render(plan: "Plan") -> None:
    """What Asterisk has to be rendered and reloaded for."""
    from dialer.bootstrap import to_be_rendered

    sentence = to_be_rendered(plan.before, plan.after)
    if sentence is not None:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
