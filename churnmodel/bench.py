"""One command over a folder of data sets: the same code, no tuning per set, figures out of sample.

Reads `bench.toml`: one table a data set with `file`, `task` ("risk" or "uplift"), `target`, `positive`, and
optionally `order` ("rows": in time order), `id`, `drop`, `where`; for uplift `treatment`, `treated`,
`control` and `goal` ("lower" if the outcome is churn).
"""

import gzip
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.arrays import Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.calibrate import row_losses
from churnmodel.candidates import FITS, FULL, Scorer, choose, judge
from churnmodel.contract import Contract, infer_contract
from churnmodel.features import learn_features
from churnmodel.kinds import plain_text, present_text
from churnmodel.measures import risk_figures
from churnmodel.risk import partitions_of, prepare
from churnmodel.rolling import roll, within_period_auc
from churnmodel.uplift_choice import decide_regime, judge_uplift

SMALL: Final = 12_000
"""Up to this many rows five repeats of five folds are run; above, one partition is as certain."""

REPEATS: Final = 5
UPLIFT_REPEATS: Final = 2

TEST_SHARE: Final = 0.3
"""Dated data: the latest share that is judged; everything before chooses and trains."""

CHOICE_SHARE: Final = 0.2
"""Dated data: the share before the judged one on which candidates compete."""

ROLLED: Final = ("logistic", "trees")
"""Candidates that are retrained in every block; the EBM is too slow for that and no better in time."""

BLOCKS: Final = 12
"""Retrainings over the judged share: monthly in a year."""

SEED: Final = 20_260


def bench_folder(
    path: Path | str,
    *,
    only: Sequence[str] = (),
    repeats: int | None = None,
    progress: Progress = no_progress,
) -> dict[str, dict[str, Any]]:
    """Run every data set of a folder and give its figures by name, all plain values.

    Args:
        path: folder with a `bench.toml`, or that file.
        only: names of data sets to run; all if empty.
        repeats: partitions; by size if None.
        progress: told "name: stage" with the share of that stage.

    Returns:
        For risk: `model, roc_auc, pr_auc, lift_10, log_loss, brier, ece` and how they were made; for uplift:
        `learner, qini, qini_se, top_decile_effect, bottom_20_effect, risk_ranking_qini` likewise. A data set
        that cannot be run has `error` instead, and the others still run.
    """
    path = Path(path)
    listing = path if path.is_file() else path / "bench.toml"
    with listing.open("rb") as file:
        sets = tomllib.load(file)
    results: dict[str, dict[str, Any]] = {}
    for name, described in sets.items():
        if only and name not in only:
            continue
        tell = _named(progress, name)
        try:
            results[name] = _bench_one(listing.parent, described, repeats, tell)
        except (ValueError, OSError, KeyError, pl.exceptions.PolarsError) as error:
            results[name] = {"error": f"{type(error).__name__}: {error}"}
    return results


def _named(progress: Progress, name: str) -> Progress:
    return lambda stage, share: progress(f"{name}: {stage}", share)


def _bench_one(
    folder: Path, described: Mapping[str, Any], repeats: int | None, progress: Progress
) -> dict[str, Any]:
    frame = read_table(folder / described["file"])
    for column, values in described.get("where", {}).items():
        wanted = [str(value) for value in (values if isinstance(values, list) else [values])]
        frame = frame.filter(plain_text(frame.get_column(column)).is_in(wanted))
    if described.get("task", "risk") == "uplift":
        return bench_uplift(frame, described, repeats=repeats or UPLIFT_REPEATS, progress=progress)
    return bench_risk(frame, described, repeats=repeats, progress=progress)


