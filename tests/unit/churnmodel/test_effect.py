"""What calling changed: unbiased, honest under peeking, in money, by segment, and when to stop."""

import numpy as np
import pytest
from bench.churn.synthetic_trials import coverage

from churnmodel.effect import Outcomes, discoveries, measure, sequence_radius

pytestmark = pytest.mark.slow


def outcomes(rng, n=8000, *, effect=0.0, share=0.5, contact=0.4, household=None):
    """A trial in which people who answer also stay more, whatever a call does."""
    friendly = rng.random(n)
    reachable = rng.random(n) < contact * 2 * friendly
    called = (rng.random(n) < share).astype(float)
    base = 0.3 - 0.2 * friendly
    churned = (rng.random(n) < base - effect * called * reachable).astype(float)
    return Outcomes(
        churned=churned,
        called=called,
        propensity=np.full(n, share),
        reached=called * reachable,
        score=base + rng.normal(0, 0.02, n),
        value=np.full(n, 500.0),
        cost=3.0 * called,
        household=household,
    )


def test_effect_is_found_and_contact_scales_it():
    """A fifth less churn among the reached two fifths: eight points on all, twenty per contact."""
    found = measure(outcomes(np.random.default_rng(1), 20_000, effect=0.2, contact=0.4))

    assert 0.08 == pytest.approx(found.kept.estimate, abs=0.015)
    assert found.kept.low > 0
    assert 0.2 == pytest.approx(found.kept_by_contact.estimate, abs=0.04)
    assert 0.08 * 500 - 3 == pytest.approx(found.money.estimate, abs=8)
    assert found.stop is None


def test_comparing_the_reached_would_lie_where_the_report_does_not():
    """No effect at all: the reached churn less, the intention to treat says nothing happened."""
    data = outcomes(np.random.default_rng(2), 20_000, effect=0.0)
    reached = data.reached > 0
    naive = data.churned[data.called == 0].mean() - data.churned[reached].mean()

    found = measure(data)

    assert naive > 0.03
    assert found.kept.low < 0 < found.kept.high


def test_harm_stops_the_campaign():
    """An interval all below zero is a stop with its rule."""
    found = measure(outcomes(np.random.default_rng(3), 20_000, effect=-0.2))

    assert "effect.harm" == found.stop.rule


def test_score_narrows_the_interval():
    """What the score explains is no noise of the effect."""
    rng = np.random.default_rng(4)
    data = outcomes(rng, 8000)
    plain = Outcomes(**{name: getattr(data, name) for name in data.__slots__} | {"score": np.zeros(8000)})

    wide, narrow = measure(plain), measure(data)

    assert narrow.kept.high - narrow.kept.low < wide.kept.high - wide.kept.low
    assert narrow.variance_saved > 0.01


def test_too_few_on_a_side_says_nothing_yet():
    """Twenty controls give no interval, and the rule says so."""
    data = outcomes(np.random.default_rng(5), 200, share=0.9)

    assert "effect.too-few" == measure(data).refused


def test_household_widens_the_interval():
    """Customers who share their luck are fewer than they look."""
    rng = np.random.default_rng(6)
    single = outcomes(rng, 3000)
    tripled = Outcomes(
        **{
            name: np.repeat(values, 3)
            for name in single.__slots__
            if (values := getattr(single, name)) is not None
        },
        household=np.repeat(np.arange(3000), 3),
    )
    blind = Outcomes(**{name: getattr(tripled, name) for name in tripled.__slots__} | {"household": None})

    aware, fooled, truth = measure(tripled), measure(blind), measure(single)

    width = aware.kept.high - aware.kept.low
    assert width > 1.3 * (fooled.kept.high - fooled.kept.low)
    assert width == pytest.approx(truth.kept.high - truth.kept.low, rel=0.05)


def test_segments_stand_only_after_false_discovery_control():
    """One real segment among twenty idle ones is named; the idle ones are not."""
    rng = np.random.default_rng(7)
    data = outcomes(rng, 20_000, effect=0.0)
    inside = np.arange(20_000) < 3000
    churned = np.where(inside & (data.called > 0), (rng.random(20_000) < 0.02).astype(float), data.churned)
    data = Outcomes(**{name: getattr(data, name) for name in data.__slots__} | {"churned": churned})
    segments = {"real": inside} | {f"idle {k}": rng.random(20_000) < 0.15 for k in range(20)}
    segments |= {name: mask & ~inside for name, mask in segments.items() if name != "real"}

    found = measure(data, segments=segments)

    assert {"real"} == {segment.name for segment in found.segments if segment.real}


def test_constant_score_leaves_the_interval_as_it_is_without_one():
    """Equal scores explain nothing; rounding is no reason to widen."""
    plain = outcomes(np.random.default_rng(9), 3000)
    without = Outcomes(**{name: getattr(plain, name) for name in plain.__slots__} | {"score": np.zeros(3000)})
    alike = Outcomes(
        **{name: getattr(plain, name) for name in plain.__slots__}
        | {"score": np.full(3000, 0.1) + np.spacing(0.1) * (np.arange(3000) % 2)}
    )

    found, bare = measure(alike).kept, measure(without).kept

    assert bare.high - bare.low == pytest.approx(found.high - found.low)
    assert bare.estimate == pytest.approx(found.estimate)


def test_few_leavers_on_a_side_give_no_interval_yet():
    """Nine of the held out left: their spread is not known, so nothing is claimed, for good or bad."""
    called = np.arange(2000) % 2 == 0
    left = np.where(called, np.arange(2000) < 200, np.arange(2000) < 18)
    data = Outcomes(
        churned=left.astype(float),
        called=called.astype(float),
        propensity=np.full(2000, 0.5),
        reached=called.astype(float),
        score=np.zeros(2000),
        value=np.full(2000, 500.0),
        cost=np.zeros(2000),
    )

    found = measure(data)

    assert "effect.too-few-leavers" == found.refused
    assert "effect.harm" == found.stop.rule, "harm is proven all the same, by the leavers alone"


def test_discoveries_follow_the_step_up_rule():
    """Of three, one of 60 stands at 5 % (3/(1 x .05)); two of 35 would stand together (3/(2 x .05))."""
    assert [True, False, False] == discoveries([61.0, 1.0, 2.0])
    assert [True, True, False] == discoveries([35.0, 31.0, 2.0])
    assert [False, False] == discoveries([1.0, 2.0])


def test_radius_shrinks_with_customers_and_widens_with_doubt():
    assert sequence_radius(1.0, 10_000) < sequence_radius(1.0, 1_000)
    assert sequence_radius(1.0, 1_000, alpha=0.01) > sequence_radius(1.0, 1_000)


def test_year_of_peeking_covers_the_truth():
    """Twelve looks a year: at least 93 in 100 reports cover the truth (a sample of the full benchmark)."""
    final, always = coverage(range(20))

    assert final >= 19
    assert always >= 18
