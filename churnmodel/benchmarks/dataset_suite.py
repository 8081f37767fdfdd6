"""One command over a folder of data sets: the same code, no tuning per set, figures out of sample.

`listing` says what a `bench.toml` may hold. A data set that cannot be run says why, and the others still run.
"""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.benchmarks.suite_config import (
    Listed,
    Selected,
    SuiteRefused,
    assignment,
    read_suite,
    select,
    understand,
)
from churnmodel.data.column_types import outcome_text
from churnmodel.data.contract import Contract, ContractRefused, infer_contract
from churnmodel.data.features import learn_features
from churnmodel.data.leakage_checks import NEAR_PERFECT_AUC, single_auc
from churnmodel.metrics import ece_by_chance, risk_figures
from churnmodel.risk.backtest import backtest, within_period_auc
from churnmodel.risk.calibrate import row_losses
from churnmodel.risk.candidates import FITS, FULL, Scorer, choose, judge
from churnmodel.risk.training import partitions_of, prepare
from churnmodel.uplift.model_selection import decide_ranking, judge_uplift

SMALL: Final = 12_000
"""Up to this many rows five repeats of five folds are run; above, one partition is as certain."""

REPEATS: Final = 5
UPLIFT_REPEATS: Final = 2

TEST_SHARE: Final = 0.3
"""Dated data: the latest share that is judged; everything before chooses and trains."""

CHOICE_SHARE: Final = 0.2
"""Dated data: the share before the judged one on which candidates compete."""

ROLLED: Final = ("logistic", "trees")
"""Candidates that are retrained in every block, on all past rows and on the latest."""

STEADY: Final = ("ebm",)
"""Candidates that are retrained on all past rows as these grow: slower, and best where nothing moves."""

BLOCKS: Final = 12
"""Retrainings over the judged share: monthly in a year."""

SEED: Final = 20_260

FEWEST_OUTCOMES: Final = 10
"""Of either outcome: two in each fold."""

FEWEST_AN_ARM: Final = 50
"""Customers in each arm: ten in a fold, below which no effect has a meaning."""

log = logging.getLogger(__name__)


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
    results: dict[str, dict[str, Any]] = {}
    listing = read_suite(path)
    if strange := set(only) - set(listing):
        raise SuiteRefused(f"no data set {', '.join(sorted(strange))}; there are {', '.join(listing)}")
    for name, described in listing.items():
        if only and name not in only:
            continue
        started = time.monotonic()
        try:
            listed = understand(path if path.is_dir() else path.parent, described)
            results[name] = _bench_one(listed, repeats, _named(progress, name))
            results[name]["seconds"] = round(time.monotonic() - started, 1)
        except ValueError as refused:
            results[name] = {"error": str(refused)}
        except Exception as error:  # a fault in one data set must not cost the figures of the others
            log.exception("%s", name)
            results[name] = {"error": f"{type(error).__name__}: {error}"}
    return results


def _named(progress: Progress, name: str) -> Progress:
    return lambda stage, share: progress(f"{name}: {stage}", share)


def _bench_one(listed: Listed, repeats: int | None, progress: Progress) -> dict[str, Any]:
    progress("read", 0.0)
    selected = select(listed)
    if listed.task == "uplift":
        figures = bench_uplift(listed, selected, repeats=repeats or UPLIFT_REPEATS, progress=progress)
    else:
        figures = bench_risk(listed, selected, repeats=repeats, progress=progress)
    notes = {"keys_not_read": list(listed.unread), "columns_not_found": list(selected.absent)}
    return figures | {key: found for key, found in notes.items() if found}


def _contract(
    listed: Listed, selected: Selected, frame: pl.DataFrame, *, drop: Sequence[str] = ()
) -> Contract:
    """Infer the contract of these rows, with enough of either outcome in it to be judged."""
    try:
        contract = infer_contract(
            frame,
            target=selected.target,
            positive=listed.positive,
            id=selected.id,
            drop=[*selected.drop, *drop],
            in_time=listed.in_time,
        )
    except ContractRefused as refused:
        raise SuiteRefused(f"{listed.path.name}: {refused}") from refused
    labels = contract.labels(frame)
    rarer = int(min(np.nansum(labels), np.nansum(1 - labels)))
    if rarer < FEWEST_OUTCOMES:
        raise SuiteRefused(
            f"{listed.path.name}: {rarer} rows of the rarer outcome of {contract.target!r}, "
            f"where {FEWEST_OUTCOMES} are the fewest that can be judged [target.too-few]"
        )
    return contract


