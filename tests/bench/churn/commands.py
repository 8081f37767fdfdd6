"""What the models have to reach, and what they do: synthetic trials, throughput, targets."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from bench.churn.synthetic_trials import measure_trials
from bench.churn.targets import table_of
from bench.churn.throughput import bench_scale
from rich.table import Table

from churnmodel.benchmarks.dataset_suite import bench_folder
from dialer.cli.console_output import console, errors, fail
from dialer.cli.models import finite

group = typer.Typer(name="churn", help="What docs/model.md claims.", no_args_is_help=True)

TELL_EVERY_S: Final = 2.0  # progress lines of a run whose output may be a file

Json = Annotated[bool, typer.Option("--json", help="Last line: one JSON object.")]
Small = Annotated[int, typer.Option(min=0, help="Seeds of trials with 10,000 randomised outcomes.")]
Large = Annotated[int, typer.Option(min=0, help="Seeds of trials with 160,000 randomised outcomes.")]
Years = Annotated[int, typer.Option(min=0, help="Simulated years.")]
Rows = Annotated[int, typer.Option(min=0, help="Customers to score.")]

ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
"""Read by the numeric libraries when they start, so a figure of one thread needs a process of its own."""


def told_now_and_then() -> Callable[[str, float], None]:
    """Give a progress port that writes to standard error, at most one line in two seconds."""
    told_at = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_at
        if share >= 1 or time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            errors.print(f"{stage} {share:.0%}", markup=False, highlight=False)

    return tell


@group.command()
def trials(*, small: Small = 20, large: Large = 1, years: Years = 100, as_json: Json = False) -> None:
    """Measure what only a known truth can tell: is the list better than risk, does the interval hold?

    Trials are made up from seeds 0, 1, …; a trial of 160,000 outcomes takes some minutes.
    """
    _print(
        measure_trials(small=small, large=large, years=years, progress=told_now_and_then()), as_json=as_json
    )


@group.command()
def throughput(*, rows: Rows = 10_000_000, as_json: Json = False) -> None:
    """Score made-up customers with three reasons each, Parquet to Parquet, against the bare predict.

    Run with OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1 for a figure of one thread.
    """
    with tempfile.TemporaryDirectory(prefix="winback-scale-") as folder:
        _print(bench_scale(folder, rows, progress=told_now_and_then()), as_json=as_json)


@group.command()
def targets(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with a bench.toml and its data.")],
    *,
    small: Small = 20,
    large: Large = 1,
    years: Years = 100,
    rows: Rows = 10_000_000,
    as_json: Json = False,
) -> None:
    """Print every bar the model has to reach beside what is measured: data sets, trials, throughput.

    A part whose count is 0 is left out: `--large 0 --rows 0` spares the long ones. It ends with 1 if a bar
    is not reached or a data set could not be run.
    """
    tell = told_now_and_then()
    try:
        measured: dict[str, Any] = bench_folder(folder, progress=tell)
    except (OSError, ValueError) as refused:
        fail(f"{refused}. The folder needs a bench.toml with one table a data set; see docs/model.md.")
    measured["trials"] = measure_trials(small=small, large=large, years=years, progress=tell)
    if rows:
        measured["scale"] = _scale_alone(rows)
    found = table_of(measured)
    if as_json:
        sys.stdout.write(json.dumps(finite(found), ensure_ascii=False) + "\n")
    else:
        table = Table("data", "measure", "must reach", "measured", "")
        for row in found:
            words = {True: "reached", False: "NOT REACHED", None: ""}
            table.add_row(
                row["data"], row["measure"], row["bar"], f"{row['measured']:.4g}", words[row["reached"]]
            )
        console.print(table)
    failed = {name: figures["error"] for name, figures in measured.items() if "error" in figures}
    for name, why in failed.items():
        errors.print(f"{name}: {why}", markup=False, highlight=False)
    if failed or any(row["reached"] is False for row in found):
        raise typer.Exit(1)


def _scale_alone(rows: int) -> dict[str, Any]:
    """Run `bench churn throughput` in a process of its own: one thread, a peak of memory that is its own."""
    command = [sys.executable, "-m", "bench", "churn", "throughput", "--rows", str(rows), "--json"]
    run = subprocess.run(
        command,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(run.stdout.decode().splitlines()[-1])
    return figures


def _print(figures: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(finite(figures), ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        for key, each in value.items() if isinstance(value, dict) else (("", value),):
            console.print(f"{name} {key}".strip() + f": {each}", markup=False, highlight=False)
