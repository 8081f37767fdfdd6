"""Trials whose truth is known: to measure what no company can, and to prove the machinery honest.

Two kinds, both made from a seed alone. `make_trial` is a randomised retention campaign: about 5 % leave; a
call keeps some, wakes sleeping dogs, and is lost on those who have decided, who are also the riskiest.
`live_a_year` is the whole loop: score, assign, call, wait, measure, twelve times, and asks whether the
reported interval covers the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from churnmodel.array_types import Floats, Progress, no_progress, sigmoid
from churnmodel.effect import Interval, Outcomes, measure
from churnmodel.risk.linear_design import learn_design
from churnmodel.risk.trees import fit_trees
from churnmodel.uplift.learners import LEARNERS, Trial, fit_effect
from churnmodel.uplift.model_selection import decide_ranking, judge_uplift
from churnmodel.uplift.ranked_list import rank
from churnmodel.uplift.ranking_policy import RankingPolicy

COLUMNS: Final = 20
CATEGORIES: Final = (10, 11)
"""Positions of the two category columns of a trial's matrix."""

BASE_CHURN: Final = -3.85
"""Log-odds that put churn near 5 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWorld:
    """A randomised campaign and its truth."""

    matrix: Floats
    called: Floats
    propensity: Floats
    churned: Floats
    leaves: Floats  # truth: chance of leaving without a call
    leaves_if_called: Floats  # truth

    @property
    def effect(self) -> Floats:
        """Truth: churn prevented by a call, as a probability; below 0 is a sleeping dog."""
        return self.leaves - self.leaves_if_called


def make_trial(n: int, seed: int, *, treated_share: float = 0.5, strength: float = 1.0) -> TrialWorld:
    """Draw `n` customers, their coin and their outcome.

    The riskiest tenth are lost causes: a call changes little. About a ninth are sleeping dogs. Effects depend
    on few columns, some of which say nothing of risk; `strength` scales what a call keeps.
    """
    rng = np.random.default_rng([seed, 0xCA11])
    x = rng.normal(size=(n, COLUMNS))
    x[:, 3] = np.abs(x[:, 3])
    x[:, 10] = rng.integers(0, 4, n)
    x[:, 11] = rng.integers(0, 6, n)
    risk = (
        BASE_CHURN
        + 0.7 * x[:, 0]
        + 0.5 * x[:, 1]
        - 0.4 * x[:, 2]
        + 0.5 * x[:, 3]
        + 0.3 * x[:, 0] * x[:, 1]
        + 0.4 * (x[:, 10] == 0)
        - 0.3 * (x[:, 11] > 3)  # two of six levels
        + rng.normal(0, 0.3, n)
    )
    leaves = sigmoid(risk)
    # who responds is told by columns 4, 5 and a category; only column 1 also moves risk
    open_to_it = sigmoid(1.6 * x[:, 4] - 1.2 * x[:, 5] + 0.9 * x[:, 1] + 0.8 * (x[:, 11] == 1))
    lost = sigmoid(2.5 * (risk - np.quantile(risk, 0.93)))
    asleep = (x[:, 6] > 1.0) & (x[:, 4] < 0.3)  # about a tenth
    shift = strength * 0.8 * open_to_it * (1 - lost)
    shift = np.where(asleep, -0.5, shift)
    leaves_if_called = sigmoid(risk - shift)
    called = (rng.random(n) < treated_share).astype(np.float64)
    chance = np.where(called > 0, leaves_if_called, leaves)
    return TrialWorld(
        matrix=np.asfortranarray(x),
        called=called,
        propensity=np.full(n, treated_share),
        churned=(rng.random(n) < chance).astype(np.float64),
        leaves=leaves,
        leaves_if_called=leaves_if_called,
    )


def prevented_per_thousand(effect: Floats, ranking: Floats, share: float = 0.2) -> float:
    """Churn truly prevented per 1,000 calls of the top `share` of a ranking; -inf is not called."""
    top = np.argsort(-ranking, kind="stable")[: round(share * len(effect))]
    top = top[np.isfinite(ranking[top])]
    return float(1000 * effect[top].mean()) if top.size else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One simulated year: the truth, and what the report said each month and at the end."""

    truth: float  # churn truly prevented per assigned customer, at the end
    reported: Interval
    covered_always: bool  # every monthly look covered the truth of its day
    called: int


def live_a_year(
    seed: int, *, customers: int = 20_000, control: float = 0.1, effect_scale: float = 1.0
) -> Year:
    """Live one year: each month a twelfth of the list is assigned, called, reached or not, and judged.

    The report sees scores, coins, propensities, contacts and outcomes; never the truth. People who answer are
    also people who stay, so comparing the reached with the rest would lie.
    """
    rng = np.random.default_rng([seed, 0x1EA2])
    friendly = rng.normal(size=customers)
    risk = -2.2 + 0.9 * rng.normal(size=customers) - 0.5 * friendly
    answers = rng.random(customers) < sigmoid(-0.6 + 0.8 * friendly)
    helps = effect_scale * (0.5 + 0.5 * rng.normal(size=customers))
    leaves = sigmoid(risk)
    leaves_if_called = np.where(answers, sigmoid(risk - helps), leaves)
    called = (rng.random(customers) >= control).astype(np.float64)
    churned = (rng.random(customers) < np.where(called > 0, leaves_if_called, leaves)).astype(np.float64)
    score = sigmoid(risk + rng.normal(0, 0.5, customers))
    covered = True
    interval = Interval(estimate=0.0, low=0.0, high=0.0)
    truth = 0.0
    for month in range(1, MONTHS + 1):
        seen = slice(0, round(customers * month / MONTHS))
        report = measure(
            Outcomes(
                churned=churned[seen],
                called=called[seen],
                propensity=np.full(customers, 1 - control)[seen],
                reached=(called * answers)[seen],
                score=score[seen],
                value=np.full(customers, 400.0)[seen],
                cost=3.0 * called[seen],
            )
        )
        interval = report.kept
        truth = float((leaves - leaves_if_called)[seen].mean())
        covered &= interval.low <= truth <= interval.high
    return Year(truth=truth, reported=interval, covered_always=covered, called=int(called.sum()))


