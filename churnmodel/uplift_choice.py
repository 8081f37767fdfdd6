"""Which learner, and whether to trust it: cross-fitted doubly robust Qini, and the gate between two regimes.

Until there are enough randomised outcomes an uplift model ranks worse than risk does. So the list is ranked
by risk (times value) with the worst 30 % by uplift left out, which is safe and early; the full uplift
ranking is switched on only by evidence. The page says which regime is on and what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedKFold

from churnmodel.arrays import Floats, Ints, Progress, no_progress
from churnmodel.linear_design import learn_design
from churnmodel.qini import bottom_rows, effect_in, qini, top_rows
from churnmodel.uplift import BLEND, LEARNERS, Trial, blend, fit_effect, outcome_line, pseudo_outcome

FOLDS: Final = 5

ENOUGH_OUTCOMES: Final = 40_000
ENOUGH_EVENTS: Final = 2_000
"""Randomised outcomes, or events among them, from which uplift learners beat risk in simulation."""

EXCLUDED_SHARE: Final = 0.3
"""Share of the list, worst by uplift, that is left out before uplift may rank."""

SAFE_SIDE: Final = 1.645
"""One-sided 95 % bound: uplift must beat risk by more than chance would give."""

SURE: Final = 2.326
"""One-sided 99 % bound: leaving good customers out does harm, so it needs the surer evidence."""


class Regime(StrEnum):
    """How the list is ranked."""

    RISK_MINUS_WORST_30 = "risk-minus-worst-30"
    UPLIFT = "uplift"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerFigures:
    """What one ranking was worth out of fold; effects are shares, above 0 is good."""

    qini: float
    qini_se: float
    qini_adjusted: float
    top_decile_effect: float
    bottom_20_effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftJudged:
    """Every learner's figures, its out-of-fold effects, and the risk ranking beside them."""

    figures: Mapping[str, LearnerFigures]
    effects: Mapping[str, Floats]  # learner -> rows, mean over repeats
    risk: LearnerFigures
    risk_ranking: Floats
    pseudo: Floats  # doubly robust pseudo-effect of each row
    chosen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The regime, the evidence, and what is missing for the next one."""

    regime: Regime
    outcomes: int
    events: int
    gain: float  # uplift policy over risk policy, good outcomes per targeted customer
    gain_low: float  # its one-sided 95 % lower bound
    missing: tuple[str, ...]
    exclude: bool  # whether the worst 30 % by uplift are shown to be worse than the rest


def judge_uplift(
    matrix: Floats,
    outcome: Floats,
    treated: Floats,
    propensity: Floats,
    categories: tuple[int, ...],
    *,
    seed: int,
    higher_is_better: bool = True,
    learners: Sequence[str] = tuple(LEARNERS),
    repeats: int = 1,
    progress: Progress = no_progress,
) -> UpliftJudged:
    """Cross-fit every learner and the blend, and choose by the adjusted Qini.

    Args:
        matrix: rows x features.
        outcome: 1 is the success a treatment should bring (turn churn into staying before).
        treated: 1 where assigned to treatment, whether reached or not.
        propensity: the logged chance of that assignment.
        categories: positions of category columns.
        seed: of folds and learners.
        higher_is_better: False if the outcome was turned from churn: then risk is the chance of its absence.
        learners: names from `uplift.LEARNERS`.
        repeats: partitions into folds.
        progress: told "uplift" with the share done.
    """
    strata = (2 * outcome + treated).astype(np.int64)
    names = [*learners, BLEND] if len(learners) > 1 else list(learners)
    effects = {name: np.zeros((repeats, len(outcome))) for name in names}
    risk = np.zeros((repeats, len(outcome)))
    expected = np.zeros((2, repeats, len(outcome)))
    folds: list[tuple[int, Ints]] = []
    for repeat in range(repeats):
        folder = StratifiedKFold(FOLDS, shuffle=True, random_state=seed + repeat)
        for number, (train, test) in enumerate(folder.split(matrix, strata)):
            design = learn_design(matrix[train], categories)
            trial = Trial(
                design=design.apply(matrix[train]),
                outcome=outcome[train],
                treated=treated[train],
                propensity=propensity[train],
            )
            rows = design.apply(matrix[test])
            fitted = []
            for place, name in enumerate(learners):
                model = fit_effect(trial, name, seed=seed + repeat)
                fitted.append((model, model(trial.design)))
                effects[name][repeat, test] = model(rows)
                done = (repeat * FOLDS + number) * len(learners) + place + 1
                progress("uplift", done / (repeats * FOLDS * len(learners)))
            if len(learners) > 1:
                effects[BLEND][repeat, test] = blend(fitted)(rows)
            for side in (0, 1):
                expected[side, repeat, test] = _expected(trial, side, rows)
            response = expected[0, repeat, test]
            risk[repeat, test] = response if higher_is_better else 1 - response
            folds.append((repeat, test))
    known = expected.mean(axis=1)
    whole = Trial(design=np.empty((len(outcome), 0)), outcome=outcome, treated=treated, propensity=propensity)
    adjusted = outcome - (propensity * known[0] + (1 - propensity) * known[1])
    figures = {name: _figures(outcome, treated, ranks, adjusted, folds) for name, ranks in effects.items()}
    return UpliftJudged(
        figures=figures,
        effects={name: ranks.mean(axis=0) for name, ranks in effects.items()},
        risk=_figures(outcome, treated, risk, adjusted, folds),
        risk_ranking=risk.mean(axis=0),
        pseudo=pseudo_outcome(whole, known[0], known[1]),
        chosen=max(figures, key=lambda name: figures[name].qini_adjusted),
    )


def _expected(trial: Trial, side: int, rows: Floats) -> Floats:
    """Expected outcome on one side by a linear model: all that the adjustment and the risk ranking need."""
    here = trial.treated == side
    return outcome_line(trial.design[here], trial.outcome[here])(rows)


def _figures(
    outcome: Floats, treated: Floats, ranks: Floats, adjusted: Floats, folds: Sequence[tuple[int, Ints]]
) -> LearnerFigures:
    raw, better, top, bottom = [], [], [], []
    for repeat, rows in folds:
        y, t, r = outcome[rows], treated[rows], ranks[repeat, rows]
        raw.append(qini(y, t, r))
        better.append(qini(y, t, r, adjusted=adjusted[rows]))
        top.append(effect_in(y, t, top_rows(r, 0.1)))
        bottom.append(effect_in(y, t, bottom_rows(r, 0.2)))
    return LearnerFigures(
        qini=float(np.mean(raw)),
        # folds of one repeat are independent draws; more repeats look at the same customers again
        qini_se=float(np.std(raw, ddof=1) / np.sqrt(FOLDS)),
        qini_adjusted=float(np.mean(better)),
        top_decile_effect=float(np.nanmean(top)),
        bottom_20_effect=float(np.nanmean(bottom)),
    )


def policy_gain(judged: UpliftJudged, *, share: float) -> tuple[float, float]:
    """Good outcomes per targeted customer that ranking by uplift brings above ranking by risk, and its error.

    Both target `share` of all customers; estimated from the doubly robust pseudo-effects, so it holds for the
    customers the policies disagree on.
    """
    rows = len(judged.pseudo)
    by_uplift, by_risk = np.zeros(rows), np.zeros(rows)
    by_uplift[top_rows(judged.effects[judged.chosen], share)] = 1.0
    by_risk[top_rows(judged.risk_ranking, share)] = 1.0
    gains = (by_uplift - by_risk) * judged.pseudo
    count = max(1.0, by_uplift.sum())
    return float(gains.sum() / count), float(gains.std() * np.sqrt(rows) / count)


def decide_regime(judged: UpliftJudged, outcome: Floats, *, share: float, events_are: float = 1.0) -> Gate:
    """Say how the list is to be ranked, on the evidence, and what is missing.

    Uplift ranks only if there are enough randomised outcomes or events, and the lower bound of its gain over
    the risk ranking, at the share of customers the campaign can call, is above zero.
    """
    outcomes = len(outcome)
    events = int((outcome == events_are).sum())
    gain, error = policy_gain(judged, share=share)
    low = gain - SAFE_SIDE * error
    missing = []
    if outcomes < ENOUGH_OUTCOMES and events < ENOUGH_EVENTS:
        missing.append(
            f"{ENOUGH_OUTCOMES - outcomes} more randomised outcomes or {ENOUGH_EVENTS - events} more events"
        )
    if low <= 0:
        missing.append("a lower bound above zero for the gain of uplift over risk")
    return Gate(
        regime=Regime.RISK_MINUS_WORST_30 if missing else Regime.UPLIFT,
        outcomes=outcomes,
        events=events,
        gain=gain,
        gain_low=low,
        missing=tuple(missing),
        exclude=_worst_are_worse(judged),
    )


def _worst_are_worse(judged: UpliftJudged) -> bool:
    """Whether out of fold the worst 30 % gain less than the rest, 99 % sure: leaving them out is safe."""
    worst = np.zeros(len(judged.pseudo), dtype=np.bool_)
    worst[bottom_rows(judged.effects[judged.chosen], EXCLUDED_SHARE)] = True
    low, rest = judged.pseudo[worst], judged.pseudo[~worst]
    error = float(np.sqrt(low.var() / len(low) + rest.var() / len(rest)))
    return bool(rest.mean() - low.mean() > SURE * error)


def rank(
    regime: Regime, *, risk_value: Floats, uplift_value: Floats, uplift: Floats, exclude: bool = True
) -> Floats:
    """Give each customer's place value, higher is called first; -inf is not called.

    `risk_value` is risk x worth, `uplift_value` uplift x worth. With uplift on, whom a call is expected to
    drive away is not called; before, the worst 30 % by uplift are left out, if they are shown to be worse
    (`exclude`).
    """
    if regime is Regime.UPLIFT:
        return np.where(uplift > 0, uplift_value, -np.inf)
    if not exclude:
        return risk_value
    left_out = np.zeros(len(uplift), dtype=np.bool_)
    left_out[bottom_rows(uplift, EXCLUDED_SHARE)] = True
    return np.where(left_out, -np.inf, risk_value)
