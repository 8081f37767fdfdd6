"""People are served in the order in which they joined, wherever they wait."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callbacks.queue_position import Person, count_overtaken, in_order, position_of, promises_in_turn

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


def test_an_overtaken_person_is_counted_once() -> None:
    served = [person(0), person(3), person(1), person(2), person(4)]

    assert count_overtaken(served) == 2


people = st.lists(
    st.builds(
        person, st.integers(-60, 60), promise=st.none() | st.integers(1, 50), key=st.text("ab", max_size=3)
    ),
    max_size=20,
)


@given(people)
def test_serving_in_order_overtakes_nobody(waiting: list[Person]) -> None:
    assert count_overtaken(in_order(waiting)) == 0


@given(people, st.integers(0, 25))
def test_more_agents_never_take_a_promise_its_turn(waiting: list[Person], agents: int) -> None:
    fewer, more = promises_in_turn(waiting, agents), promises_in_turn(waiting, agents + 1)

    assert fewer == more[: len(fewer)]
