"""Whom a call helps: S, T, X and DR learners and the transformed outcome, in plain scikit-learn.

All estimate, per customer, how much treatment raises the chance of success; all use the logged propensity of
the randomised assignment, never a guessed one; the outcome models inside X and DR are cross-fitted.
Sources: Künzel et al. 2019 (S, T, X), Kennedy 2023 (DR), Athey and Imbens 2015 (transformed outcome).
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV

from churnmodel.array_types import Floats
from churnmodel.risk.linear_design import LinearDesign, learn_design
from churnmodel.risk.trees import trees_of
from churnmodel.threads import one_thread
from churnmodel.uplift.linear_effect import EffectTerm, Forest, LinearEffect, Straight, mean_of

PENALTY: Final = 0.05
"""C of the outcome regressions: effects are small, so their models are held tighter than risk models."""

RIDGE_GRID: Final = tuple(float(alpha) for alpha in np.logspace(1, 5, 9))
CROSS_FITS: Final = 3
"""Parts for cross-fitted outcome models inside a learner."""

SMALLEST_PROPENSITY: Final = 0.01
"""A logged propensity nearer 0 or 1 would let one customer weigh like a hundred; such rows are held here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Randomised outcomes: design, success (1 is good), treated 0/1, and the chance each had of treatment."""

    design: Floats
    outcome: Floats
    treated: Floats
    propensity: Floats


Fit = Callable[[Floats, Floats], LinearEffect]
Learner = Callable[[Trial, int], LinearEffect]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftModel:
    """A fitted learner over a feature matrix."""

    name: str
    design: LinearDesign
    effect: LinearEffect

    def predict(self, matrix: Floats) -> Floats:
        """Give each row's expected rise in the chance of success if treated (-1 to 1; above 0 is good)."""
        return self.effect(self.design.apply(matrix))


