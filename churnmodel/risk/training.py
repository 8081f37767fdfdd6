"""Who is likely to leave: training, choosing and using a risk model."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, Ints, Progress, no_progress, sigmoid
from churnmodel.data.column_types import outcome_text
from churnmodel.data.contract import Contract, ContractRefused, Role
from churnmodel.data.features import Features, learn_features
from churnmodel.data.splits import Split, random_splits, rolling_splits
from churnmodel.drift import baseline
from churnmodel.risk.additive import Additive
from churnmodel.risk.calibrate import Straightening, straighten
from churnmodel.risk.candidates import (
    BLEND,
    FITS,
    FULL,
    Judged,
    Scorer,
    blend_weights,
    choose,
    judge,
    part,
)
from churnmodel.risk.ipw import IpwWeights
from churnmodel.risk.lookup import Lookup, compile_members
from churnmodel.risk.trees import Trees

FEWEST_OUTCOMES: Final = 20
"""Fewer of either outcome leave less than four in a fold: nothing could be judged."""

CENTRE_ROWS: Final = 20_000
"""Training rows over which the average customer is taken: its parts are then known to better than .01."""

WEIGHT: Final = "winback weight"
"""A column that is only there while rows are dropped and sorted."""

COINCIDENCE_COLUMNS: Final = 8
"""From this many features on, two equal rows without an id are one row written twice, not two customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskModel:
    """A chosen, fitted, straightened model that knows how to read a frame and where it came from."""

    contract: Contract
    features: Features
    members: tuple[tuple[float, Scorer], ...]  # weight and scorer
    straightening: Straightening
    centre: Floats  # mean part of each feature over training rows, before straightening
    facts: Mapping[str, Any] = field(default_factory=dict)  # name, figures, rows, hashes, versions: all plain

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Give each row's probability of leaving, 0 to 1, in the order of the frame."""
        return self.predict_matrix(self.features.matrix(frame))

    def predict_matrix(self, matrix: Floats) -> Floats:
        """Give each row's probability for rows already read by `features.matrix`."""
        total = np.zeros(len(matrix))
        for weight, scorer in self.members:
            total += weight * scorer.logit(matrix)
        return sigmoid(self.straightening.apply(total))

    @property
    def base(self) -> float:
        """Log-odds of the average customer: what the centred parts are added to."""
        total = float(self.centre.sum())
        for weight, scorer in self.members:
            total += weight * (scorer.centred_base if isinstance(scorer, Trees) else scorer.base)
        return self.straightening.slope * total + self.straightening.intercept

    def contributions(self, matrix: Floats) -> Floats:
        """Give each feature's exact part of the log-odds against the average customer (rows x features).

        `base + contributions.sum(axis=1)` is the log-odds of `predict_matrix`, to rounding.
        """
        return centred_contributions(self, matrix)

    def compiled(self) -> Lookup | None:
        """Give the look-up that scores this model fast; None if a member is not a table."""
        additive = [(weight, member) for weight, member in self.members if isinstance(member, Additive)]
        if len(additive) < len(self.members):
            return None
        return compile_members(additive, base=self.base, centre=self.centre, slope=self.straightening.slope)


def centred_contributions(model: RiskModel, matrix: Floats) -> Floats:
    """Give the exact parts against the average customer, member by member."""
    total = raw_contributions(model.members, matrix)
    total -= model.centre
    total *= model.straightening.slope
    return total


def raw_contributions(members: Sequence[tuple[float, Scorer]], matrix: Floats) -> Floats:
    """Sum the members' parts, weighted."""
    weight, scorer = members[0]
    total = scorer.contributions(matrix)
    total *= weight
    for weight, scorer in members[1:]:
        total += weight * scorer.contributions(matrix)
    return total


def prepare(frame: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, int]:
    """Drop rows without an outcome, and rows written twice; give the rest and how many were dropped.

    Rows equal in every column are one row written twice if an id is among the columns, or if there are so
    many columns that equality is no coincidence.
    """
    kept = frame.filter(outcome_text(frame.get_column(contract.target)).is_not_null())
    if contract.named(Role.ID) or len(contract.features) >= COINCIDENCE_COLUMNS:
        kept = kept.unique(keep="first", maintain_order=True)
    times = contract.named(Role.TIME)
    if times:
        kept = kept.sort(times[0], maintain_order=True)
    return kept, frame.height - kept.height


def prepare_weighted(
    frame: pl.DataFrame, contract: Contract, weight: Floats | None
) -> tuple[pl.DataFrame, int, Floats | None]:
    """Prepare like `prepare`, and give the weights of the rows that are left, where rows have weights."""
    if weight is None:
        return *prepare(frame, contract), None
    kept, dropped = prepare(frame.with_columns(pl.Series(WEIGHT, weight)), contract)
    return kept.drop(WEIGHT), dropped, kept.get_column(WEIGHT).to_numpy().astype(np.float64)


