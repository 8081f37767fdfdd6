"""What a campaign's list costs: made of everybody, and looked at before."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer
from bench.lists.create import measure_create
from bench.lists.preview import measure_previews
from bench.lists.scored_book import fill
from bench.lists.server_time import measured_database

from dialer.cli.bench import AsJson, finish
from dialer.cli.console_output import say
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database

group = typer.Typer(name="lists", help="What a campaign's list costs.", no_args_is_help=True)


@group.callback()
def lists() -> None:
    """What a campaign's list costs."""


@group.command("made")
def bench_lists(
    *,
    customers: Annotated[int, typer.Option(min=1_000, help="In the book, all on the list.")] = 200_000,
    on: Annotated[Literal["sqlite", "postgresql"], typer.Option(help="Which database.")] = "sqlite",
    as_json: AsJson = False,
) -> None:
    """Make a list of everybody, then look at others before they are saved; ends with 1 over a bar."""
    with (
        tempfile.TemporaryDirectory(prefix="winback-lists-") as folder,
        measured_database(on, Path(folder)) as measured,
    ):
        upgrade(measured.url)
        database = Database(measured.url)
        fill(database, customers)
        database.close()
        say(f"{customers:,} customers with scores are there")
        created, bars = measure_create(measured, customers)
        say(f"made: {created}")
        previewed, more = measure_previews(measured)
    finish({"create": created, "preview": previewed}, bars + more, as_json=as_json)
