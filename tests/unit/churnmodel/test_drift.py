"""Drift as attention, not alarm: real shifts are seen, chance is not."""

import numpy as np
import polars as pl
import pytest

from churnmodel.data.contract import infer_contract
from churnmodel.drift import Baseline, Concern, baseline, level_gap, psi, psi_bound, shifts
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_risk
from churnmodel.synthetic_customers import make_customers


@pytest.fixture(scope="module")
def trained():
    customers = make_customers(6000, seed=1)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)
    matrix = model.features.matrix(customers)
    return model, baseline(model.features, matrix, model.predict_matrix(matrix))


def looked_at(trained, frame):
    model, base = trained
    matrix = model.features.matrix(frame)
    return {shift.name: shift for shift in shifts(base, model.features, matrix, model.predict_matrix(matrix))}


@pytest.mark.parametrize("rows", [150, 2000])
def test_customers_of_the_same_population_raise_no_concern(trained, rows):
    """Small samples have a large PSI by chance; the bound knows."""
    seen = [looked_at(trained, make_customers(rows, seed=seed)) for seed in range(20, 25)]

    concerns = [shift for one in seen for shift in one.values() if shift.concern is not Concern.NONE]
    assert len(concerns) <= 1


def test_real_shift_new_level_and_missing_values_are_told(trained):
    """Each with its rule; the score moves with the columns."""
    later = make_customers(3000, seed=30).with_columns(
        (pl.col("monthly_charge") * 1.4).alias("monthly_charge"),
        pl.when(pl.int_range(pl.len()) % 10 == 0)
        .then(pl.lit("moon"))
        .otherwise(pl.col("region"))
        .alias("region"),
        pl.when(pl.int_range(pl.len()) % 4 == 0)
        .then(None)
        .otherwise(pl.col("usage_trend"))
        .alias("usage_trend"),
    )
    found = looked_at(trained, later)

    assert Concern.ATTENTION is found["monthly_charge"].concern
    assert "drift.new-levels" == found["region"].rule
    assert found["usage_trend"].concern is not Concern.NONE
    assert Concern.NONE is found["plan"].concern


def test_level_gap_needs_both_size_and_certainty():
    """A tenth more churn in a large cohort is told; the same in forty customers is chance."""
    rng = np.random.default_rng(1)
    risk = np.full(40_000, 0.2)

    assert Concern.NONE is level_gap(risk, (rng.random(40_000) < 0.2).astype(float)).concern
    assert Concern.ATTENTION is level_gap(risk, (rng.random(40_000) < 0.3).astype(float)).concern
    assert Concern.NONE is level_gap(risk[:40], (rng.random(40) < 0.3).astype(float)).concern


def test_psi_of_equal_shares_is_zero_and_its_bound_shrinks_with_rows():
    shares = np.array([0.2, 0.3, 0.5])

    assert 0 == psi(shares, shares)
    assert psi_bound(10, 10_000, 10_000) < 0.1 < psi_bound(10, 10_000, 150)


def test_baseline_survives_its_plain_form(trained):
    _, base = trained
    again = Baseline.from_dict(base.as_dict())

    assert base.as_dict() == again.as_dict()
