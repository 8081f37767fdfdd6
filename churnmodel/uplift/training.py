"""Whom a call helps, learned from randomised outcomes: chosen, judged, kept as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, Ints, Progress, no_progress
from churnmodel.artefact import ArtefactRef, load_state, save_state
from churnmodel.data.features import Features
from churnmodel.risk.linear_design import LinearDesign
from churnmodel.risk.training import data_hash, versions
from churnmodel.uplift.learners import LEARNERS, UpliftModel, fit_uplift
from churnmodel.uplift.linear_effect import LinearEffect
from churnmodel.uplift.model_selection import UpliftJudged, decide_ranking, judge_uplift
from churnmodel.uplift.qini import top_rows
from churnmodel.uplift.ranking_policy import Needed, RankingDecision

HOLDS: Final = "uplift"
"""The kind of model, in its manifest."""

QUICK: Final = ("t-linear", "x-linear", "dr-linear", "to-linear")
"""Learners for seconds instead of minutes."""

FEWEST_OUTCOMES: Final = 500
FEWEST_A_SIDE: Final = 50
FEWEST_EVENTS: Final = 20
"""Outcomes in all, on the smaller side, and leavers on each side: with fewer nothing can be cross-fitted."""

TARGETED: Final = 0.2
"""Share of the customers of known outcome at which uplift must beat risk: what a list usually takes."""

BANDS: Final = 10
"""Equal parts of the customers by predicted effect, whose measured effects bound a prediction's error."""

Z_TWO_SIDED: Final = 1.96
"""Normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """What calling changed, measured out of fold, among customers of like prediction."""

    edges: Floats  # between the bands, by predicted effect
    mean: Floats
    low: Floats  # two-sided 95 %
    high: Floats

    def of(self, uplift: Floats) -> tuple[Floats, Floats]:
        """Give the interval of the effect for each prediction; it holds the prediction itself."""
        band = np.searchsorted(self.edges, uplift, side="right")
        return np.minimum(self.low[band], uplift), np.maximum(self.high[band], uplift)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEffect:
    """A chosen, fitted model of what a call changes, with the evidence for it."""

    features: Features
    model: UpliftModel
    decision: RankingDecision
    bands: Bands
    facts: Mapping[str, Any] = field(default_factory=dict)

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Give each row's fall in the chance of leaving if assigned to be called; below 0 drives away."""
        return self.model.predict(self.features.matrix(frame))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEvidence:
    """Randomised outcomes, one row a customer on one campaign's list."""

    frame: pl.DataFrame  # attributes as they were on the day of the list
    left: Floats  # 1 left, 0 stayed
    called: Floats  # 1 assigned to be called
    propensity: Floats  # the logged chance of that
    units: Ints  # whose luck rows share

    def missing(self) -> str:
        """Say what is missing before anything can be learned; empty if nothing is."""
        sides = [self.called > 0, self.called <= 0]
        fewest = min(int(side.sum()) for side in sides)
        events = min(int(self.left[side].sum()) for side in sides)
        if len(self.left) >= FEWEST_OUTCOMES and fewest >= FEWEST_A_SIDE and events >= FEWEST_EVENTS:
            return ""
        return (
            f"{len(self.left):,} randomised outcomes are known, {fewest:,} on the smaller side and "
            f"{events:,} who left on a side; {FEWEST_OUTCOMES}, {FEWEST_A_SIDE} and {FEWEST_EVENTS} are "
            "needed to learn"
        )