def partitions_of(
    frame: pl.DataFrame, contract: Contract, labels: Floats, *, seed: int, repeats: int = 1
) -> tuple[tuple[Split, ...], ...]:
    """Split as the contract asks: by time if dated, else shuffled, households whole."""
    if contract.in_time:
        return (rolling_splits(len(labels)),)
    names = contract.named(Role.HOUSEHOLD)
    households: Ints | None = None
    if names:
        households = frame.get_column(names[0]).rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    return random_splits(labels, seed=seed, repeats=repeats, households=households)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model with the evidence for it: what was said of rows by models that had not seen them."""

    model: RiskModel
    frame: pl.DataFrame  # the judged rows
    truth: Floats
    risk: Floats


def train_risk(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    seed: int,
    candidates: Sequence[str] = FULL,
    repeats: int = 1,
    progress: Progress = no_progress,
) -> RiskModel:
    """Judge the candidates out of sample, choose, fit the chosen one on all rows, and straighten it.

    See `train_and_judge`, which also gives the evidence.
    """
    return train_and_judge(
        frame, contract, seed=seed, candidates=candidates, repeats=repeats, progress=progress
    ).model


def train_and_judge(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    seed: int,
    candidates: Sequence[str] = FULL,
    repeats: int = 1,
    untreated: IpwWeights | None = None,
    progress: Progress = no_progress,
) -> Trained:
    """Train like `train_risk` and keep what the model card needs.

    Args:
        frame: one row a customer (and moment); rows without an outcome are left out.
        contract: from `infer_contract`.
        seed: of every random choice; the same seed and data give the same model.
        candidates: names from `candidates.FITS`, the champion first; `QUICK` for seconds, `FULL` for quality.
        repeats: how many times the rows are partitioned anew.
        untreated: how much each row of the frame is learned from; what it reads of a customer, and what later
            customers are compared with, is taken from all rows. Figures are of the rows learned from, each
            counted once.
        progress: told "judge" and "fit" with the share done.

    Raises:
        ContractRefused: too few outcomes to judge anything (`target.too-few`).
    """
    kept, dropped, weight = prepare_weighted(frame, contract, untreated.weight if untreated else None)
    features = learn_features(kept, contract)
    matrix = features.matrix(kept)
    sample = matrix[:: max(1, len(matrix) // CENTRE_ROWS)]
    if weight is not None:
        learned = weight > 0
        kept, matrix, weight = kept.filter(pl.Series(learned)), matrix[learned], weight[learned]
        weight = weight / weight.mean()  # as much is known as before: penalties keep their meaning
    labels = contract.labels(kept)
    if min(labels.sum(), len(labels) - labels.sum()) < FEWEST_OUTCOMES:
        raise ContractRefused("target.too-few", f"fewer than {FEWEST_OUTCOMES} rows of one outcome")
    partitions = partitions_of(kept, contract, labels, seed=seed, repeats=repeats)
    judged = judge(
        matrix,
        labels,
        features.categories,
        partitions,
        candidates=candidates,
        seed=seed,
        weight=weight,
        progress=progress,
    )
    chosen = choose(judged)
    members, straightening = fit_members(
        matrix, labels, features.categories, judged, chosen, seed=seed, progress=progress
    )
    figures = {name: judged.figures(name).as_dict() for name in judged.logits}
    model = RiskModel(
        contract=contract,
        features=features,
        members=members,
        straightening=straightening,
        centre=raw_contributions(members, sample).mean(axis=0),
        facts={
            "model": chosen,
            "members": [name for name in candidates if chosen in (name, BLEND)],
            "judged": "in time"
            if contract.in_time
            else f"{len(partitions[0])}-fold, {len(partitions)} times",
            "figures": figures[chosen],
            "candidates": figures,
            "rows": len(labels),
            "positives": int(labels.sum()),
            "rows_dropped": dropped,
            "seed": seed,
            "calibration": straightening.rule or "straightened",
            "data_sha256": data_hash(matrix, labels, weight),
            "versions": versions(),
            "baseline": {},
            **({"called": untreated.as_dict()} if untreated else {}),
        },
    )
    described = baseline(features, sample, model.predict_matrix(sample)).as_dict()
    seen = judged.seen
    return Trained(
        model=replace(model, facts={**model.facts, "baseline": described}),
        frame=kept.filter(pl.Series(seen)),
        truth=labels[seen],
        risk=sigmoid(straightening.apply(judged.logits[chosen][0][seen]))
        if chosen != BLEND
        else sigmoid(judged.logits[chosen][0][seen]),
    )


def fit_members(
    matrix: Floats,
    labels: Floats,
    categories: tuple[int, ...],
    judged: Judged,
    chosen: str,
    *,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[tuple[tuple[float, Scorer], ...], Straightening]:
    """Fit what was chosen on all rows, with weights and straightening from judged rows only."""
    names = [name for name in judged.logits if chosen in (name, BLEND) and name != BLEND]
    seen = judged.seen
    weight = part(judged.weight, seen)
    if chosen == BLEND:
        stacked = np.stack([judged.logits[name].mean(axis=0)[seen] for name in names])
        weights, intercept = blend_weights(labels[seen], stacked, weight)
        straightening = Straightening(intercept=intercept, rule="calibration.blend")
    else:
        weights = np.ones(1)
        straightening = straighten(labels[seen], judged.logits[chosen].mean(axis=0)[seen], weight)
    members: list[tuple[float, Scorer]] = []
    for index, (name, share) in enumerate(zip(names, weights, strict=True)):
        if share > 0:
            fitted = FITS[name](matrix, labels, categories, seed=seed, weight=judged.weight)
            members.append((float(share), fitted))
        progress("fit", (index + 1) / len(names))
    return tuple(members), straightening


def data_hash(matrix: Floats, labels: Floats, weight: Floats | None = None) -> str:
    """SHA-256 of exactly what was learned from."""
    digest = hashlib.sha256(repr(matrix.shape).encode())
    digest.update(np.ascontiguousarray(matrix).tobytes())
    digest.update(labels.tobytes())
    if weight is not None:
        digest.update(weight.tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of the code and of every library whose change could change a score."""
    found = {"python": platform.python_version()}
    for name in ("winback", "numpy", "scikit-learn", "interpret-core", "polars", "skops"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def scorer_from_state(state: Mapping[str, Any]) -> Scorer:
    """Read back one member of a model file."""
    return Additive.from_state(state) if state["family"] == "additive" else Trees.from_state(state)