def bench_risk(
    listed: Listed, selected: Selected, *, repeats: int | None, progress: Progress
) -> dict[str, Any]:
    """Judge the risk candidates and report the chosen one: by folds, or in time if `order = "rows"`."""
    contract = _contract(listed, selected, selected.frame)
    kept, dropped = prepare(selected.frame, contract)
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
    if listed.in_time:
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
        "ece_by_chance": float(
            np.mean([ece_by_chance(sigmoid(one), seed=SEED) for one in judged.logits[chosen]])
        ),
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
    for part, name in ((labels[:choice], "first 50 %"), (labels[start:], "latest 30 %")):
        if (rarer := int(min(part.sum(), len(part) - part.sum()))) < FEWEST_OUTCOMES:
            raise SuiteRefused(
                f"in time order the {name} of rows hold {rarer} of the rarer outcome, "
                f"where {FEWEST_OUTCOMES} are the fewest that can be judged [target.too-few]"
            )
    before = np.linspace(choice, start, max(2, round(BLOCKS * CHOICE_SHARE / TEST_SHARE / 2)) + 1).astype(
        np.int64
    )
    after = np.linspace(start, rows, BLOCKS + 1).astype(np.int64)
    origins: Ints = np.concatenate([before[:-1], after])
    fits = [_fit_of(name, categories) for name in ROLLED]
    steady = [_fit_of(name, categories) for name in STEADY]
    probability = backtest(matrix, labels, fits, origins, steady=steady, progress=progress)
    late, rolled = labels[start:], probability[start:]
    losses = {}
    for index, name in enumerate(FULL):
        progress("one split", index / (len(FULL) + 1))
        early = _fit_of(name, categories)(matrix[:choice], labels[:choice])
        losses[name] = float(row_losses(labels[choice:start], early.logit(matrix[choice:start])).mean())
    single = min(losses, key=lambda name: losses[name])
    once = sigmoid(_fit_of(single, categories)(matrix[:start], labels[:start]).logit(matrix[start:]))
    progress("one split", 1.0)
    return {
        "model": "+".join((*ROLLED, *STEADY)),
        **risk_figures(late, rolled).as_dict(),
        "ece_by_chance": ece_by_chance(rolled, seed=SEED),
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


def _tells_the_arm(frame: pl.DataFrame, contract: Contract, treated: Floats) -> tuple[str, ...]:
    """Name the features that copy the assignment: a coin cannot be known before it is thrown."""
    return tuple(
        column.name
        for column in contract.features
        if single_auc(frame.get_column(column.name), column.kind, treated) > NEAR_PERFECT_AUC
    )


def bench_uplift(listed: Listed, selected: Selected, *, repeats: int, progress: Progress) -> dict[str, Any]:
    """Judge the uplift learners on a randomised trial and report the chosen one beside the risk ranking."""
    frame, treated = assignment(listed, selected)
    contract = _contract(listed, selected, frame, drop=[selected.treatment])
    known = outcome_text(frame.get_column(contract.target)).is_not_null()
    kept, treated = frame.filter(known), treated[known.to_numpy()]
    labels = contract.labels(kept)
    rarest = int(min(treated.sum(), len(treated) - treated.sum()))
    if rarest < FEWEST_AN_ARM:
        raise SuiteRefused(
            f"{listed.path.name}: {rarest} rows in one arm of {selected.treatment!r}, "
            f"where {FEWEST_AN_ARM} are the fewest that can be judged"
        )
    contract = contract.without(_tells_the_arm(kept, contract, treated), "leak.treatment")
    success = labels if listed.higher_is_better else 1 - labels
    features = learn_features(kept, contract)
    share = np.full(len(success), float(treated.mean()))
    judged = judge_uplift(
        features.matrix(kept),
        success,
        treated,
        share,
        features.categories,
        seed=SEED,
        higher_is_better=listed.higher_is_better,
        repeats=repeats,
        progress=progress,
    )
    best = judged.figures[judged.chosen]
    decision = decide_ranking(judged, labels, share=0.3)
    return {
        "learner": judged.chosen,
        "qini": best.qini,
        "qini_se": best.qini_se,
        "top_decile_effect": best.top_decile_effect,
        "bottom_20_effect": best.bottom_20_effect,
        "risk_ranking_qini": judged.risk.qini,
        "average_effect": float(success[treated > 0].mean() - success[treated == 0].mean()),
        "ranking_policy": decision.ranking_policy.value,
        "missing": list(decision.missing),
        "protocol": f"{repeats} x stratified 5-fold; effects as shares, above 0 is good",
        "learners": {
            name: {"qini": f.qini, "qini_adjusted": f.qini_adjusted} for name, f in judged.figures.items()
        },
        "rows": len(success),
        "treated": int(treated.sum()),
        "events": int(labels.sum()),
        "features": len(features.names),
        "refused": {column.name: column.rule for column in contract.refusals},
    }
