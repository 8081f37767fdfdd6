"""The share of leavers a call keeps: measured without bias, weighed by precision, said in both numbers."""

import numpy as np
import pytest

from churnmodel.effect import Outcomes
from churnmodel.gain import gain_by_risk
from churnmodel.save_rate import MeasuredRate, SaveRate, settle
from churnmodel.save_rate_measurement import measure_save_rate
from churnmodel.value import Price


def trial(
    seed: int, *, customers: int = 4000, keeps: float = 0.2, held_out: float = 0.2, home: int = 1
) -> Outcomes:
    """A campaign in which a call keeps a known share of leavers; `home` customers of a household are one."""
    rng = np.random.default_rng(seed)
    homes = np.arange(customers) // home
    luck, coin = rng.random(customers)[homes], rng.random(customers)[homes]
    risk = (0.15 + 0.3 * rng.random(customers))[homes]
    called = (coin >= held_out).astype(float)
    left = (luck < risk * (1 - keeps * called)).astype(float)
    return Outcomes(
        churned=left,
        called=called,
        propensity=np.full(customers, 1 - held_out),
        reached=called,
        score=risk,
        value=np.full(customers, 100.0),
        cost=np.zeros(customers),
        household=homes,
    )


def measured(rate: float, error: float) -> MeasuredRate:
    return MeasuredRate(rate=rate, error=error, customers=5000, uncalled=500, left_uncalled=100)


@pytest.mark.parametrize("home", [1, 2])
def test_the_standard_error_covers_the_truth_at_its_nominal_rate(home: int) -> None:
    found = [measure_save_rate(trial(seed, keeps=0.2, home=home)) for seed in range(300)]
    rates = np.array([one.rate for one in found if one])
    errors = np.array([one.error for one in found if one])

    assert 300 == len(rates)
    assert 0.2 == pytest.approx(rates.mean(), abs=3 * rates.std() / 300**0.5)
    assert 0.92 <= (np.abs(rates - 0.2) < 1.96 * errors).mean() <= 0.98


def test_a_rate_is_not_told_of_a_handful_of_leavers_or_of_one_side() -> None:
    assert measure_save_rate(trial(1, customers=300)) is None, "some 18 left of those held out"
    assert measure_save_rate(trial(1, held_out=0.0)) is None


def test_without_a_measurement_the_assumption_stands_between_none_and_twice_as_many() -> None:
    rate = settle(0.12)

    assert (0.12, 0.0, 0.24) == (rate.used, rate.low, rate.high)
    assert "no campaign has measured it yet" in rate.in_words()


def test_more_precise_measurement_weighs_more_and_both_numbers_are_said() -> None:
    wide, narrow = settle(0.12, measured(0.30, 0.2)), settle(0.12, measured(0.30, 0.02))

    assert 0.12 < wide.used < 0.15
    assert 0.27 < narrow.used < 0.30
    assert narrow.weight == pytest.approx(0.06**2 / (0.06**2 + 0.02**2))
    assert narrow.high - narrow.low < wide.high - wide.low
    assert "too wide to outweigh the assumption" in wide.in_words()
    for said in ("12.0% were assumed", "30.0% (95 %: 26.0% to 34.0%) were measured", "which weighs 90%"):
        assert said in narrow.in_words()


def test_measured_harm_makes_no_call_worth_its_cost_and_says_so() -> None:
    rate = settle(0.12, measured(-0.4, 0.05))
    risk = np.array([0.1, 0.5, 0.9])
    gain = gain_by_risk(risk, np.full(3, 400.0), Price(), rate)

    assert rate.estimate < 0.0 == rate.used
    assert (gain.estimate < 0).all()
    assert (np.diff(gain.low) < 0).all(), "the riskiest may lose most"
    assert (gain.low <= gain.estimate).all()
    assert (gain.estimate <= gain.high).all()
    assert "no call is worth its cost" in rate.in_words()
    assert "may drive customers away" in settle(0.12, measured(-0.02, 0.1)).in_words()


def test_an_assumption_of_nothing_can_be_corrected() -> None:
    assert settle(0.0, measured(0.2, 0.02)).used > 0.15


def test_what_was_settled_is_read_back_as_it_was() -> None:
    apart = {"marketing": measured(0.3, 0.1), "service": measured(0.0, 0.1)}
    rate = settle(0.12, measured(0.15, 0.07), by_purpose=apart)

    again = SaveRate.from_dict(rate.as_dict())

    assert rate == again
    assert "By purpose: marketing 30.0%" in again.in_words()
