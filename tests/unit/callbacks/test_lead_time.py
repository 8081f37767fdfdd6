"""Called so early that nine in ten customers meet an agent who is there, and no earlier."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.lead_time import FEWEST, learn_lead_time


@pytest.mark.parametrize("known", [0, 1, FEWEST - 1])
def test_until_enough_is_known_an_agent_is_free_first(known: int) -> None:
    assert learn_lead_time([20.0] * known) == timedelta()


def test_one_slow_customer_in_many_moves_nothing_and_neither_does_one_quick_one() -> None:
    usual = [20.0] * 30

    assert learn_lead_time(usual) == timedelta(seconds=20)
    assert learn_lead_time([*usual, 300.0]) == timedelta(seconds=20)
    assert learn_lead_time([*usual, 2.0]) == timedelta(seconds=20)


@given(st.lists(st.floats(min_value=0, max_value=600), min_size=FEWEST, max_size=200))
def test_at_most_one_customer_in_ten_is_quicker(leads_s: list[float]) -> None:
    lead = learn_lead_time(leads_s)

    assert sum(timedelta(seconds=each) < lead for each in leads_s) <= len(leads_s) / 10
    assert lead >= timedelta()
