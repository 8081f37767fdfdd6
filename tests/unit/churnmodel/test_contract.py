"""The contract for data: kinds, roles and refusals."""

import numpy as np
import polars as pl
import pytest

from churnmodel.data.column_types import Kind
from churnmodel.data.contract import Contract, ContractRefused, Role, infer_contract
from churnmodel.synthetic_customers import make_customers


def column(contract: Contract, name: str):
    return next(one for one in contract.columns if one.name == name)


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    return make_customers(2000, seed=1)


def test_roles_of_the_sample_file_are_found(customers):
    """Outcome, id and features are found without being told."""
    contract = infer_contract(customers)

    assert ("churned", "1") == (contract.target, contract.positive)
    assert ("id",) == contract.named(Role.ID)
    assert "shape.identifier" == column(contract, "name").rule
    assert Kind.CATEGORY == column(contract, "contract").kind


@pytest.mark.parametrize(
    ("name", "values", "rule"),
    [
        ("duration", lambda y, rng: rng.random(len(y)), "leak.after-call"),
        ("last_call_duration_s", lambda y, rng: rng.random(len(y)), "leak.after-call"),
        ("disposition", lambda y, rng: rng.choice(["a", "b"], len(y)), "leak.after-call"),
        ("closing_code", lambda y, rng: np.where(rng.random(len(y)) < 0.003, 1 - y, y), "leak.near-perfect"),
        ("closed_on", lambda y, rng: [None if not v else "2026-01-02" for v in y], "leak.near-perfect"),
        ("gone", lambda y, rng: [None] * len(y), "shape.all-missing"),
        ("country", lambda y, rng: ["NL"] * len(y), "shape.constant"),
        ("token", lambda y, rng: [f"t{i}" for i in range(len(y))], "shape.identifier"),
    ],
)
def test_column_that_leaks_or_teaches_nothing_is_refused(customers, name, values, rule):
    """Each refusal is a value with its rule id and a reason."""
    labels = customers.get_column("churned").to_numpy()
    frame = customers.with_columns(pl.Series(name, values(labels, np.random.default_rng(0))))

    found = column(infer_contract(frame), name)

    assert (Role.REFUSED, rule) == (found.role, found.rule)
    assert found.why


def test_contract_duration_is_a_feature(customers):
    """Only the length of a call leaks, not every column that speaks of a duration."""
    frame = customers.with_columns(pl.col("tenure_months").alias("contract_duration_months"))

    assert Role.FEATURE == column(infer_contract(frame), "contract_duration_months").role


def test_date_proxy_is_refused_only_where_rows_are_dated(customers):
    """A price index that moves with the calendar tells the date, not the customer."""
    frame = customers.with_columns((pl.int_range(pl.len()) // 50 + 100).alias("price_index"))

    assert Role.FEATURE == column(infer_contract(frame), "price_index").role
    assert "leak.date-proxy" == column(infer_contract(frame, in_time=True), "price_index").rule


def test_what_the_owner_of_the_data_says_beats_the_rules(customers):
    said = {"name": {"role": "feature", "kind": "category", "label": "who"}}

    found = column(infer_contract(customers, columns=said), "name")

    assert (Role.FEATURE, "who") == (found.role, found.label)


def test_contract_survives_its_plain_form(customers):
    """What a manifest stores is the whole contract."""
    contract = infer_contract(customers)

    assert contract == Contract.from_dict(contract.as_dict())


@pytest.mark.parametrize(
    ("values", "rule"),
    [([1, 1, 1], "target.not-two"), ([1, 2, 3], "target.not-two"), (None, "target.unknown")],
)
def test_frame_without_two_outcomes_is_refused(values, rule):
    """There is nothing to learn from one outcome, and no way to guess among three."""
    frame = pl.DataFrame({"a": [1, 2, 3]} | ({"churn": values} if values else {}))

    with pytest.raises(ContractRefused) as refusal:
        infer_contract(frame)

    assert rule == refusal.value.rule


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ([True, False, None], "True"),
        (["True", "False"], "1"),
        ([1.0, 0.0], "1"),
        ([1, 0], "1.0"),
        (["Yes", "No"], "yes"),
        ([100, 0], "100%"),
    ],
)
def test_positive_value_is_found_however_the_file_spells_it(values, positive):
    """A truth value is one answer in many spellings."""
    frame = pl.DataFrame({"churn": values * 20, "a": list(range(len(values) * 20))}, strict=False)
    contract = infer_contract(frame, target="churn", positive=positive)

    assert 20 == np.nansum(contract.labels(frame))


def test_positive_value_that_no_row_has_is_refused():
    """A typing error in the bench file must not become an empty class."""
    with pytest.raises(ContractRefused) as refusal:
        infer_contract(pl.DataFrame({"churn": ["a", "b"], "x": [1, 2]}), target="churn", positive="c")

    assert "target.positive-absent" == refusal.value.rule
