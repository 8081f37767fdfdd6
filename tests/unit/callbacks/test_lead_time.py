"""Called so early that nine in ten customers meet an agent who is there, and no earlier."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.lead_time import FEWEST, LATE, UNNOTICED_S, learn_head_start, learn_lead_time


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


def test_an_agent_is_called_for_once_wrap_ups_that_lasted_so_long_are_as_good_as_over() -> None:
    leads_s = [20.0] * FEWEST

    assert learn_head_start(leads_s, [10.0] * FEWEST) == timedelta(), "over before any key is pressed"
    assert learn_head_start(leads_s, [60.0] * FEWEST) == timedelta(seconds=38)
    assert learn_head_start(leads_s, [10.0] * (FEWEST - 1)) is None, "too little is known"
    assert learn_head_start(leads_s, [10.0] * 2 * FEWEST + [200.0] * 30) == timedelta(seconds=178)


LENGTHS = st.lists(st.floats(min_value=0, max_value=200), min_size=FEWEST, max_size=100)


@given(leads_s=LENGTHS, wrap_ups_s=LENGTHS)
def test_of_all_calls_few_wait_for_an_agent_who_was_called_for_ahead(
    leads_s: list[float], wrap_ups_s: list[float]
) -> None:
    start = learn_head_start(leads_s, wrap_ups_s)

    if start is not None:
        pairs = [
            wrap_s - start.total_seconds() - lead_s > UNNOTICED_S
            for lead_s in leads_s
            for wrap_s in wrap_ups_s
        ]
        assert sum(pairs) <= LATE * len(pairs)
