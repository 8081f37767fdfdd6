"""No promise to a number that earns money by being called, nor many to one number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.limits import (
    AskingHistory,
    CallbackLimits,
    NumberHistory,
    read_shown,
    read_typed,
    refuse_asking,
    refuse_number,
    refuse_request,
)
from callbacks.refusals import Refusal, Rule
from dialer.core.importing.phone_cells import read_phone_cell
from telephony.numbers import E164, RUNG, NumberKind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = CallbackLimits()
LONDON = E164.parse("+442079460123")


def test_an_ordinary_number_is_called_back() -> None:
    assert refuse_number(LONDON, RULES) is None


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("+449098790123", Rule.NUMBER_CLASS_PREMIUM),
        ("+448081570123", Rule.NUMBER_CLASS_TOLL_FREE),
        ("+41840123456", Rule.NUMBER_CLASS_SHARED_COST),
    ],
)
def test_numbers_that_cost_more_are_refused_by_kind(number: str, rule: Rule) -> None:
    assert Refusal(rule=rule) == refuse_number(E164.parse(number), RULES)


def test_the_centre_does_not_call_itself_nor_whoever_said_stop() -> None:
    own, blocked = (
        replace(RULES, own=frozenset({LONDON.e164})),
        replace(RULES, blocked=frozenset({LONDON.e164})),
    )

    assert Refusal(rule=Rule.NUMBER_OWN) == refuse_number(LONDON, own)
    assert Refusal(rule=Rule.NUMBER_BLOCKED) == refuse_number(LONDON, blocked)


def test_only_countries_on_the_list_are_called_back() -> None:
    assert refuse_number(LONDON, replace(RULES, regions=frozenset({"GB"}))) is None
    assert Refusal(rule=Rule.NUMBER_REGION) == refuse_number(
        LONDON, replace(RULES, regions=frozenset({"DE"}))
    )


def test_one_number_has_one_open_promise() -> None:
    history = NumberHistory(open_promise=True)

    assert Refusal(rule=Rule.PROMISE_ALREADY_OPEN) == refuse_request(LONDON, history, RULES, NOW)


def test_a_fourth_promise_waits_until_the_first_is_a_day_old() -> None:
    made = tuple(NOW - timedelta(hours=hours) for hours in (20, 2, 9, 30))

    assert Refusal(rule=Rule.PROMISE_TOO_MANY, until=NOW + timedelta(hours=4)) == refuse_request(
        LONDON, NumberHistory(made=made), RULES, NOW
    )
    assert refuse_request(LONDON, NumberHistory(made=made), RULES, NOW + timedelta(hours=4)) is None


@pytest.mark.parametrize("typed", ["02079460123", "00442079460123", "442079460123"])
def test_a_number_may_be_typed_as_people_dial_it(typed: str) -> None:
    assert read_typed(typed, "GB", RULES) == LONDON


@pytest.mark.parametrize("typed", ["", "999", "123456", "1" * 16, "02079*60123", "٠٢٠٧٩٤٦٠١٢٣"])
def test_short_long_and_odd_input_is_no_number(typed: str) -> None:
    assert Refusal(rule=Rule.NUMBER_IMPOSSIBLE) == read_typed(typed, "GB", RULES)


def test_a_premium_number_cannot_be_typed_in_any_spelling() -> None:
    for typed in ("09098790123", "00449098790123", "449098790123"):
        assert Refusal(rule=Rule.NUMBER_CLASS_PREMIUM) == read_typed(typed, "GB", RULES)


@pytest.mark.parametrize("shown", [None, "", "anonymous", "Unavailable", "101", "+", "+44"])
def test_a_hidden_or_useless_caller_number_is_none(shown: str | None) -> None:
    assert read_shown(shown, "GB", RULES) is None


def test_a_shown_number_is_read_with_and_without_its_country_code() -> None:
    assert LONDON == read_shown("+44 20 7946 0123", "GB", RULES) == read_shown("02079460123", "GB", RULES)


@given(st.text(max_size=30))
def test_no_typed_text_ever_passes_as_anything_but_a_number_that_is_called(text: str) -> None:
    typed, shown = read_typed(text, "GB", RULES), read_shown(text, "GB", RULES)

    assert isinstance(typed, Refusal) or refuse_number(typed, RULES) is None
    assert shown is None or isinstance(shown, Refusal) or refuse_number(shown, RULES) is None


@pytest.mark.parametrize("satellite", ["+881612345678", "+870773111632", "+882161234567", "+979123456789"])
def test_satellites_and_other_lines_of_no_country_are_never_called_back(satellite: str) -> None:
    everywhere = replace(RULES, regions=frozenset())

    assert Refusal(rule=Rule.NUMBER_CLASS_GLOBAL) == refuse_number(E164.parse(satellite), everywhere)


def test_a_personal_number_is_refused_to_callbacks_and_to_imports_alike() -> None:
    personal = Refusal(rule=Rule.NUMBER_CLASS_PERSONAL)

    assert personal == read_typed("07012345678", "GB", RULES)
    assert personal.rule == read_phone_cell("070 1234 5678", "GB").fault
    assert set(NumberKind) == set(RUNG), "every kind of line is decided"


@pytest.mark.parametrize(
    ("made", "rule", "until"),
    [
        (AskingHistory(by_source=(NOW,) * 3), Rule.PROMISE_SOURCE_HOUR, NOW + timedelta(hours=1)),
        (
            AskingHistory(by_source=(NOW - timedelta(hours=2),) * 6),
            Rule.PROMISE_SOURCE_DAY,
            NOW + timedelta(hours=22),
        ),
        (AskingHistory(by_all=(NOW,) * 200), Rule.PROMISE_ALL_HOUR, NOW + timedelta(hours=1)),
        (
            AskingHistory(by_all=(NOW - timedelta(hours=2),) * 2000),
            Rule.PROMISE_ALL_DAY,
            NOW + timedelta(hours=22),
        ),
    ],
)
def test_one_calling_number_and_all_together_get_so_many_promises_an_hour_and_a_day(
    made: AskingHistory, rule: Rule, until: datetime
) -> None:
    assert Refusal(rule=rule, until=until) == refuse_asking(made, RULES, NOW)
    assert refuse_asking(made, RULES, until) is None
