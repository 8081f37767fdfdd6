"""`winback model`: how good the models are, which one is in use, and whether the world has moved."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape

from dialer.cli.console_output import console, errors, fail, meter
from dialer.cli.renamed import keep_former_names
from dialer.core.amounts import amount_of

if TYPE_CHECKING:
    from churnmodel.scoring.partitions import Partition
    from churnmodel.value import Price
    from dialer.settings import Settings

group = typer.Typer(
    name="model", help="Models: how good, which one is in use, what moved.", no_args_is_help=True
)

SHORT_HASH: Final = 12  # characters of a digest that tell models apart at a glance
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
    from churnmodel.benchmarks.dataset_suite import bench_folder

    told_at = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_at
        if share >= 1 or time.monotonic() - told_at >= TELL_EVERY_S:
            told_at = time.monotonic()
            errors.print(f"{stage} {share:.0%}", markup=False, highlight=False)

    try:
        results = bench_folder(folder, only=only or (), repeats=repeats, progress=tell)
    except (OSError, ValueError) as refused:
        fail(f"{refused}. The folder needs a bench.toml with one table a data set; see docs/model.md.")
    if as_json:
        sys.stdout.write(json.dumps(finite(results), ensure_ascii=False) + "\n")
    else:
        _show_bench(results)
    failed = {name: figures["error"] for name, figures in results.items() if "error" in figures}
    for name, why in failed.items():
        errors.print(f"{name}: {why}", markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


@group.command()
def card(
    *,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("model-card.html"),
) -> None:
    """Write the champion's card: what it is for, how good it is, whom it fails, and what moved since."""
    from dialer.bootstrap import open_app
    from dialer.services.analytics.model_monitoring import write_card
    from dialer.services.analytics.prices import price_from
    from dialer.services.analytics.scoring import NoChampion
    from dialer.settings import Settings

    settings = Settings()
    try:
        with open_app(settings) as app:
            model, page = write_card(app.database, app.clock(), price=price_from(settings))
        out.write_text(page, encoding="utf-8")
    except (NoChampion, OSError) as refused:
        fail(refused)
    console.print(f"The card of model {model.id} ({model.kind}) is in {out}.", markup=False)


@group.command()
def drift() -> None:
    """Say what moved since the champion was trained. It is for attention, never an alarm: it ends with 0."""
    from rich.table import Table

    from churnmodel.drift import Concern
    from dialer.bootstrap import open_app
    from dialer.services.analytics.model_monitoring import FEWEST_MATURED, look_for_drift
    from dialer.services.analytics.scoring import NoChampion
    from dialer.settings import Settings

    try:
        with open_app(Settings()) as app:
            found = look_for_drift(app.database)
    except NoChampion as refused:
        fail(refused)
    moved = [shift for shift in found.shifts if shift.concern is not Concern.NONE]
    if moved:
        table = Table("column", "concern", "PSI", "by chance up to", "missing", "new values", "rule")
        for shift in moved:
            missing = f"{shift.missing_before:.0%} -> {shift.missing_after:.0%}"
            row = (f"{shift.psi:.3f}", f"{shift.bound:.3f}", missing, f"{shift.new_levels:.1%}", shift.rule)
            table.add_row(escape(shift.name), shift.concern.value, *row)
        console.print(table)
    console.print(
        f"{len(moved)} of {amount_of(len(found.shifts), 'column')} moved since model {found.model} "
        "was trained "
        f"({amount_of(found.rows, 'customer')})."
    )
    level = found.level
    if level is None:
        console.print(
            f"Its level cannot be judged yet: {found.matured:,} outcomes became known since the scoring, "
            f"{FEWEST_MATURED} are needed."
        )
    else:
        console.print(
            f"It said {level.predicted:.1%} would leave; {level.seen:.1%} of {found.matured:,} did "
            f"({level.deviations:+.1f} standard errors): {level.concern.value}."
        )