def learn_call_effect(
    evidence: TrialEvidence,
    features: Features,
    *,
    seed: int,
    learners: Sequence[str] = tuple(LEARNERS),
    needed: Needed | None = None,
    share: float = TARGETED,
    progress: Progress = no_progress,
) -> CallEffect:
    """Judge the learners out of fold, decide the ranking policy, and fit the chosen one on everything.

    Args:
        evidence: enough of it (`TrialEvidence.missing`).
        features: the readers of the risk model, whose contract has refused what would leak.
        seed: of folds and learners.
        learners: names from `uplift.LEARNERS`.
        needed: outcomes or events before uplift may rank; unset: the product's own.
        share: of the customers, those whom a list takes.
        progress: told "uplift" with the share done.
    """
    matrix = features.matrix(evidence.frame)
    stayed = 1 - evidence.left
    judged = judge_uplift(
        matrix,
        stayed,
        evidence.called,
        evidence.propensity,
        features.categories,
        seed=seed,
        higher_is_better=False,
        learners=learners,
        units=evidence.units,
        progress=progress,
    )
    decision = decide_ranking(judged, evidence.left, share=share, needed=needed)
    model = fit_uplift(
        matrix,
        stayed,
        evidence.called,
        evidence.propensity,
        features.categories,
        learner=judged.chosen,
        seed=seed,
        names=learners,
    )
    figures = judged.figures[judged.chosen]
    return CallEffect(
        features=features,
        model=model,
        decision=decision,
        bands=_bands(judged),
        facts={
            "learner": judged.chosen,
            "learners": list(learners),
            "rows": len(stayed),
            "positives": int(evidence.left.sum()),
            "called": int(evidence.called.sum()),
            "figures": {
                "qini": figures.qini,
                "qini_se": figures.qini_se,
                "qini_adjusted": figures.qini_adjusted,
                "risk_ranking_qini": judged.risk.qini,
                "top_decile_effect": figures.top_decile_effect,
                "bottom_20_effect": figures.bottom_20_effect,
            },
            "seed": seed,
            "data_sha256": data_hash(matrix, evidence.left),
            "versions": versions(),
        },
    )


def _bands(judged: UpliftJudged) -> Bands:
    effects = judged.effects[judged.chosen]
    edges = np.quantile(effects, np.arange(1, BANDS) / BANDS)
    band = np.searchsorted(edges, effects, side="right")
    count = np.maximum(np.bincount(band, minlength=BANDS), 1)
    mean = np.bincount(band, weights=judged.pseudo, minlength=BANDS) / count
    square = np.bincount(band, weights=(judged.pseudo - mean[band]) ** 2, minlength=BANDS)
    half = Z_TWO_SIDED * np.sqrt(square) / count
    return Bands(edges=edges, mean=mean, low=mean - half, high=mean + half)


def ranking_gain(
    pseudo: Floats, first: Floats, second: Floats, *, share: float = TARGETED
) -> tuple[float, float]:
    """Good outcomes per targeted customer that one ranking brings above another, and the standard error.

    `pseudo` are doubly robust pseudo-effects of customers that neither ranking has learned from.
    """
    taken = np.zeros(len(pseudo))
    taken[top_rows(first, share)] += 1
    taken[top_rows(second, share)] -= 1
    count = max(1.0, round(share * len(pseudo)))
    terms = taken * pseudo
    return float(terms.sum() / count), float(terms.std() * np.sqrt(len(terms)) / count)


# Files ----------------------------------------------------------------------------------------------


def save_call_effect(effect: CallEffect, folder: Path | str) -> ArtefactRef:
    """Write the model into a folder, atomically."""
    design = effect.model.design
    state = {
        "learner": effect.model.name,
        "design": {
            "numbers": [
                {"column": column, "knots": knots, "normal": normal, "marked": marked}
                for column, knots, normal, marked in design.numbers
            ],
            "levels": [{"column": column, "codes": codes} for column, codes in design.levels],
            "centre": design.centre,
            "spread": design.spread,
        },
        "effect": effect.model.effect.state(),
        "bands": {
            "edges": effect.bands.edges,
            "mean": effect.bands.mean,
            "low": effect.bands.low,
            "high": effect.bands.high,
        },
    }
    described = {
        "features": effect.features.as_list(),
        "gate": effect.decision.as_dict(),
        "facts": dict(effect.facts),
    }
    return save_state(state, folder, holds=HOLDS, described=described)


def load_call_effect(folder: Path | str) -> CallEffect:
    """Read the model back. Raises `ArtefactRefused` on any changed byte, unknown type or size."""
    manifest, state = load_state(folder, holds=HOLDS)
    design = state["design"]
    return CallEffect(
        features=Features.from_list(manifest["features"]),
        model=UpliftModel(
            name=str(state["learner"]),
            design=LinearDesign(
                numbers=tuple(
                    (int(one["column"]), one["knots"], one["normal"], bool(one["marked"]))
                    for one in design["numbers"]
                ),
                levels=tuple((int(one["column"]), one["codes"]) for one in design["levels"]),
                centre=design["centre"],
                spread=design["spread"],
            ),
            effect=LinearEffect.from_state(state["effect"]),
        ),
        decision=RankingDecision.from_dict(manifest["gate"]),
        bands=Bands(**state["bands"]),
        facts=manifest["facts"],
    )
