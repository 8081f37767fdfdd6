"""Properties of the churn model that hold for any data."""

import math

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from churnmodel.allocation import allocate_calls
from churnmodel.data.column_types import Kind, guess_kind, read_numbers
from churnmodel.effect import discoveries
from churnmodel.holdout import Arm, Experiment, arm_of, assign, draw, falls_below
from churnmodel.metrics import brier, ece, pr_auc, roc_auc
from churnmodel.risk.additive import Additive, Levels, LineShape, Pair, Steps
from churnmodel.risk.calibrate import LARGEST_SLOPE, SMALLEST_SLOPE, straighten
from churnmodel.risk.lookup import compile_members
from churnmodel.uplift.qini import qini

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(2, 300), st.integers(1, 12))
def test_measures_agree_with_the_reference_whatever_the_ties(seed, n, levels):
    """ROC-AUC, average precision and Brier equal scikit-learn's, ties and all."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.4).astype(float)
    truth[:2] = (0, 1)
    score = rng.integers(0, levels, n) / levels

    assert abs(roc_auc(truth, score) - roc_auc_score(truth, score)) < 1e-9
    assert abs(pr_auc(truth, score) - average_precision_score(truth, score)) < 1e-9
    assert abs(brier(truth, score) - brier_score_loss(truth, score)) < 1e-9
    assert 0 <= ece(truth, score) <= 1


def random_model(rng, width):
    """Any additive model: lines, steps, levels and pairs; columns 0 and 1 are categories."""

    def cuts():
        return np.unique(rng.normal(size=rng.integers(1, 6)))

    def table(*shape: int):
        return rng.normal(size=shape)

    shapes = []
    for column in range(width):
        kind = rng.integers(0, 3)
        if column < 2:
            shapes.append(Levels(column=column, values=table(rng.integers(2, 6)), missing=float(table(1)[0])))
        elif kind == 0:
            knots = cuts()
            shapes.append(
                LineShape(column=column, knots=knots, values=table(len(knots)), missing=float(table(1)[0]))
            )
        else:
            edges = cuts()
            shapes.append(
                Steps(column=column, cuts=edges, values=table(len(edges) + 1), missing=float(table(1)[0]))
            )
    first, second = cuts(), cuts()
    pairs = (
        Pair(columns=(2, 3), cuts=(first, second), values=table(len(first) + 2, len(second) + 2)),
        Pair(columns=(0, 2), cuts=(None, first), values=table(5, len(first) + 2)),
    )
    return Additive(base=float(rng.normal()), width=width, shapes=tuple(shapes), pairs=pairs)


@given(seeds)
def test_compiled_look_up_equals_its_members_and_parts_add_up(seed):
    """Joined cuts change no part; parts and base are the log-odds; any value, missing or never seen."""
    rng = np.random.default_rng(seed)
    members = [(float(weight), random_model(rng, 5)) for weight in rng.uniform(0.1, 1, 2)]
    matrix = rng.normal(size=(60, 5)).round(1)
    matrix[:, :2] = rng.integers(0, 8, (60, 2))
    matrix[:, 4] = rng.integers(-3, 4, 60)  # counts are looked up, not searched
    matrix[rng.random((60, 5)) < 0.2] = np.nan
    centre = rng.normal(size=5)
    lookup = compile_members(members, base=0.0, centre=centre, slope=1.3)

    parts = 1.3 * (sum(weight * model.contributions(matrix) for weight, model in members) - centre)

    assert np.abs(lookup.contributions(matrix) - parts).max() < 1e-9
    for _, model in members:
        whole = model.base + model.contributions(matrix).sum(axis=1)
        assert np.abs(whole - model.logit(matrix)).max() < 1e-9


@given(seeds, st.floats(-5, 5), st.floats(-3, 3))
@settings(max_examples=min(40, settings.default.max_examples))
def test_straightening_never_turns_a_ranking_over(seed, slope, shift):
    """Whatever the log-odds, the map that comes back is rising and within the guard."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=600)
    truth = (rng.random(600) < 1 / (1 + np.exp(-(slope * logit + shift)))).astype(float)

    found = straighten(truth, logit)

    assert SMALLEST_SLOPE <= found.slope <= LARGEST_SLOPE


@given(st.lists(st.text(max_size=12) | st.none(), max_size=60))
def test_reading_is_total(texts):
    """Whatever stands in a column, its kind is guessed and every value is a number or missing."""
    column = pl.Series("x", texts, dtype=pl.String)
    kind = guess_kind(column)

    values = read_numbers(column, Kind.NUMBER if kind is Kind.CATEGORY else kind)

    assert len(texts) == len(values)
    assert values.drop_nulls().is_finite().all()


@given(st.text(min_size=1, max_size=20), st.floats(0, 0.9), st.floats(0, 1), st.booleans())
def test_assignment_depends_on_the_customer_alone(customer, control, explore, listed):
    """Alone or in a crowd, today or tomorrow: the same arm and the same call."""
    experiment = Experiment(name="e", salt="s", control=control, explore=explore)
    alone = assign([customer], [listed], experiment)
    crowd = assign(["other", customer, "third"], [True, listed, False], experiment)

    # off the list the exploring share depends on how long the list is; nothing else does
    assert not listed or alone[0] == crowd[1] or customer in ("other", "third")
    assert not listed or arm_of(customer, experiment) is alone[0].arm
    assert (arm_of(customer, experiment) is Arm.CONTROL) is (crowd[1].arm is Arm.CONTROL)
    assert not (alone[0].arm is Arm.CONTROL and alone[0].call)


@given(st.text(max_size=20), st.floats(0, 1), st.integers(-1, 1))
def test_the_quick_way_to_draw_says_what_the_draw_says(unit, chance, beside):
    """Also where the chance is a draw itself, or the number next to it."""
    drawn = draw(unit, "e", "s")
    edge = math.nextafter(drawn, beside) if beside else drawn

    for bound in (chance, edge):
        assert (drawn < bound) is falls_below("e", "s", bound)(unit)


@given(seeds, st.integers(1, 40), st.floats(0, 60))
def test_an_allocation_never_exceeds_the_hours_nor_its_bound(seed, n, minutes):
    rng = np.random.default_rng(seed)
    gain, cost = rng.normal(size=n), rng.uniform(0.5, 8, n)

    made = allocate_calls(gain, cost, minutes)

    assert made.minutes <= minutes
    assert made.gain <= made.bound + 1e-9
    assert (gain[list(made.rows)] > 0).all()
    assert len(set(made.rows)) == len(made.rows)


@given(seeds, st.integers(20, 200))
def test_qini_is_never_above_the_perfect_ranking(seed, n):
    rng = np.random.default_rng(seed)
    y, t = (rng.random(n) < 0.4).astype(float), (np.arange(n) % 2).astype(float)

    assert qini(y, t, rng.random(n)) <= 1.0 + 1e-9 or (y * t).sum() == (y * (1 - t)).sum()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_discoveries_are_the_largest_evidence(evidence):
    """Whatever stands is at least as strong as whatever does not, and never below the plain threshold."""
    stands = discoveries(evidence)

    kept = [value for value, real in zip(evidence, stands, strict=True) if real]
    assert all(value >= 20 for value in kept)
    assert not kept or min(kept) >= max(
        [v for v, real in zip(evidence, stands, strict=True) if not real], default=0
    )
