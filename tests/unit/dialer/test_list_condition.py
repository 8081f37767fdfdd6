"""Conditions on a list as people write them."""

import pytest

from dialer.core.calling.list_condition import ConditionSign, ListCondition, read_condition


@pytest.mark.parametrize(
    ("text", "column", "comparison", "values"),
    [
        ("monthly_charge >= 60", "monthly_charge", ConditionSign.AT_LEAST, ("60",)),
        ("Monthly charge<12.5", "Monthly charge", ConditionSign.BELOW, ("12.5",)),
        (
            "contract = month-to-month | one year",
            "contract",
            ConditionSign.IS,
            ("month-to-month", "one year"),
        ),
        ("plan!=XL", "plan", ConditionSign.IS_NOT, ("XL",)),
    ],
)
def test_a_line_is_a_column_a_comparison_and_values(
    text: str, column: str, comparison: ConditionSign, values: tuple[str, ...]
) -> None:
    condition = ListCondition(column=column, comparison=comparison, values=values)

    assert read_condition(text) == condition
    assert read_condition(str(condition)) == condition


@pytest.mark.parametrize(
    "text", ["", "contract", "= 5", "charge >= lots", "charge > 1 | 2", "charge >= nan", "a = |", 'x" = 1']
)
def test_what_is_no_condition_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="not a condition|names no value|one number"):
        read_condition(text)
