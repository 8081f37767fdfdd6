"""Training, choosing and using a risk model."""

import numpy as np
import polars as pl
import pytest

from churnmodel.array_types import sigmoid
from churnmodel.data.contract import ContractRefused, infer_contract
from churnmodel.metrics import log_loss, roc_auc
from churnmodel.risk.candidates import FULL, QUICK
from churnmodel.risk.logistic import INVERSE_PENALTY, choose_penalty, fit_logistic
from churnmodel.risk.training import prepare, train_risk
from churnmodel.synthetic_customers import customer_truth, make_customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    return make_customers(3000, seed=5)


def test_quick_model_finds_most_of_what_can_be_known(customers):
    """Its ranking is close to that of the truth itself, which no model can beat."""
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)
    labels = model.contract.labels(customers)
    best = roc_auc(labels, customer_truth(3000, seed=5).get_column("leaves").to_numpy())

    assert model.facts["figures"]["roc_auc"] > best - 0.05
    assert model.facts["figures"]["ece"] < 0.03


@pytest.mark.parametrize("name", FULL)
def test_contributions_add_up_to_the_score_for_every_candidate(customers, name):
    """Reasons are exact: base plus parts is the log-odds, to rounding."""
    customers = customers.head(700)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=(name,))
    matrix = model.features.matrix(customers)

    parts = model.contributions(matrix)

    assert np.abs(sigmoid(model.base + parts.sum(axis=1)) - model.predict(customers)).max() < 1e-9
    assert np.abs(parts.mean(axis=0)).max() < 1e-6


def test_same_seed_same_model(customers):
    """Training is repeatable to the last bit."""
    contract = infer_contract(customers)
    one = train_risk(customers, contract, seed=3, candidates=QUICK)
    two = train_risk(customers, contract, seed=3, candidates=QUICK)

    assert (one.predict(customers) == two.predict(customers)).all()
    assert one.facts["data_sha256"] == two.facts["data_sha256"]


def test_missing_column_all_missing_column_and_new_category_score_without_error(customers):
    """A later file may lack columns and hold levels never seen; every customer still gets a probability."""
    customers = customers.head(700)
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=FULL)
    later = customers.drop("usage_trend").with_columns(
        pl.lit("moon").alias("region"), pl.lit(None, dtype=pl.Int64).alias("age")
    )

    risk = model.predict(later)

    assert np.isfinite(risk).all()
    assert ((risk > 0) & (risk < 1)).all()


def test_too_few_outcomes_is_refused_with_a_rule(customers):
    """Ten leavers teach nothing that could be judged."""
    few = pl.concat(
        [customers.filter(pl.col("churned") == 1).head(10), customers.filter(pl.col("churned") == 0)]
    )

    with pytest.raises(ContractRefused) as refusal:
        train_risk(few, infer_contract(few), seed=1, candidates=QUICK)

    assert refusal.value.rule == "target.too-few"


def test_rows_written_twice_are_dropped_before_splitting(customers):
    """A copy in another fold would be an answer learned by heart."""
    twice = pl.concat([customers, customers.head(500)])

    kept, dropped = prepare(twice, infer_contract(customers))

    assert (3000, 500) == (kept.height, dropped)


def test_rows_without_an_outcome_are_left_out(customers):
    """A customer whose period is not over is neither a leaver nor a stayer."""
    open_rows = customers.with_columns(
        pl.when(pl.int_range(pl.len()) < 100).then(None).otherwise(pl.col("churned")).alias("churned")
    )
    model = train_risk(open_rows, infer_contract(open_rows), seed=1, candidates=QUICK)

    assert 2900 == model.facts["rows"]


def test_many_columns_of_noise_make_a_linear_model_careful_and_a_narrow_one_stays_as_it_is():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1200, 80))
    left = (rng.random(1200) < 0.25).astype(float)

    wide = fit_logistic(x[:300], left[:300], (), seed=1)

    said = sigmoid(wide.logit(x[300:]))
    base = np.full(900, left[:300].mean())
    assert log_loss(left[300:], said) < 1.05 * log_loss(left[300:], base)
    truth = left.astype(np.int64)
    assert INVERSE_PENALTY == choose_penalty(x[:, :4], truth, None, seed=1)
    assert INVERSE_PENALTY > choose_penalty(x[:300], truth[:300], None, seed=1)
