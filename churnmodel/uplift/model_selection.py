"""Which learner, and whether to trust it: cross-fitted doubly robust Qini, and how lists are ranked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedKFold

from churnmodel.array_types import Floats, Ints, Progress, no_progress
from churnmodel.risk.linear_design import learn_design
from churnmodel.uplift.learners import BLEND, LEARNERS, Trial, blend, fit_effect, outcome_line, pseudo_outcome
from churnmodel.uplift.qini import bottom_rows, effect_in, qini, top_rows
from churnmodel.uplift.ranking_policy import EXCLUDED_SHARE, Needed, RankingDecision, RankingPolicy

FOLDS: Final = 5

SAFE_SIDE: Final = 1.645
"""One-sided 95 % bound: uplift must beat risk by more than chance would give."""

SURE: Final = 2.326
"""One-sided 99 % bound: leaving good customers out does harm, so it needs the surer evidence."""


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
    units: Ints | None = None  # whose luck rows share


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
    units: Ints | None = None,
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
        units: whose luck rows share (household, or one customer on several lists); kept in one fold.
        progress: told "uplift" with the share done.
    """
    strata = (2 * outcome + treated).astype(np.int64)
    names = [*learners, BLEND] if len(learners) > 1 else list(learners)
    effects = {name: np.zeros((repeats, len(outcome))) for name in names}
    risk = np.zeros((repeats, len(outcome)))
    expected = np.zeros((2, repeats, len(outcome)))
    folds: list[tuple[int, Ints]] = []
    for repeat in range(repeats):
        for number, (train, test) in enumerate(_folds(strata, units, seed + repeat)):
            design = learn_design(matrix[train], categories)
            trial = Trial(
                design=design.apply(matrix[train]),
                outcome=outcome[train],
                treated=treated[train],
                propensity=propensity[train],
            )
            rows = design.apply(matrix[test])
            fitted = []
            for index, name in enumerate(learners):
                model = fit_effect(trial, name, seed=seed + repeat)
                fitted.append((model, model(trial.design)))
                effects[name][repeat, test] = model(rows)
                done = (repeat * FOLDS + number) * len(learners) + index + 1
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
        units=units,
        chosen=max(figures, key=lambda name: figures[name].qini_adjusted),
    )


def _folds(strata: Ints, units: Ints | None, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Rows to learn from and to judge: stratified, or whole units by chance."""
    if units is None:
        yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(strata, strata)
        return
    names, unit = np.unique(units, return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(len(names)) % FOLDS)[unit]
    for number in range(FOLDS):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


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
    return float(gains.sum() / count), _error_of_sum(gains, judged.units) / count


def _error_of_sum(terms: Floats, units: Ints | None) -> float:
    """Standard error of a sum of terms; those of one unit count as one."""
    if units is not None:
        _, unit = np.unique(units, return_inverse=True)
        terms = np.bincount(unit, weights=terms).astype(np.float64)
    return float(terms.std() * np.sqrt(len(terms)))


def decide_ranking(
    judged: UpliftJudged,
    outcome: Floats,
    *,
    share: float,
    events_are: float = 1.0,
    needed: Needed | None = None,
) -> RankingDecision:
    """Say how the list is to be ranked, on the evidence, and what is missing.

    Uplift ranks only if there are enough randomised outcomes or events, and the lower bound of its gain over
    the risk ranking, at the share of customers the campaign can call, is above zero.
    """
    needed = needed or Needed()
    outcomes = len(outcome)
    events = int((outcome == events_are).sum())
    gain, error = policy_gain(judged, share=share)
    low = gain - SAFE_SIDE * error
    missing = []
    if outcomes < needed.outcomes and events < needed.events:
        missing.append(
            f"{needed.outcomes - outcomes:,} more randomised outcomes "
            f"or {needed.events - events:,} more events"
        )
    if low <= 0:
        missing.append("a lower bound above zero for the gain of uplift over risk")
    return RankingDecision(
        ranking_policy=RankingPolicy.RISK_MINUS_WORST_30 if missing else RankingPolicy.UPLIFT,
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
    low, rest = judged.pseudo[worst].mean(), judged.pseudo[~worst].mean()
    around = np.where(worst, (judged.pseudo - low) / worst.sum(), (judged.pseudo - rest) / (~worst).sum())
    return bool(rest - low > SURE * _error_of_sum(around, judged.units))