def outcome_line(design: Floats, outcome: Floats) -> LinearEffect:
    """Fit a chance of success on design columns by logistic regression; a constant where it never varies."""
    if outcome.min() == outcome.max():
        return LinearEffect(constant=float(outcome.mean()))
    model = LogisticRegression(C=PENALTY, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(design, outcome.astype(np.int64))
    line = Straight(weights=model.coef_[0], intercept=float(model.intercept_[0]))
    return LinearEffect(terms=(EffectTerm(weight=1.0, part=line, chance=True),))


def _forest(design: Floats, outcome: Floats) -> LinearEffect:
    if outcome.min() == outcome.max():
        return LinearEffect(constant=float(outcome.mean()))
    return LinearEffect(terms=(EffectTerm(weight=1.0, part=_grown(design, outcome), chance=True),))


def _grown(design: Floats, outcome: Floats) -> Forest:
    """Trees that give the log-odds of success."""
    model = HistGradientBoostingClassifier(**_tree_settings(len(outcome)))
    with one_thread():
        model.fit(design, outcome.astype(np.int64))
    base, trees = trees_of(model)
    return Forest(base=base, trees=trees)


def _ridge(design: Floats, target: Floats) -> LinearEffect:
    model = RidgeCV(alphas=RIDGE_GRID)
    model.fit(design, target)
    line = Straight(weights=np.asarray(model.coef_, dtype=np.float64), intercept=float(model.intercept_))
    return LinearEffect(terms=(EffectTerm(weight=1.0, part=line),))


def _forest_value(design: Floats, target: Floats) -> LinearEffect:
    model = HistGradientBoostingRegressor(**_tree_settings(len(target)))
    with one_thread():
        model.fit(design, target)
    base, trees = trees_of(model)
    return LinearEffect(terms=(EffectTerm(weight=1.0, part=Forest(base=base, trees=trees)),))


def _tree_settings(rows: int) -> dict[str, Any]:
    """Small trees, few of them: treatment effects are fainter than outcomes."""
    return {
        "learning_rate": 0.05,
        "max_leaf_nodes": 8,
        "min_samples_leaf": max(20, min(200, rows // 100)),
        "l2_regularization": 10.0,
        "max_features": 0.5,
        "max_iter": 100,
        "early_stopping": False,
        "random_state": 0,
    }


def _each_side(trial: Trial, fit: Fit) -> tuple[LinearEffect, LinearEffect]:
    """Outcome models of control and treated."""
    sides = (trial.treated == 0, trial.treated > 0)
    control, treated = (fit(trial.design[side], trial.outcome[side]) for side in sides)
    return control, treated


def _cross_fitted(trial: Trial, fit: Fit, seed: int) -> tuple[Floats, Floats]:
    """Each row's expected outcome untreated and treated, from models that did not see the row."""
    part = np.random.default_rng(seed).permutation(len(trial.outcome)) % CROSS_FITS
    control, treated = np.empty(len(part)), np.empty(len(part))
    for number in range(CROSS_FITS):
        seen = part != number
        models = _each_side(_rows(trial, seen), fit)
        control[~seen], treated[~seen] = (model(trial.design[~seen]) for model in models)
    return control, treated


def _rows(trial: Trial, rows: Any) -> Trial:
    return Trial(
        design=trial.design[rows],
        outcome=trial.outcome[rows],
        treated=trial.treated[rows],
        propensity=trial.propensity[rows],
    )


def pseudo_outcome(trial: Trial, control: Floats, treated: Floats) -> Floats:
    """Doubly robust pseudo-effect of each row: its mean given the features is the effect (Kennedy 2023)."""
    p = np.clip(trial.propensity, SMALLEST_PROPENSITY, 1 - SMALLEST_PROPENSITY)
    error = trial.outcome - np.where(trial.treated > 0, treated, control)
    return np.asarray(treated - control + (trial.treated - p) / (p * (1 - p)) * error, dtype=np.float64)


def _s_trees(trial: Trial, _seed: int) -> LinearEffect:
    design = np.column_stack([trial.design, trial.treated])
    if trial.outcome.min() == trial.outcome.max():
        return LinearEffect()
    outcome = _grown(design, trial.outcome)
    return LinearEffect(
        terms=(
            EffectTerm(weight=1.0, part=outcome, chance=True, treated=1.0),
            EffectTerm(weight=-1.0, part=outcome, chance=True, treated=0.0),
        )
    )


def _t(fit: Fit) -> Learner:
    def learn(trial: Trial, _seed: int) -> LinearEffect:
        control, treated = _each_side(trial, fit)
        return treated - control

    return learn


def _x(fit: Fit, value: Fit) -> Learner:
    def learn(trial: Trial, seed: int) -> LinearEffect:
        control, treated = _cross_fitted(trial, fit, seed)
        on = trial.treated > 0
        gain_treated = value(trial.design[on], trial.outcome[on] - control[on])
        gain_control = value(trial.design[~on], treated[~on] - trial.outcome[~on])
        weight = float(trial.propensity.mean())
        return gain_control * weight + gain_treated * (1 - weight)

    return learn


def _dr(fit: Fit, value: Fit) -> Learner:
    def learn(trial: Trial, seed: int) -> LinearEffect:
        control, treated = _cross_fitted(trial, fit, seed)
        return value(trial.design, pseudo_outcome(trial, control, treated))

    return learn


def _transformed(trial: Trial, _seed: int) -> LinearEffect:
    nothing = np.zeros(len(trial.outcome))
    return _ridge(trial.design, pseudo_outcome(trial, nothing, nothing))


LEARNERS: Final[Mapping[str, Learner]] = {
    "s-trees": _s_trees,
    "t-linear": _t(outcome_line),
    "t-trees": _t(_forest),
    "x-linear": _x(outcome_line, _ridge),
    "x-trees": _x(_forest, _forest_value),
    "dr-linear": _dr(outcome_line, _ridge),
    "dr-trees": _dr(_forest, _forest_value),
    "to-linear": _transformed,
}
"""Every learner: the letter is the scheme, the word the models inside."""

BLEND: Final = "blend"
"""The mean of all learners, each brought to one spread: what they agree on."""


def fit_uplift(
    matrix: Floats,
    outcome: Floats,
    treated: Floats,
    propensity: Floats,
    categories: tuple[int, ...],
    *,
    learner: str,
    seed: int,
    names: Sequence[str] = tuple(LEARNERS),
) -> UpliftModel:
    """Fit one learner, or the blend of those named, on randomised outcomes.

    `outcome` 1 is the success a call should bring.
    """
    design = learn_design(matrix, categories)
    trial = Trial(design=design.apply(matrix), outcome=outcome, treated=treated, propensity=propensity)
    return UpliftModel(name=learner, design=design, effect=fit_effect(trial, learner, seed=seed, names=names))


def fit_effect(
    trial: Trial, learner: str, *, seed: int, names: Sequence[str] = tuple(LEARNERS)
) -> LinearEffect:
    """Fit one learner, or the blend of all, on a prepared trial."""
    if learner != BLEND:
        return LEARNERS[learner](trial, seed)
    models = [LEARNERS[name](trial, seed) for name in names]
    return blend([(model, model(trial.design)) for model in models])


def blend(fitted: Sequence[tuple[LinearEffect, Floats]]) -> LinearEffect:
    """Average models after bringing each to the mean spread of all on the training rows."""
    spreads = [max(float(effects.std()), 1e-9) for _, effects in fitted]
    target = float(np.mean(spreads))
    means = [float(effects.mean()) for _, effects in fitted]

    return mean_of(
        [
            LinearEffect(constant=mean - mean * (target / spread)) + model * (target / spread)
            for (model, _), spread, mean in zip(fitted, spreads, means, strict=True)
        ]
    )
