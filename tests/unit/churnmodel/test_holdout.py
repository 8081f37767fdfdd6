"""Assignment by hash: fair, fixed, by household, with the chance it really had."""

import numpy as np
import pytest

from churnmodel.holdout import (
    Arm,
    AssignmentRefused,
    Experiment,
    arm_of,
    assign,
    balance,
    controls_needed,
    draw,
    propensity,
)

EXPERIMENT = Experiment(name="autumn", salt="s2", control=0.1, explore=0.2)
CUSTOMERS = [f"C{number}" for number in range(20_000)]


def test_shares_and_propensities_are_what_was_asked_for():
    """A tenth never called; logged chances equal the shares called, for listed and unlisted alike."""
    listed = [number % 4 == 0 for number in range(len(CUSTOMERS))]

    assigned = assign(CUSTOMERS, listed, EXPERIMENT)

    control = (assigned["arm"] == Arm.CONTROL.value).mean()
    assert 0.1 == pytest.approx(control, abs=0.008)
    for on_list in (True, False):
        group = assigned.filter(assigned["listed"] == on_list)
        assert propensity(EXPERIMENT, listed=on_list) == pytest.approx(group["call"].mean(), abs=0.015)
        assert {propensity(EXPERIMENT, listed=on_list)} == set(group["propensity"].to_list())


def test_control_is_one_for_all_experiments_and_the_rest_is_drawn_anew():
    """Whoever is in the global control is never called by any campaign; exploring is each campaign's own."""
    other = Experiment(name="winter", salt="s2", control=0.1, explore=0.2)
    arms = [(arm_of(name, EXPERIMENT), arm_of(name, other)) for name in CUSTOMERS[:4000]]

    assert all((one is Arm.CONTROL) == (two is Arm.CONTROL) for one, two in arms)
    both = sum(one is two is Arm.EXPLORE for one, two in arms) / len(arms)
    assert 0.9 * 0.2 * 0.2 == pytest.approx(both, abs=0.015)


def test_another_salt_draws_another_control():
    """Two companies, or two years, do not share their luck."""
    ours = [draw(name, "x", "s1") < 0.5 for name in CUSTOMERS[:4000]]
    theirs = [draw(name, "x", "s2") < 0.5 for name in CUSTOMERS[:4000]]

    assert 0.5 == pytest.approx(np.mean(np.array(ours) == np.array(theirs)), abs=0.03)


def test_household_shares_arm_call_and_list():
    """One of a home listed makes the home listed: the others would hear of the call."""
    homes = [f"H{number // 3}" if number % 2 else None for number in range(3000)]
    listed = [number % 7 == 0 for number in range(3000)]

    assigned = assign(CUSTOMERS[:3000], listed, EXPERIMENT, households=homes)

    by_unit = assigned.group_by("unit").n_unique()
    assert all(int(by_unit[name].max()) == 1 for name in ("arm", "call", "listed", "propensity"))


def test_assignment_balances_the_score():
    """Hashing does not look at customers, so scores are alike on both sides."""
    assigned = assign(CUSTOMERS, [True] * len(CUSTOMERS), EXPERIMENT)
    scores = np.random.default_rng(1).random(len(CUSTOMERS))

    assert abs(balance(assigned, scores)) < 0.06


def test_bad_experiment_is_refused_with_a_rule():
    """Everyone in control, or no salt, is no experiment."""
    with pytest.raises(AssignmentRefused, match="holdout.share"):
        Experiment(name="a", salt="b", control=1.0)
    with pytest.raises(AssignmentRefused, match="holdout.unnamed"):
        Experiment(name="a", salt="")


def test_sample_size_agrees_with_the_published_trial():
    """Churn 17.2 % and 1.9 points at half and half need about 5.9 thousand an arm."""
    needed = controls_needed(base_rate=0.172, difference=0.019, control_share=0.5)

    assert 5_900 == pytest.approx(needed, rel=0.03)