def read_table(path: Path) -> pl.DataFrame:
    """Read Parquet or delimited text, gzipped or not; the delimiter is that of the header line."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    header = raw.split(b"\n", 1)[0].decode("utf-8", errors="replace")
    delimiter = max(",;\t|", key=header.count)
    return pl.read_csv(
        raw,
        separator=delimiter,
        infer_schema_length=None,
        encoding="utf8-lossy",
        truncate_ragged_lines=True,
        null_values=["", "NA"],
    )


def bench_risk(
    frame: pl.DataFrame, described: Mapping[str, Any], *, repeats: int | None, progress: Progress
) -> dict[str, Any]:
    """Judge the risk candidates and report the chosen one: by folds, or in time if `order = "rows"`."""
    in_time = described.get("order", "random") == "rows"
    contract = infer_contract(
        frame,
        target=described["target"],
        positive=str(described["positive"]) if "positive" in described else None,
        id=described.get("id", ()),
        drop=described.get("drop", ()),
        in_time=in_time,
    )
    kept, dropped = prepare(frame, contract)
    labels = contract.labels(kept)
    features = learn_features(kept, contract)
    matrix = features.matrix(kept)
    about: dict[str, Any] = {
        "rows": len(labels),
        "positives": int(labels.sum()),
        "rows_dropped": dropped,
        "features": len(features.names),
        "refused": {column.name: column.rule for column in contract.refusals},
    }
    if in_time:
        return _in_time(matrix, labels, features.categories, progress) | about
    times = repeats or (REPEATS if len(labels) <= SMALL else 1)
    return (
        _by_folds(
            frame=kept,
            contract=contract,
            matrix=matrix,
            labels=labels,
            categories=features.categories,
            repeats=times,
            progress=progress,
        )
        | about
    )


def _by_folds(
    *,
    frame: pl.DataFrame,
    contract: Contract,
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    repeats: int,
    progress: Progress,
) -> dict[str, Any]:
    partitions = partitions_of(frame, contract, labels, seed=SEED, repeats=repeats)
    judged = judge(matrix, labels, categories, partitions, candidates=FULL, seed=SEED, progress=progress)
    chosen = choose(judged)
    figures = {name: judged.figures(name).as_dict() for name in judged.logits}
    return {
        "model": chosen,
        **figures[chosen],
        "protocol": f"{repeats} x stratified {len(partitions[0])}-fold, shuffled",
        "candidates": figures,
    }


def _in_time(
    matrix: Floats, labels: Floats, categories: tuple[int, ...], progress: Progress
) -> dict[str, Any]:
    """Choose before the judged share, then judge as the product lives: retrain, follow the level.

    The one split without retraining is reported beside it, and so is the ranking within periods, which is the
    skill that is left when everyone on a list shares the date.
    """
    rows = len(labels)
    start = rows - round(TEST_SHARE * rows)
    choice = start - round(CHOICE_SHARE * rows)
    before = np.linspace(choice, start, max(2, round(BLOCKS * CHOICE_SHARE / TEST_SHARE / 2)) + 1).astype(
        np.int64
    )
    after = np.linspace(start, rows, BLOCKS + 1).astype(np.int64)
    origins: Ints = np.concatenate([before[:-1], after])
    fits = [_fit_of(name, categories) for name in ROLLED]
    probability = roll(matrix, labels, fits, origins)
    progress("in time", 0.7)
    late, rolled = labels[start:], probability[start:]
    losses = {}
    for name in FULL:
        early = _fit_of(name, categories)(matrix[:choice], labels[:choice])
        losses[name] = float(row_losses(labels[choice:start], early.logit(matrix[choice:start])).mean())
    single = min(losses, key=lambda name: losses[name])
    once = sigmoid(_fit_of(single, categories)(matrix[:start], labels[:start]).logit(matrix[start:]))
    progress("in time", 1.0)
    return {
        "model": "+".join(ROLLED),
        **risk_figures(late, rolled).as_dict(),
        "within_period_roc_auc": within_period_auc(late, rolled, BLOCKS),
        "protocol": (
            f"latest {TEST_SHARE:.0%} in {BLOCKS} blocks, each scored by models of earlier rows only; "
            "level and weights follow earlier outcomes"
        ),
        "single_split": {
            "model": single,
            **risk_figures(late, once).as_dict(),
            "within_period_roc_auc": within_period_auc(late, once, BLOCKS),
            "protocol": f"chosen and trained once on the first {1 - TEST_SHARE:.0%}, never retrained",
        },
    }


def _fit_of(name: str, categories: tuple[int, ...]) -> Callable[[Floats, Floats], Scorer]:
    return lambda matrix, labels: FITS[name](matrix, labels, categories, seed=SEED)


def bench_uplift(
    frame: pl.DataFrame, described: Mapping[str, Any], *, repeats: int, progress: Progress
) -> dict[str, Any]:
    """Judge the uplift learners on a randomised trial and report the chosen one beside the risk ranking."""
    # an arm may be called "none": its name is a name, not a missing value
    group = plain_text(frame.get_column(described["treatment"]))
    arms = {str(described["treated"]): 1.0, str(described["control"]): 0.0}
    frame = frame.filter(group.is_in(list(arms)))
    contract = infer_contract(
        frame,
        target=described["target"],
        positive=str(described["positive"]) if "positive" in described else None,
        id=described.get("id", ()),
        drop=[*described.get("drop", ()), described["treatment"]],
    )
    kept = frame.filter(present_text(frame.get_column(contract.target)).is_not_null())
    treated = (
        plain_text(kept.get_column(described["treatment"]))
        .replace_strict(arms, return_dtype=pl.Float64)
        .to_numpy()
        .astype(np.float64)
    )
    higher = described.get("goal", "higher") == "higher"
    labels = contract.labels(kept)
    success = labels if higher else 1 - labels
    features = learn_features(kept, contract)
    share = np.full(len(success), float(treated.mean()))
    judged = judge_uplift(
        features.matrix(kept),
        success,
        treated,
        share,
        features.categories,
        seed=SEED,
        higher_is_better=higher,
        repeats=repeats,
        progress=progress,
    )
    best = judged.figures[judged.chosen]
    gate = decide_regime(judged, labels, share=0.3)
    return {
        "learner": judged.chosen,
        "qini": best.qini,
        "qini_se": best.qini_se,
        "top_decile_effect": best.top_decile_effect,
        "bottom_20_effect": best.bottom_20_effect,
        "risk_ranking_qini": judged.risk.qini,
        "average_effect": float(success[treated > 0].mean() - success[treated == 0].mean()),
        "regime": gate.regime.value,
        "missing": list(gate.missing),
        "protocol": f"{repeats} x stratified 5-fold; effects as shares, above 0 is good",
        "learners": {
            name: {"qini": f.qini, "qini_adjusted": f.qini_adjusted} for name, f in judged.figures.items()
        },
        "rows": len(success),
    }
