"""Whoever rings in with an open promise stands at its place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from callbacks.ring_in import MISSED_WITHIN, HeldPlace, place_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EARLY = NOW - timedelta(minutes=40)


def test_who_rings_in_with_an_open_promise_stands_where_they_first_joined() -> None:
    held = HeldPlace(promise=7, virtual_join=EARLY)

    assert place_of(NOW, [held]) == (EARLY, held)


def test_of_several_numbers_of_one_customer_the_earliest_place_counts() -> None:
    held = [
        HeldPlace(promise=8, virtual_join=NOW - timedelta(minutes=5)),
        HeldPlace(promise=7, virtual_join=EARLY),
    ]

    assert place_of(NOW, held) == (EARLY, held[1])


def test_who_missed_our_last_call_and_rings_back_within_half_an_hour_is_in_front_though_it_was_given_up() -> (
    None
):
    missed = NOW - MISSED_WITHIN
    held = HeldPlace(promise=7, virtual_join=EARLY, missed_at=missed, ended_at=missed)

    assert place_of(NOW, [held])[0] == EARLY
    assert place_of(NOW + timedelta(seconds=1), [held]) == (NOW + timedelta(seconds=1), None)


def test_who_was_served_since_the_call_they_missed_rings_for_something_else() -> None:
    missed = NOW - timedelta(minutes=10)
    held = HeldPlace(promise=7, virtual_join=EARLY, missed_at=missed, ended_at=missed)

    served = replace(held, served_at=missed + timedelta(minutes=1))
    assert place_of(NOW, [served]) == (NOW, None)
    before = replace(held, served_at=missed - timedelta(minutes=1))
    assert place_of(NOW, [before]) == (EARLY, before)


def test_a_promise_that_ended_without_a_missed_call_gives_no_place_any_more() -> None:
    kept = HeldPlace(promise=7, virtual_join=EARLY, ended_at=NOW - timedelta(minutes=1))

    assert place_of(NOW, [kept]) == (NOW, None)
    assert place_of(NOW, []) == (NOW, None)


def test_a_call_at_a_chosen_time_gives_its_place_from_that_time_on() -> None:
    booked = HeldPlace(promise=7, virtual_join=EARLY, wanted_from=NOW)

    assert place_of(NOW, [booked]) == (EARLY, booked)
    before = NOW - timedelta(seconds=1)
    assert place_of(before, [booked]) == (before, None)
    in_turn = HeldPlace(promise=8, virtual_join=EARLY + timedelta(minutes=5))
    assert place_of(before, [booked, in_turn])[1] == in_turn
