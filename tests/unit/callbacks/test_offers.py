"""An offer is made only where it can be kept and saves a real wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.offers import Offer, OfferFacts, OfferRules, capacity_until, decide_offer
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import Wait, WaitWindow

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = OfferRules()
FACTS = OfferFacts(
    rank=7,
    wait=Wait(low_s=1200, middle_s=1500, high_s=1750, basis="measured"),
    agents=8,
    open_promises=3,
    capacity=200,
    closes_at=NOW + timedelta(hours=5),
)


def test_a_long_wait_is_offered_with_queue_position_and_window() -> None:
    assert Offer(queue_position=7, window=WaitWindow(from_min=20, to_min=30)) == decide_offer(
        FACTS, RULES, NOW
    )


def test_where_no_pace_is_known_no_time_is_said() -> None:
    assert Offer(queue_position=7, window=None) == decide_offer(replace(FACTS, wait=None), RULES, NOW)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"open_now": False}, Rule.OFFER_CLOSED),
        ({"agents": 0}, Rule.OFFER_NO_AGENTS),
        ({"open_promises": 200}, Rule.OFFER_FULL),
        ({"closes_at": NOW + timedelta(seconds=1749)}, Rule.OFFER_CLOSING),
    ],
)
def test_a_call_that_could_not_be_made_is_not_offered(change: dict[str, object], rule: Rule) -> None:
    assert Refusal(rule=rule) == decide_offer(replace(FACTS, **change), RULES, NOW)  # type: ignore[arg-type] # parametrised


SHORT = replace(FACTS, rank=1, wait=Wait(low_s=10, middle_s=59, high_s=90, basis="measured"))


def test_whoever_waits_for_less_than_a_minute_is_told_so_and_asked() -> None:
    assert Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=5), nearly=True) == decide_offer(
        SHORT, RULES, NOW
    )


def test_whoever_asks_again_within_five_minutes_has_heard_how_short_the_wait_is() -> None:
    told = replace(SHORT, told_at=NOW - timedelta(minutes=2))
    again, later = decide_offer(told, RULES, NOW), decide_offer(told, RULES, NOW + timedelta(minutes=3))

    assert isinstance(again, Offer)
    assert isinstance(later, Offer)
    assert (again.nearly, later.nearly) == (False, True)


def test_a_short_wait_that_ends_after_closing_is_refused_all_the_same() -> None:
    closing = replace(SHORT, closes_at=NOW + timedelta(seconds=89))

    assert Refusal(rule=Rule.OFFER_CLOSING) == decide_offer(closing, RULES, NOW)


def test_a_floor_that_cannot_be_seen_refuses_nobody_and_no_time_is_said() -> None:
    unseen = replace(FACTS, agents=None, wait=None, capacity=None)

    assert Offer(queue_position=7, window=None) == decide_offer(unseen, RULES, NOW)


def test_a_queue_that_never_closes_has_no_bound() -> None:
    always = replace(FACTS, closes_at=None, capacity=None, open_promises=10_000)

    assert isinstance(decide_offer(always, RULES, NOW), Offer)


def test_capacity_is_what_the_agents_can_take_before_closing() -> None:
    assert capacity_until(NOW + timedelta(hours=1), NOW, agents=2, call_s=240) == 30
    assert capacity_until(NOW - timedelta(hours=1), NOW, agents=2, call_s=240) == 0
