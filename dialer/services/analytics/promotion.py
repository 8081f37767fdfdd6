"""Whether a newly trained model takes the champion's place: only if it is better out of time, beyond chance.

Judged on customers of whom the champion cannot have known the outcome, because it became known after the
champion was trained; of these the latest half. The challenger says of them what its kinds of model say when
they have learned only from the others. Better means a smaller log-loss, by more than one standard error of
the paired difference.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Bools, Floats, sigmoid
from churnmodel.artefact import ArtefactRefused, load
from churnmodel.metrics import risk_figures
from churnmodel.risk.calibrate import mean_and_error, row_losses
from churnmodel.risk.candidates import FITS, STANDARD_ERRORS, part
from churnmodel.risk.training import FEWEST_OUTCOMES, RiskModel, prepare_weighted

CHANCE_ERRORS: Final = 1.645  # beyond which one draw in twenty lies, on one side
CLIP: Final = 1e-6  # a probability nearer to 0 or 1 has log-odds without meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Whether the challenger is to be promoted, why, and on what evidence."""

    promote: bool
    why: str
    rows: int = 0
    gain: float = 0.0  # log-loss of the champion less that of the challenger, a row
    error: float = 0.0  # its standard error
    champion_auc: float = 0.0
    challenger_auc: float = 0.0


def compare(
    challenger: RiskModel,
    champion_folder: str,
    frame: pl.DataFrame,
    known: Mapping[str, datetime],
    *,
    id_column: str,
    seed: int,
    weight: Floats | None = None,
) -> Comparison:
    """Compare a challenger, trained on `frame`, with the champion in a folder.

    Args:
        challenger: the model just trained.
        champion_folder: where the champion's files are.
        frame: customers with outcomes, as the challenger was given them.
        known: by id, when the outcome became known, of those that became known after the champion.
        id_column: the column of `frame` with the ids.
        seed: of the challenger's training.
        weight: how much each row of `frame` counts, 0: not at all; both are judged and learned alike by it.
    """
    try:
        champion = load(champion_folder)
    except ArtefactRefused as refused:
        return Comparison(promote=True, why=f"the champion cannot be used any more: {refused}")
    outcome = (challenger.contract.target, challenger.contract.positive)
    if outcome != (champion.contract.target, champion.contract.positive):
        return Comparison(
            promote=False,
            why=f"it learned {outcome[0]} = {outcome[1]}, the champion another: they cannot be compared",
        )
    kept, _, counts = prepare_weighted(frame, challenger.contract, weight)
    if counts is not None:
        kept, counts = kept.filter(pl.Series(counts > 0)), counts[counts > 0]
    labels = challenger.contract.labels(kept)
    ids = [str(each) for each in kept.get_column(id_column)]
    judged = latest_half(ids, known)
    learned = ~judged
    leavers, stayers = int(labels[judged].sum()), int((1 - labels[judged]).sum())
    if min(leavers, stayers) < FEWEST_OUTCOMES:
        return Comparison(
            promote=False,
            why=(
                f"of {len(known):,} outcomes that became known since the champion was trained, the latest "
                f"half has {leavers:,} who left and {stayers:,} who stayed; "
                f"{FEWEST_OUTCOMES} of each are needed"
            ),
        )
    if min(labels[learned].sum(), (1 - labels[learned]).sum()) < FEWEST_OUTCOMES:
        return Comparison(promote=False, why="too few earlier outcomes are left to learn from")
    try:
        said = champion.predict(kept.filter(pl.Series(judged)))
    except (ValueError, KeyError, pl.exceptions.PolarsError) as fault:
        return Comparison(promote=False, why=f"the champion cannot read the customers as they are: {fault}")
    unseen = _without(challenger, kept, labels, judged, seed=seed, weight=part(counts, learned))
    return _weigh(labels[judged], said, unseen, part(counts, judged))


def no_better_than_chance(facts: Mapping[str, Any]) -> str | None:
    """In words, where a model tells who leaves no better than a draw would; None where it does.

    Judged by its ROC-AUC on customers it had not seen: of a draw this lies around 0.5, and with so many who
    left and stayed it exceeds `CHANCE_ERRORS` standard errors once in twenty times (Mann and Whitney 1947).
    """
    auc = float(facts["figures"].get("roc_auc", 0.0))
    leavers = int(facts["positives"])
    stayers = int(facts["rows"]) - leavers
    bound = 0.5 + CHANCE_ERRORS * math.sqrt((leavers + stayers + 1) / (12 * leavers * stayers))
    if auc > bound:
        return None
    return (
        f"on customers it had not seen it is no better than chance (ROC-AUC {auc:.3f}; with {leavers:,} who "
        f"left and {stayers:,} who stayed a draw reaches {bound:.3f} once in twenty times), so that a list "
        "by it is a list by lot: bring columns that tell more of the customers, or more outcomes"
    )


def latest_half(ids: list[str], known: Mapping[str, datetime]) -> Bools:
    """Which rows are judged: of the outcomes known since, the later half; a hash decides among equals."""
    fresh = sorted(
        (known[each], hashlib.sha256(each.encode()).digest(), index)
        for index, each in enumerate(ids)
        if each in known
    )
    judged = np.zeros(len(ids), dtype=np.bool_)
    judged[[index for _, _, index in fresh[len(fresh) // 2 :]]] = True
    return judged


def _without(
    model: RiskModel,
    frame: pl.DataFrame,
    labels: Floats,
    judged: Bools,
    *,
    seed: int,
    weight: Floats | None,
) -> Floats:
    """What the challenger's kinds of model say of the judged rows, having learned from all others."""
    matrix = model.features.matrix(frame)
    names = [str(name) for name in model.facts["members"]]
    weights = [weight for weight, _ in model.members]
    if len(weights) != len(names):  # a blend that left somebody out: all of them alike is the careful guess
        weights = [1 / len(names)] * len(names)
    total = np.zeros(int(judged.sum()))
    for name, share in zip(names, weights, strict=True):
        fitted = FITS[name](
            matrix[~judged], labels[~judged], model.features.categories, seed=seed, weight=weight
        )
        total += share * fitted.logit(matrix[judged])
    return sigmoid(model.straightening.apply(total))


def _weigh(truth: Floats, champion: Floats, challenger: Floats, weight: Floats | None) -> Comparison:
    gain, error = mean_and_error(_losses(truth, champion) - _losses(truth, challenger), weight)
    auc = (risk_figures(truth, champion).roc_auc, risk_figures(truth, challenger).roc_auc)
    better = gain > STANDARD_ERRORS * error
    figures = f"{gain:+.4f} against {error:.4f} (ROC-AUC {auc[1]:.3f}, champion {auc[0]:.3f})"
    return Comparison(
        promote=better,
        why=(
            f"on {len(truth):,} customers whose outcome became known later, its log-loss is better beyond "
            f"one standard error: {figures}"
            if better
            else f"on {len(truth):,} customers whose outcome became known later, its log-loss is not better "
            f"beyond one standard error: {figures}"
        ),
        rows=len(truth),
        gain=gain,
        error=error,
        champion_auc=auc[0],
        challenger_auc=auc[1],
    )


def _losses(truth: Floats, probability: Floats) -> Floats:
    p = np.clip(probability, CLIP, 1 - CLIP)
    return np.asarray(row_losses(truth, np.log(p / (1 - p))), dtype=np.float64)
