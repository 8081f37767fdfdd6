"""What files cost: registers of millions, customers by the hundred thousand."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from bench.files.imports import measure_imports
from bench.files.registers import measure_registers

from dialer.cli.bench import AsJson, finish

group = typer.Typer(name="files", help="What files cost.", no_args_is_help=True)


@group.callback()
def files() -> None:
    """What files cost."""


@group.command("registers")
def bench_registers(
    *,
    rows: Annotated[int, typer.Option(min=1_000_000, help="Numbers in the table.")] = 10_000_000,
    looks: Annotated[int, typer.Option(min=1_000, help="Looks to time.")] = 20_000,
    as_json: AsJson = False,
) -> None:
    """A million lines into each database, and the permit's look; ends with 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(prefix="winback-files-") as folder:
        figures, bars = measure_registers(Path(folder), table_rows=rows, looks=looks)
    finish(figures, bars, as_json=as_json)


@group.command("imports")
def bench_imports(
    *,
    rows: Annotated[int, typer.Option(min=1_000, help="Customers in the file.")] = 50_000,
    as_json: AsJson = False,
) -> None:
    """A new file and the same again into each database; ends with 1 where a bar is missed."""
    with tempfile.TemporaryDirectory(prefix="winback-files-") as folder:
        figures, bars = measure_imports(Path(folder), rows=rows)
    finish(figures, bars, as_json=as_json)
