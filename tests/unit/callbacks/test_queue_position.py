"""People are served in the order in which they joined, wherever they wait."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callbacks.queue_position import (
    Person,
    PromiseWait,
    find_overtaken,
    in_order,
    position_of,
    promises_in_turn,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def person(minute: float, *, promise: int | None = None, key: str = "") -> Person:
    return Person(key=key or f"p{minute}", virtual_join=NOON + timedelta(minutes=minute), promise=promise)


def test_somebody_at_home_is_served_before_a_caller_who_joined_later() -> None:
    at_home, on_the_line = person(0, promise=7), person(1)

    assert (at_home, on_the_line) == in_order([on_the_line, at_home])


def test_on_a_tie_the_person_on_the_line_comes_first() -> None:
    at_home, on_the_line = person(0, promise=7), person(0)

    assert (on_the_line, at_home) == in_order([at_home, on_the_line])


def test_the_announced_queue_position_counts_only_those_who_joined_earlier() -> None:
    assert (
        position_of(NOON, [person(-2), person(-1, promise=1), person(0, key="same moment"), person(3)]) == 3
    )


def test_a_promise_is_rung_only_when_everybody_before_it_has_an_agent() -> None:
    people = [person(0), person(1, promise=5), person(2, promise=6)]

    assert promises_in_turn(people, 1) == ()
    assert promises_in_turn(people, 2) == (5,)
    assert promises_in_turn(people, 9) == (5, 6)
    assert promises_in_turn(people, -1) == ()


ONE_LOOK = timedelta(seconds=30)


def wait(
    joined: float, *, made: float | None = None, rung: float | None = None, came: float | None = None
) -> PromiseWait:
    """A promise named by the minute its caller joined; rung at most once."""
    calls = () if rung is None else (NOON + timedelta(minutes=rung),)
    turn = rung if came is None else came
    return PromiseWait(
        promise=round(joined),
        virtual_join=NOON + timedelta(minutes=joined),
        since=NOON + timedelta(minutes=joined if made is None else made),
        came_at=None if turn is None else NOON + timedelta(minutes=turn),
        rung_at=calls,
    )


def test_a_promise_is_overtaken_once_by_however_many_who_joined_later() -> None:
    waits = [wait(0, rung=20), wait(1, rung=30), wait(2, rung=10), wait(3, rung=15), wait(4, rung=40)]

    assert frozenset({0, 1}) == find_overtaken(waits, ONE_LOOK)


def test_a_promise_that_still_waits_is_overtaken_too() -> None:
    assert frozenset({0}) == find_overtaken([wait(0), wait(1, rung=10)], ONE_LOOK)


def test_who_had_a_turn_and_waits_for_another_moment_is_not_overtaken() -> None:
    assert frozenset() == find_overtaken([wait(0, came=5), wait(1, rung=10)], ONE_LOOK)


def test_who_was_still_on_the_line_when_somebody_was_rung_is_not_overtaken() -> None:
    assert frozenset() == find_overtaken([wait(0, made=11, rung=20), wait(1, rung=10)], ONE_LOOK)


def test_calls_of_one_look_at_the_queue_overtake_nobody() -> None:
    assert frozenset() == find_overtaken([wait(0, rung=10.4), wait(1, rung=10)], ONE_LOOK)
    assert frozenset() == find_overtaken([wait(0, made=9.6, rung=20), wait(1, rung=10)], ONE_LOOK)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=12, unique_by=lambda each: each[0])
)
def test_the_heap_finds_whom_comparing_everybody_with_everybody_finds(drawn: list[tuple[int, int]]) -> None:
    waits = [wait(joined, rung=joined + waited) for joined, waited in drawn]
    overtaken = frozenset(
        mine.promise
        for mine in waits
        for other in waits
        for rung_at in other.rung_at
        if other.virtual_join > mine.virtual_join
        and mine.since + ONE_LOOK <= rung_at
        and (mine.came_at is None or mine.came_at > rung_at + ONE_LOOK)
    )

    assert overtaken == find_overtaken(waits, ONE_LOOK)


people = st.lists(
    st.builds(
        person, st.integers(-60, 60), promise=st.none() | st.integers(1, 50), key=st.text("ab", max_size=3)
    ),
    max_size=20,
)


@given(st.sets(st.integers(0, 60), max_size=20))
def test_serving_in_order_overtakes_nobody(joined: set[int]) -> None:
    served = [wait(minute, rung=100 + turn) for turn, minute in enumerate(sorted(joined))]

    assert frozenset() == find_overtaken(served, ONE_LOOK)


@given(people, st.integers(0, 25))
def test_more_agents_never_take_a_promise_its_turn(waiting: list[Person], agents: int) -> None:
    fewer, more = promises_in_turn(waiting, agents), promises_in_turn(waiting, agents + 1)

    assert fewer == more[: len(fewer)]
