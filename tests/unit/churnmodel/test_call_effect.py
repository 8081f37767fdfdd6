"""A model of what a call changes: learned, kept as plain numbers, read back alike, refused when changed."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from skops.io import dumps, loads

from churnmodel.artefact import ArtefactRefused, load
from churnmodel.data.column_types import Kind
from churnmodel.data.features import Features, Reader
from churnmodel.uplift.learners import LEARNERS, Trial, fit_effect
from churnmodel.uplift.linear_effect import LinearEffect
from churnmodel.uplift.ranked_list import left_out
from churnmodel.uplift.ranking_policy import Needed, RankingDecision, RankingPolicy
from churnmodel.uplift.training import (
    CallEffect,
    TrialEvidence,
    learn_call_effect,
    load_call_effect,
    ranking_gain,
    save_call_effect,
)

pytestmark = pytest.mark.slow

FEATURES = Features(
    readers=(
        Reader(name="a", kind=Kind.NUMBER),
        Reader(name="b", kind=Kind.NUMBER),
        Reader(name="plan", kind=Kind.CATEGORY, levels=("S", "M")),
    )
)


def trial(n: int, seed: int = 1) -> tuple[TrialEvidence, np.ndarray]:
    """Randomised outcomes in which column `b` alone decides whom a call helps; the truth beside it."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    effect = 0.25 * np.tanh(b)
    called = (rng.random(n) < 0.6).astype(float)
    left = (rng.random(n) < 0.4 + 0.1 * np.tanh(a) - effect * called).astype(float)
    frame = pl.DataFrame({"a": a, "b": b, "plan": rng.choice(["S", "M", "L"], n)})
    units = np.arange(n) // 2
    return TrialEvidence(
        frame=frame, left=left, called=called, propensity=np.full(n, 0.6), units=units
    ), effect


@pytest.fixture(scope="module")
def learned() -> CallEffect:
    """Three learners of unlike kinds, and their blend, judged."""
    names = ("t-trees", "x-linear", "dr-linear")
    return learn_call_effect(trial(3000)[0], FEATURES, seed=1, learners=names, needed=Needed(outcomes=2500))


def test_read_back_it_says_the_same_to_the_last_bit(learned: CallEffect, tmp_path: Path) -> None:
    save_call_effect(learned, tmp_path)
    again = load_call_effect(tmp_path)
    fresh = trial(500, seed=9)[0].frame

    assert np.array_equal(learned.predict(fresh), again.predict(fresh))
    assert (learned.decision, dict(learned.facts)) == (again.decision, dict(again.facts))
    low, high = again.bands.of(again.predict(fresh))
    assert np.array_equal(low, learned.bands.of(learned.predict(fresh))[0])
    assert (low <= again.predict(fresh)).all()
    assert (high >= again.predict(fresh)).all()


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_can_be_kept(learner: str) -> None:
    evidence = trial(600)[0]
    matrix = FEATURES.matrix(evidence.frame)[:, :2]
    rows = Trial(
        design=matrix, outcome=1 - evidence.left, treated=evidence.called, propensity=evidence.propensity
    )
    effect = fit_effect(rows, learner, seed=1)

    again = LinearEffect.from_state(loads(dumps(effect.state()), trusted=[]))

    assert np.array_equal(effect(matrix), again(matrix))
    assert effect(matrix).std() > 0


def test_a_changed_byte_or_another_kind_of_model_is_refused(learned: CallEffect, tmp_path: Path) -> None:
    reference = save_call_effect(learned, tmp_path)
    with pytest.raises(ArtefactRefused, match=r"artefact\.kind"):
        load(tmp_path)
    file = next(reference.folder.glob("model-*.skops"))
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(bytes(body))
    with pytest.raises(ArtefactRefused, match=r"artefact\.changed"):
        load_call_effect(tmp_path)


def test_it_finds_whom_a_call_helps_and_ranks_by_it_on_the_evidence_asked_for(learned: CallEffect) -> None:
    evidence, _ = trial(3000)
    fresh, truth = trial(2000, seed=9)

    assert np.corrcoef(learned.predict(fresh.frame), truth)[0, 1] > 0.8
    assert learned.decision.ranking_policy is RankingPolicy.UPLIFT
    strict = learn_call_effect(evidence, FEATURES, seed=1, learners=("dr-linear",))
    assert strict.decision.ranking_policy is RankingPolicy.RISK_MINUS_WORST_30
    assert "37,000 more randomised outcomes" in strict.decision.missing[0]
    assert strict.decision.exclude
    assert 600 == left_out(strict.decision, strict.predict(fresh.frame)).sum()


def test_measured_effects_of_like_predictions_cover_the_truth(learned: CallEffect) -> None:
    """In most tenths of fresh customers the mean true effect lies in the tenth's interval."""
    fresh, truth = trial(20_000, seed=9)
    band = np.searchsorted(learned.bands.edges, learned.predict(fresh.frame), side="right")
    means = np.array([truth[band == number].mean() for number in range(10)])

    assert ((learned.bands.low <= means) & (means <= learned.bands.high)).sum() >= 8


def test_little_evidence_says_what_is_missing() -> None:
    assert not trial(3000)[0].missing()
    assert "100 randomised outcomes are known" in trial(100)[0].missing()


def test_a_ranking_decision_reads_back_as_it_was_written(learned: CallEffect) -> None:
    assert RankingDecision.from_dict(learned.decision.as_dict()) == learned.decision


def test_a_ranking_decision_kept_by_an_earlier_version_is_read(learned: CallEffect) -> None:
    kept = learned.decision.as_dict()
    kept["regime"] = kept.pop("ranking_policy")

    assert RankingDecision.from_dict(kept) == learned.decision


def test_the_gain_of_one_ranking_over_another_is_near_the_truth() -> None:
    _, effect = trial(20_000)
    noise = np.random.default_rng(2).normal(size=len(effect))
    gain, error = ranking_gain(effect + noise, effect, -effect)

    top = np.sort(effect)[-4000:].mean() - np.sort(effect)[:4000].mean()
    assert abs(gain - top) < 3 * error
    assert error < 0.05
