"""Assignment by hash: fair, fixed, by household, with the chance it really had."""

import numpy as np
import pytest

from churnmodel.holdout import (
    Arm,
    Assignment,
    AssignmentRefused,
    Experiment,
    arm_of,
    assign,
    draw,
    expect,
    propensity,
    unit_of,
)

EXPERIMENT = Experiment(name="autumn", salt="s2", control=0.1, explore=0.2)
CUSTOMERS = [f"C{number}" for number in range(20_000)]


def test_shares_and_propensities_are_what_was_asked_for():
    """A tenth never called; logged chances equal the shares called, for listed and unlisted alike."""
    listed = [number % 2 == 0 for number in range(len(CUSTOMERS))]

    assigned = assign(CUSTOMERS, listed, EXPERIMENT)

    control = np.mean([one.arm is Arm.CONTROL for one in assigned])
    assert 0.1 == pytest.approx(control, abs=0.008)
    for on_list in (True, False):
        group = [one for one in assigned if one.listed == on_list]
        called = np.mean([one.call for one in group])
        assert propensity(EXPERIMENT, listed=on_list) == pytest.approx(called, abs=0.015)
        assert {propensity(EXPERIMENT, listed=on_list)} == {one.propensity for one in group}


def test_a_short_list_of_many_stays_a_short_list():
    """The coin adds as many calls as it takes away, however many customers there are besides the list."""
    listed = [number < 400 for number in range(len(CUSTOMERS))]

    assigned = assign(CUSTOMERS, listed, EXPERIMENT)

    added = [one for one in assigned if one.call and not one.listed]
    others = [one.propensity for one in assigned if not one.listed]
    assert sum(others) == pytest.approx(0.9 * 0.2 * 400 / 2)
    assert len(added) == pytest.approx(36, abs=20)
    expected = expect(EXPERIMENT, 400, len(CUSTOMERS) - 400)
    assert expected.called == pytest.approx(360)
    assert expected.called == pytest.approx(sum(one.propensity for one in assigned))
    assert expected.control == pytest.approx(40)


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


def test_household_shares_arm_and_coin_and_only_one_is_called_off_the_list():
    """What is said to one of a home is heard by all; off the list one of a home stands for it."""
    homes = [f"H{number // 3}" if number % 2 else None for number in range(3000)]
    listed = [number % 7 == 0 for number in range(3000)]

    assigned = assign(CUSTOMERS[:3000], listed, EXPERIMENT, households=homes)

    by_home: dict[str, list[Assignment]] = {}
    for one in assigned:
        by_home.setdefault(one.unit, []).append(one)
    for home in by_home.values():
        assert 1 == len({one.arm for one in home})
        assert 1 >= len({one.call for one in home if one.listed})
        off = [one for one in home if not one.listed]
        if len(off) < len(home):
            assert not any(one.call or one.propensity for one in off)
        else:
            assert 1 == sum(one.propensity > 0 for one in off) >= sum(one.call for one in off)


def test_a_customer_named_like_a_household_is_not_of_it():
    assert unit_of("H1", None) != unit_of("C1", "H1")


def test_bad_experiment_is_refused_with_a_rule():
    """Everyone in control, or no salt, is no experiment."""
    with pytest.raises(AssignmentRefused, match="holdout.share"):
        Experiment(name="a", salt="b", control=1.0)
    with pytest.raises(AssignmentRefused, match="holdout.unnamed"):
        Experiment(name="a", salt="")