@group.command(name="score-files")
def score_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Parquet, one row a customer.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the scores, one Parquet file a part.")],
    queue: Annotated[bool, typer.Option("--queue", help="Let all workers do it, a part each.")] = False,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Rows of a part; unset: what memory allows.")
    ] = None,
) -> None:
    """Score Parquet files of any size with the champion, part by part. Run again, it does what is missing."""
    import polars as pl

    from churnmodel.artefact import ArtefactRefused
    from churnmodel.scoring.partitions import PART_ROWS, plan_partitions, score_partitions
    from dialer.bootstrap import open_app
    from dialer.services.analytics.models import champion
    from dialer.services.analytics.prices import price_from
    from dialer.services.analytics.save_rate import priced, save_rate_in_use
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app:
        model = champion(app.database)
        assumed = price_from(settings)
        price = priced(assumed, save_rate_in_use(app.database, assumed))
    if model is None:
        fail("There is no model yet. Train one with `winback train`.")
    try:
        sources = [file.resolve() for file in files]
        parts = plan_partitions(sources, out.resolve(), rows=rows or PART_ROWS)
        if queue:
            _on_workers(settings, model.folder, parts, price)
            return
        with meter({"parts": "Scoring"}) as show:
            language = settings.web.language
            done = list(score_partitions(model.folder, parts, price=price, language=language, progress=show))
    except (ArtefactRefused, OSError, pl.exceptions.PolarsError) as refused:
        fail(refused)
    fresh = sum(not part.skipped for part in done)
    total = sum(part.rows for part in done)
    console.print(
        f"{amount_of(total, 'row')} in {amount_of(len(done), 'part')} in {out}; {fresh} were not "
        "done before.",
        markup=False,
    )


def _on_workers(settings: "Settings", folder: str, parts: "tuple[Partition, ...]", price: "Price") -> None:
    """Let the workers score the parts, and watch them."""
    from dialer.jobs.job_queue import count_workers
    from dialer.jobs.partitions import ask_for_partitions, follow_partitions
    from dialer.jobs.redis import RedisMissing, open_redis

    try:
        with (
            open_redis(settings) as redis_server,
            redis_server.connect() as connection,
            meter({"parts": "Scoring"}) as show,
        ):
            language = settings.web.language
            asked = ask_for_partitions(connection, folder, parts, price, language=language)
            if count_workers(connection) == 0:
                console.print(
                    f"{amount_of(len(asked), 'part waits', 'parts wait')} for a worker; start one "
                    "with `winback worker`."
                )
                return
            for state in follow_partitions(connection, asked):
                show("parts", state.done / state.total)
    except RedisMissing as missing:
        fail(missing)
    if state.errors:
        fail(f"{len(state.errors)} of {state.total} parts failed, the first with: {state.errors[0]}", code=1)
    console.print(f"{amount_of(state.rows, 'row')} in {amount_of(state.total, 'part')}.")


@group.command(name="list")
def list_() -> None:
    """List the models, newest first: which one is in use, and what each was made from and by."""
    from rich.table import Table

    from dialer.bootstrap import open_app
    from dialer.services.analytics.models import list_models
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        models = list_models(app.database)
    if not models:
        console.print("There is no model yet. Train one with `winback train`.")
        return
    table = Table("model", "trained", "says", "kind", "role", "figure", "rows", "data", "code", "file")
    for each in models:
        facts = each.metrics
        table.add_row(
            str(each.id),
            f"{each.created_at:%Y-%m-%d %H:%M}",
            SAYS[each.task],
            each.kind,
            each.role,
            _figure(facts.get("figures", {})),
            str(facts.get("rows", "")),
            str(facts.get("data_sha256", ""))[:SHORT_HASH],
            str(facts.get("versions", {}).get("winback", "")),
            each.sha256[:SHORT_HASH],
        )
    console.print(table)


@group.command()
def promote(
    model: Annotated[int, typer.Argument(metavar="N", help="The model's number, from `winback model list`.")],
) -> None:
    """Put a model to use in the champion's place. Who did it is written down."""
    from dialer.bootstrap import open_app
    from dialer.cli.campaign import actor
    from dialer.services.analytics.models import UnknownModel, promote_model
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        try:
            promote_model(app.database, model, app.clock(), actor(), "by hand")
        except UnknownModel:
            fail(f"There is no model {model}. `winback model list` shows them.")
    console.print(f"Model {model} is the champion. Score everybody with `winback score`.")


SAYS: Final = {"risk": "who leaves", "uplift": "whom a call helps"}


def _figure(figures: Mapping[str, float]) -> str:
    """The one figure that a kind of model is known by."""
    names = {"roc_auc": "ROC-AUC", "qini": "Qini"}
    return next((f"{name} {figures[key]:.3f}" for key, name in names.items() if key in figures), "")


def finite(value: object) -> object:
    """The same with null in place of NaN and infinities, which JSON does not have."""
    if isinstance(value, dict):
        return {str(key): finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
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


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else ""


keep_former_names(group, {"marks": "churn targets", "worlds": "churn trials", "scale": "churn throughput"})
