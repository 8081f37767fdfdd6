"""`winback model`: how good the models are, which one is in use, and whether the world has moved."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from dialer.cli.telling import console, errors, fail

group = typer.Typer(
    name="model", help="Models: how good, which one is in use, what moved.", no_args_is_help=True
)

TELL_EVERY_S: Final = 2.0  # progress lines of a run whose output may be a file


@group.command()
def bench(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with a bench.toml and its data.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Last line: one JSON object by data set.")] = False,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="Partitions of undated data; unset: by size.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this data set; may be repeated.")] = None,
) -> None:
    """Judge the same code, untuned, on every data set of a folder; progress goes to standard error."""
    from churnmodel.bench import bench_folder

    told_at = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_at
        if share >= 1 or time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            errors.print(f"{stage} {share:.0%}", markup=False, highlight=False)

    try:
        results = bench_folder(folder, only=only or (), repeats=repeats, progress=tell)
    except (OSError, ValueError) as refused:
        fail(f"{folder}: {refused}. It needs a bench.toml with one table a data set; see docs/model.md.")
    if as_json:
        sys.stdout.write(json.dumps(_finite(results), ensure_ascii=False) + "\n")
        return
    _show_bench(results)


def _finite(value: object) -> object:
    """The same with null in place of NaN and infinities, which JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value


SHOWN: Final = {
    "risk": ("roc_auc", "pr_auc", "lift_10", "log_loss", "brier", "ece"),
    "uplift": ("qini", "qini_se", "top_decile_effect", "bottom_20_effect", "risk_ranking_qini"),
}


def _show_bench(results: dict[str, dict[str, object]]) -> None:
    from rich.table import Table

    for task, key in (("risk", "model"), ("uplift", "learner")):
        found = {name: figures for name, figures in results.items() if key in figures}
        if found:
            table = Table("data", key, *SHOWN[task], title=task)
            for name, figures in found.items():
                cells = [_cell(figures.get(each)) for each in SHOWN[task]]
                table.add_row(name, str(figures[key]), *cells)
            console.print(table)
    for name, figures in results.items():
        if "error" in figures:
            errors.print(f"{name}: {figures['error']}", markup=False)


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else ""
