"""Uplift: Qini, learners, and the ranking decision between the two ranking policies."""

import numpy as np
import pytest
from bench.churn.synthetic_trials import CATEGORIES, make_trial, prevented_per_thousand

from churnmodel.uplift.learners import LEARNERS, Trial, fit_effect, fit_uplift, pseudo_outcome
from churnmodel.uplift.model_selection import decide_ranking, judge_uplift
from churnmodel.uplift.qini import bottom_rows, effect_in, qini, top_rows
from churnmodel.uplift.ranked_list import rank
from churnmodel.uplift.ranking_policy import RankingDecision, RankingPolicy

pytestmark = pytest.mark.slow

LINEAR = ("t-linear", "dr-linear", "to-linear")


@pytest.fixture(scope="module")
def responsive():
    """A trial in which one column alone decides whom treatment helps, strongly."""
    rng = np.random.default_rng(1)
    n = 6000
    x = rng.normal(size=(n, 4))
    treated = (rng.random(n) < 0.5).astype(float)
    chance = 0.3 + 0.25 * treated * np.tanh(x[:, 1]) + 0.1 * np.tanh(x[:, 0])
    return x, (rng.random(n) < chance).astype(float), treated, np.full(n, 0.5)


def test_qini_is_one_for_the_perfect_and_about_zero_for_a_random_ranking():
    """The ends of the scale."""
    rng = np.random.default_rng(2)
    y, t = (rng.random(20_000) < 0.3).astype(float), (rng.random(20_000) < 0.5).astype(float)

    assert 1.0 == pytest.approx(qini(y, t, y * t - y * (1 - t)))
    assert abs(qini(y, t, rng.random(20_000))) < 0.02


def test_qini_of_a_hand_worked_case():
    """Four customers: two helped, then two harmed; the curve is 0, 1, 1, 1, 0 over 0 to 4 (by hand)."""
    y, t = np.array([1.0, 0.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0, 0.0])

    assert 1.0 == pytest.approx(qini(y, t, np.array([4.0, 3.0, 2.0, 1.0])))
    assert qini(y, t, np.array([1.0, 2.0, 3.0, 4.0])) < 0


def test_qini_does_not_depend_on_the_order_of_ties():
    """Equal scores are one step, whatever order they stand in."""
    rng = np.random.default_rng(3)
    y, t = (rng.random(500) < 0.3).astype(float), (rng.random(500) < 0.5).astype(float)
    score = rng.integers(0, 5, 500).astype(float)
    shuffled = rng.permutation(500)

    assert qini(y, t, score) == pytest.approx(qini(y[shuffled], t[shuffled], score[shuffled]))


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_finds_whom_treatment_helps(responsive, learner):
    """Its ranking of fresh customers follows the column that decides."""
    x, outcome, treated, propensity = responsive
    model = fit_uplift(x, outcome, treated, propensity, (), learner=learner, seed=1)
    fresh = np.random.default_rng(9).normal(size=(2000, 4))

    assert np.corrcoef(model.predict(fresh), np.tanh(fresh[:, 1]))[0, 1] > 0.8


def test_known_propensity_makes_the_pseudo_outcome_unbiased():
    """Whatever the outcome models say, its mean is the effect, by the logged chance alone."""
    rng = np.random.default_rng(4)
    n = 200_000
    x = rng.normal(size=(n, 1))
    p = np.clip(0.5 + 0.3 * np.tanh(x[:, 0]), 0.1, 0.9)
    treated = (rng.random(n) < p).astype(float)
    outcome = (rng.random(n) < 0.3 + 0.1 * treated + 0.2 * np.tanh(x[:, 0])).astype(float)
    trial = Trial(design=x, outcome=outcome, treated=treated, propensity=p)

    wrong = pseudo_outcome(trial, np.full(n, 0.9), np.full(n, 0.1))

    assert 0.1 == pytest.approx(wrong.mean(), abs=0.02)


def test_ranking_stays_with_risk_until_there_is_evidence():
    """A small trial with a faint effect: risk minus the worst, and what is missing in words."""
    trial = make_trial(3000, seed=1)
    judged = judge_uplift(
        trial.matrix, 1 - trial.churned, trial.called, trial.propensity, CATEGORIES, seed=1,
        higher_is_better=False, learners=LINEAR,
    )  # fmt: skip

    decision = decide_ranking(judged, trial.churned, share=0.2)

    assert RankingPolicy.RISK_MINUS_WORST_30 == decision.ranking_policy
    assert any("more randomised outcomes" in text for text in decision.missing)


def test_ranking_turns_to_uplift_on_enough_evidence_and_then_prevents_more():
    """Thousands of events and an effect that risk knows nothing of: uplift ranks, and truly gains more."""
    rng = np.random.default_rng(1)
    n = 9000
    x = rng.normal(size=(n, 4))
    treated = (rng.random(n) < 0.5).astype(float)
    effect = 0.25 * np.tanh(x[:, 1])
    stayed = (rng.random(n) < 0.6 + effect * treated + 0.1 * np.tanh(x[:, 0])).astype(float)
    judged = judge_uplift(
        x, stayed, treated, np.full(n, 0.5), (), seed=1, higher_is_better=False, learners=("t-linear",)
    )

    decision = decide_ranking(judged, 1 - stayed, share=0.2)

    assert RankingPolicy.UPLIFT == decision.ranking_policy
    assert decision.gain_low > 0
    assert not decision.missing
    by_risk = prevented_per_thousand(effect, judged.risk_ranking)
    assert prevented_per_thousand(effect, judged.effects["t-linear"]) > by_risk + 100


def test_rank_leaves_out_the_worst_thirty_percent_or_the_harmed():
    """By the first ranking policy three of ten are not called; by the second only whom a call would harm."""
    uplift = np.linspace(-0.2, 0.7, 10)
    risk = np.linspace(1, 0.1, 10)

    def ranked(ranking_policy: RankingPolicy, *, exclude: bool = True) -> np.ndarray:
        decision = RankingDecision(
            ranking_policy=ranking_policy,
            outcomes=0,
            events=0,
            gain=0.0,
            gain_low=0.0,
            missing=(),
            exclude=exclude,
        )
        return rank(decision, risk_value=risk, uplift_value=uplift, uplift=uplift)

    early, late = ranked(RankingPolicy.RISK_MINUS_WORST_30), ranked(RankingPolicy.UPLIFT)

    assert 3 == np.isinf(early).sum()
    assert np.isinf(early[:3]).all()
    assert 3 == np.isinf(late).sum()
    assert (ranked(RankingPolicy.RISK_MINUS_WORST_30, exclude=False) == risk).all()


def test_blend_is_no_worse_than_its_worst_member(responsive):
    """It follows what the learners agree on."""
    x, outcome, treated, propensity = responsive
    trial = Trial(design=x, outcome=outcome, treated=treated, propensity=propensity)
    fresh = np.random.default_rng(9).normal(size=(2000, 4))

    blended = fit_effect(trial, "blend", seed=1, names=LINEAR)(fresh)

    assert np.corrcoef(blended, np.tanh(fresh[:, 1]))[0, 1] > 0.8


def test_top_and_bottom_rows_and_their_effect():
    y, t = np.array([1.0, 0, 0, 1]), np.array([1.0, 0, 1, 0])

    assert [0, 1] == top_rows(np.array([4.0, 3, 2, 1]), 0.5).tolist()
    assert [3, 2] == bottom_rows(np.array([4.0, 3, 2, 1]), 0.5).tolist()
    assert 1.0 == effect_in(y, t, np.array([0, 1]))
    assert np.isnan(effect_in(y, t, np.array([0])))
