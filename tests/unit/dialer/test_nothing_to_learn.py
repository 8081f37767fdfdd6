"""What a manager reads where no model can be trained: how many say what, and how many are needed."""

import polars as pl
import pytest

from churnmodel.data.contract import ContractRefused, infer_contract
from dialer.services.analytics.nothing_to_learn import why_nothing


def said(frame: pl.DataFrame, label: str | None, rule: str | None = None) -> str:
    if rule is not None:
        return why_nothing(ContractRefused(rule, ""), frame, label)
    with pytest.raises(ContractRefused) as refusal:
        infer_contract(frame, target=label)
    return why_nothing(refusal.value, frame, label)


def test_where_everybody_says_the_same_it_is_said_of_how_many() -> None:
    frame = pl.DataFrame({"churned": ["no"] * 300, "fee": range(300)})

    assert said(frame, None).startswith("All 300 customers say no in 'churned': nobody to learn from.")


def test_where_too_few_left_both_counts_are_said() -> None:
    frame = pl.DataFrame({"oppsagt": ["Ja"] * 5 + ["Nei"] * 400})

    assert said(frame, "oppsagt", "target.too-few").startswith("5 leavers known, 20 are needed.")


def test_a_column_that_is_no_outcome_shows_what_it_says() -> None:
    frame = pl.DataFrame({"plan": ["S", "M", "L"] * 10, "fee": range(30)})

    assert "'plan' says 3 different things (S, M, L), not who left" in said(frame, "plan")


def test_without_any_outcome_the_two_ways_to_tell_it_are_named() -> None:
    message = said(pl.DataFrame({"fee": range(30)}), None)

    assert "--label COLUMN" in message
    assert "winback label FILE" in message
