"""`winback setup`: the organisation as a file, compared with the database and applied to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.console_output import console, fail

if TYPE_CHECKING:
    from dialer.bootstrap import App
    from dialer.core.organisation.declared_teams import TeamChange

group = typer.Typer(
    name="setup", help="Teams and who is in them, as a file: show, compare, apply.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="A TOML file; `winback setup show` writes one.")]


@group.command()
def show() -> None:
    """Write what there is as a file."""
    from dialer.bootstrap import open_app
    from dialer.services.organisation.setup import as_toml, there_is
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        console.print(as_toml(there_is(app.database)), markup=False, soft_wrap=True, end="")


@group.command()
def diff(file: File) -> None:
    """Say what FILE would change; ends with 1 where it would change something."""
    if _run(file, write=False):
        raise typer.Exit(1)


@group.command()
def apply(file: File) -> None:
    """Make it so: all of FILE or nothing of it, audited, without a restart."""
    _run(file, write=True)


def _run(file: Path, *, write: bool) -> "Sequence[TeamChange]":
    from dialer.bootstrap import open_app
    from dialer.services.organisation.setup import (
        SetupRefused,
        apply_setup,
        differences,
        read_setup_file,
    )
    from dialer.settings import Settings

    try:
        wanted = read_setup_file(file)
        with open_app(Settings()) as app:
            known = _agents(app)
            changes = (
                apply_setup(app.database, wanted, known, now=app.clock(), actor="command line")
                if write
                else differences(app.database, wanted, known)
            )
    except SetupRefused as refused:
        fail(refused)
    for change in changes:
        console.print(f"{change.words[0].upper()}{change.words[1:]}.", markup=False)
    if not changes:
        console.print("Everything is so already.")
    return changes


def _agents(app: "App") -> dict[str, object]:
    """The agents there are: of the settings, and whoever was seen on a PBX."""
    from dialer.services.agents.agents import list_agents

    seen = {agent.id: agent for agent in list_agents(app.database, app.clock())}
    return {**seen, **{agent.id: agent for agent in app.settings.agents}}