MONTHS: Final = 12


def coverage(seeds: range, *, control: float = 0.1, effect_scale: float = 1.0) -> tuple[int, int]:
    """Count the years whose final interval covered the truth, and those covered at every monthly look."""
    years = [live_a_year(seed, control=control, effect_scale=effect_scale) for seed in seeds]
    return (
        sum(year.reported.low <= year.truth <= year.reported.high for year in years),
        sum(year.covered_always for year in years),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Churn prevented per 1,000 calls of the top 20 % of fresh customers, by policy; and what is decided."""

    by_risk: float
    by_uplift: float
    by_gate: float  # what the product would have called
    perfect: float
    ranking_policy: RankingPolicy
    learner: str

    @property
    def ratio(self) -> float:
        """The product's policy against risk ranking."""
        return self.by_gate / self.by_risk


def compare_policies(
    seed: int, outcomes: int, *, learners: Sequence[str] = tuple(LEARNERS), treated_share: float = 0.5
) -> Compared:
    """Learn from a trial of so many randomised outcomes, then call fresh customers of the same kind."""
    trial = make_trial(outcomes, seed, treated_share=treated_share)
    fresh = make_trial(FRESH, seed + FRESH)
    stayed = 1 - trial.churned
    judged = judge_uplift(
        trial.matrix,
        stayed,
        trial.called,
        trial.propensity,
        CATEGORIES,
        seed=seed,
        higher_is_better=False,
        learners=learners,
    )
    decision = decide_ranking(judged, trial.churned, share=0.2)
    control = trial.called == 0
    risk = sigmoid(
        fit_trees(trial.matrix[control], trial.churned[control], CATEGORIES, seed=seed).logit(fresh.matrix)
    )
    design = learn_design(trial.matrix, CATEGORIES)
    whole = Trial(
        design=design.apply(trial.matrix), outcome=stayed, treated=trial.called, propensity=trial.propensity
    )
    uplift = fit_effect(whole, judged.chosen, seed=seed, names=learners)(design.apply(fresh.matrix))
    ranking = rank(decision, risk_value=risk, uplift_value=uplift, uplift=uplift)
    return Compared(
        by_risk=prevented_per_thousand(fresh.effect, risk),
        by_uplift=prevented_per_thousand(fresh.effect, uplift),
        by_gate=prevented_per_thousand(fresh.effect, ranking),
        perfect=prevented_per_thousand(fresh.effect, fresh.effect),
        ranking_policy=decision.ranking_policy,
        learner=judged.chosen,
    )


FRESH: Final = 50_000
"""Customers on whom policies are compared; also keeps their seeds apart from the trials'."""


SMALL_TRIAL: Final = 10_000
LARGE_TRIAL: Final = 160_000
"""Randomised outcomes too few to rank by effect, and enough."""


def measure_trials(
    *, small: int, large: int, years: int, progress: Progress = no_progress
) -> dict[str, dict[str, Any]]:
    """Measure what only a known truth can tell, over seeds 0, 1, …; all plain values.

    Args:
        small: trials of 10,000 outcomes; none if 0.
        large: trials of 160,000 outcomes; none if 0.
        years: simulated years; none if 0.
        progress: told a stage and the share of it done.

    Returns:
        `small` and `large`: churn prevented per 1,000 calls of the product's policy over that of risk
        ranking, by seed (`ratios`), with `mean` and `worst`. `years`: shares whose final interval (`covered`)
        and whose every monthly interval (`covered_always`) held the truth.
    """
    told: dict[str, dict[str, Any]] = {}
    for name, outcomes, count in (("small", SMALL_TRIAL, small), ("large", LARGE_TRIAL, large)):
        if not count:
            continue
        compared = []
        for seed in range(count):
            progress(f"trial of {outcomes:,}", seed / count)
            compared.append(compare_policies(seed, outcomes))
        progress(f"trial of {outcomes:,}", 1.0)
        ratios = [one.ratio for one in compared]
        told[name] = {
            "outcomes": outcomes,
            "ratios": [round(ratio, 4) for ratio in ratios],
            "mean": float(np.mean(ratios)),
            "worst": float(min(ratios)),
            "by_risk": float(np.mean([one.by_risk for one in compared])),
            "by_policy": float(np.mean([one.by_gate for one in compared])),
            "perfect": float(np.mean([one.perfect for one in compared])),
            "rankings": [one.ranking_policy.value for one in compared],
            "learners": [one.learner for one in compared],
        }
    if years:
        final, always = coverage(range(years))
        progress("years", 1.0)
        told["years"] = {"years": years, "covered": final / years, "covered_always": always / years}
    return told
