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
        ("contract end in next 60 days", "contract end", ConditionSign.IN_NEXT, ("60",)),
        ("price changed in last 1 day", "price", ConditionSign.CHANGED, ("1",)),
        ("ends <= 2026-12-31", "ends", ConditionSign.AT_MOST, ("2026-12-31",)),
        ("@last_contact not in last 30", "@last_contact", ConditionSign.NOT_IN_LAST, ("30",)),
        ("@last_word = lost | none", "@last_word", ConditionSign.IS, ("lost", "none")),
    ],
)
def test_a_line_is_a_column_a_comparison_and_values(
    text: str, column: str, comparison: ConditionSign, values: tuple[str, ...]
) -> None:
    condition = ListCondition(column=column, comparison=comparison, values=values)

    assert read_condition(text) == condition
    assert read_condition(str(condition)) == condition


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a condition"),
        ("contract", "not a condition"),
        ("= 5", "not a condition"),
        ('x" = 1', "not a condition"),
        ("ends in next week", "not a condition"),
        ("a = |", "names no value"),
        ("charge >= lots", "one number"),
        ("charge > 1 | 2", "one number"),
        ("charge >= nan", "one number"),
        ("ends > 2026-02-30", "one number"),
        ("ends in next 9999 days", "1 to 3650"),
        ("ends in last 0 days", "1 to 3650"),
        ("@last_talk in last 3 days", "there are @last_contact"),
        ("@last_contact = 3", "goes with in last or not in last"),
        ("@consent > 1", "goes with"),
        ("@last_word = cheerful", "one of saved"),
    ],
)
def test_what_is_no_condition_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_condition(text)
