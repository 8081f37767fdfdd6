"""Scores and reasons as agents and lists see them."""

import numpy as np
import polars as pl
import pytest

from churnmodel.data.contract import infer_contract
from churnmodel.gain import expected_gain
from churnmodel.reasons.phrases import phrase_of, plain_label, say
from churnmodel.reasons.ranked import decode, speaker, top_groups
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_risk
from churnmodel.scoring.score import score
from churnmodel.synthetic_customers import customer_truth, make_customers
from churnmodel.value import Price

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def customers():
    return make_customers(3000, seed=5)


@pytest.fixture(scope="module")
def model(customers):
    return train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)


def test_every_customer_gets_risk_value_gain_and_up_to_three_reasons(customers, model):
    """One row a customer, in the order of the file, without needing the outcome."""
    scores = score(model, customers.drop("churned"))

    assert customers.get_column("id").to_list() == scores.get_column("id").to_list()
    assert ["id", "risk", "value", "expected_gain", "reasons"] == scores.columns
    lengths = scores.get_column("reasons").list.len()
    assert 3 == lengths.max()
    assert lengths.min() >= 1
    assert np.allclose(model.predict(customers), scores.get_column("risk").to_numpy())


def test_score_does_not_depend_on_the_batch(customers, model, monkeypatch):
    """Cutting the file into batches changes nothing."""
    whole = score(model, customers)
    monkeypatch.setattr("churnmodel.scoring.score.BATCH_ROWS", 700)

    assert whole.equals(score(model, customers))


def test_reasons_read_in_plain_words(customers, model):
    """A customer with three complaints and an ending contract hears of both, singular where it is one."""
    frame = customers.head(2).with_columns(
        pl.Series("complaints_60d", [3, 1]),
        pl.Series("days_to_contract_end", [12, 1]),
        pl.Series("contract", ["one year", "one year"]),
        pl.Series("usage_trend", [-55.0, 0.0]),
    )

    first, second = score(model, frame).get_column("reasons").to_list()

    assert "three complaints in 60 days" in first
    assert "usage down 55 %" in first
    assert any("one complaint in 60 days" == text for text in second)


def test_reasons_push_before_they_hold_and_actionable_come_first(model, customers):
    """Top groups by strength; a push an agent can act on precedes one that he cannot."""
    voices = speaker(model, customers)
    parts = np.zeros((1, len(model.features.names)))
    index = {name: number for number, name in enumerate(model.features.names)}
    parts[0, index["tenure_months"]] = 0.9
    parts[0, index["complaints_60d"]] = 0.4
    parts[0, index["age"]] = -2.0

    chosen, _ = top_groups(voices, parts)

    groups = [voices.voices[index[name]].group for name in ("complaints_60d", "tenure_months", "age")]
    assert groups == chosen[0].tolist()


def test_no_reason_claims_a_cause(customers, model):
    """Words of cause do not occur."""
    texts = " ".join(
        score(model, customers).get_column("reasons").explode().drop_nulls().unique().to_list()
    ).lower()

    assert not any(word in texts for word in ("because", "cause", "due to", "leads to", "why"))


def test_label_that_the_owner_of_the_data_gives_is_used_in_the_reason(customers):
    """Whoever owns the data names the columns."""
    contract = infer_contract(customers, columns={"complaints_60d": {"label": "tickets"}})
    model = train_risk(customers, contract, seed=1, candidates=QUICK)
    frame = customers.head(1).with_columns(pl.Series("complaints_60d", [4]))

    assert "tickets: 4" in score(model, frame).get_column("reasons").to_list()[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [("PaymentMethod", "payment method"), ("payment_method", "payment method"), ("avg.bill", "avg bill")],
)
def test_column_names_become_words(name, words):
    assert words == plain_label(name)


def test_phrases_cover_the_sample_companys_own_columns():
    names = [
        "complaints_60d",
        "days_to_contract_end",
        "tenure_months",
        "usage_trend",
        "monthly_charge",
        "contract",
    ]

    assert all(phrase_of(name) for name in names)


def test_reasons_kept_in_no_language_say_the_same_when_they_are_read(customers, model):
    """What is stored and put into words later is what the list says at once, in every row."""
    frame = customers.with_columns(pl.lit(987_654.5).alias("monthly_charge"))  # a value off the grid too
    stored = score(model, frame, language=None).get_column("reasons")
    for language in ("en", "de"):
        said = score(model, frame, language=language).get_column("reasons").to_list()
        assert said == [[say(decode(text), language) for text in row] for row in stored]


def test_expected_gain_is_value_kept_less_what_the_call_costs():
    price = Price(call_cost=3, offer_cost=10, offer_acceptance=0.2)

    assert [35.0, -5.0] == expected_gain(np.array([0.1, 0.0]), np.array([400.0, 400.0]), price).tolist()


def test_sample_company_is_repeatable_and_its_truth_fits():
    """Same seed, same file; the truth has sleeping dogs and its mean is the share that left."""
    customers, truth = make_customers(20_000, seed=9), customer_truth(20_000, seed=9)

    assert customers.equals(make_customers(20_000, seed=9))
    assert not customers.equals(make_customers(20_000, seed=10))
    assert abs(customers.get_column("churned").mean() - truth.get_column("leaves").mean()) < 0.01
    assert 0.03 < (truth.get_column("effect") < 0).mean() < 0.3
    assert "effect" not in customers.columns
