"""Teams: whoever is taken on has an agent of their own, nobody waits for another team, weights are kept."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.agents.team_allocation import AgentsLeft, TeamId, TeamMembers, TeamSeats

TEAMS = st.sampled_from(["a", "b", "c", None])
KINDS = st.frozensets(TEAMS, max_size=4)


def most_served(agents: list[frozenset[TeamId]], people: list[TeamId]) -> int:
    """The greatest number of people who can have an agent at once, found by trying everything."""
    held: dict[int, int] = {}

    def finds(person: int, seen: set[int]) -> bool:
        for agent, kind in enumerate(agents):
            if people[person] in kind and agent not in seen:
                seen.add(agent)
                if agent not in held or finds(held[agent], seen):
                    held[agent] = person
                    return True
        return False

    return sum(finds(person, set()) for person in range(len(people)))


@given(agents=st.lists(KINDS, max_size=7), people=st.lists(TEAMS, max_size=9))
def test_in_order_each_is_taken_on_unless_one_before_would_lose_their_agent(
    agents: list[frozenset[TeamId]], people: list[TeamId]
) -> None:
    left = AgentsLeft(agents)
    taken: list[TeamId] = []
    for person in people:
        could = most_served(agents, [*taken, person]) == len(taken) + 1
        assert left.take(person) is could
        taken += [person] if could else []


@given(agents=st.lists(KINDS, max_size=7), before=st.lists(TEAMS, max_size=5), team=TEAMS)
def test_room_is_what_could_be_taken_on_and_takes_nobody_on(
    agents: list[frozenset[TeamId]], before: list[TeamId], team: TeamId
) -> None:
    left = AgentsLeft(agents)
    for person in before:
        left.take(person)
    room = left.room(team, 9)
    assert room == left.room(team, 9)
    assert [True] * room + [False] == [left.take(team) for _ in range(room + 1)]


@given(
    free=st.lists(st.just(frozenset({"b"})), max_size=4),
    waiting=st.integers(0, 5),
)
def test_people_of_one_team_never_wait_for_those_of_another(
    free: list[frozenset[TeamId]], waiting: int
) -> None:
    left = AgentsLeft(free)
    assert not any(left.take("a") for _ in range(waiting))
    assert left.room("b", 9) == len(free)


def members(weights: dict[str, dict[str, float]]) -> TeamMembers:
    return TeamMembers(weights=weights)


@pytest.mark.parametrize(
    ("weights", "asking", "seats"),
    [
        ({}, [None], {None: 4}),
        ({"a": {"1": 1, "2": 1}}, ["a"], {"a": 2}),  # the others have no seat: nobody asks for them
        ({"a": {"1": 1, "2": 1}}, ["a", None], {"a": 1, None: 3}),
        ({"a": dict.fromkeys("1234", 3.0), "b": dict.fromkeys("1234", 1.0)}, ["a", "b"], {"a": 3, "b": 1}),
        ({"a": dict.fromkeys("1234", 1.0), "b": {"4": 1}}, ["a", "b"], {"a": 3, "b": 1}),
        ({"a": {"1": 1}, "b": {"2": 1}}, [], {}),
    ],
)
def test_seats_follow_the_weights(
    weights: dict[str, dict[str, float]], asking: list[TeamId], seats: dict[TeamId, int]
) -> None:
    found = TeamSeats().seat("1234", members(weights), asking, {})
    assert seats == {team: count for team, count in Counter(found.values()).items() if count}


@given(
    weights=st.dictionaries(
        st.sampled_from("abc"), st.dictionaries(st.sampled_from("12345"), st.floats(0.2, 5)), max_size=3
    ),
    asking=st.lists(TEAMS, unique=True),
    talks=st.lists(st.tuples(st.sampled_from("12345"), TEAMS), max_size=20),
    kept=st.dictionaries(st.sampled_from("12345"), TEAMS, max_size=2),
)
def test_whoever_has_a_seat_serves_that_team_and_who_is_kept_sits_where_kept(
    weights: dict[str, dict[str, float]],
    asking: list[TeamId],
    talks: list[tuple[str, TeamId]],
    kept: dict[str, TeamId],
) -> None:
    who, seats = members(weights), TeamSeats()
    for agent, team in talks:
        seats.talked(agent, team)
    found = seats.seat("12345", who, asking, kept)
    for agent in "12345":
        if agent in kept:
            assert found[agent] == kept[agent]
        elif agent in found:
            assert found[agent] in asking
            assert who.serves(agent, found[agent])
        else:
            assert not who.served_by(agent, asking)


@pytest.mark.parametrize(("weight", "share"), [(1.0, 0.5), (3.0, 0.75), (9.0, 0.9)])
def test_over_a_day_a_shared_agent_has_the_calls_that_the_weights_say(weight: float, share: float) -> None:
    who = members({"a": {"1": weight}, "b": {"1": 1.0}})
    seats, calls = TeamSeats(), Counter[TeamId]()
    for _ in range(200):
        team = seats.seat(["1"], who, ["a", "b"], {})["1"]
        seats.talked("1", team)
        calls[team] += 1
    assert calls["a"] / 200 == pytest.approx(share, abs=0.03)


def test_a_seat_stays_while_nothing_happens() -> None:
    who = members({"a": dict.fromkeys("1234567", 2.0), "b": dict.fromkeys("4567", 1.0)})
    seats = TeamSeats()
    looks = [seats.seat("1234567", who, ["a", "b"], {}) for _ in range(4)]
    assert all(before == after for before, after in pairwise(looks))


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [("a", "b", True), ("a", "c", False), ("a", None, True), (None, None, True), ("a", "a", True)],
)
def test_teams_share_agents_where_somebody_serves_both(one: TeamId, other: TeamId, *, shared: bool) -> None:
    who = members({"a": {"1": 1}, "b": {"1": 1, "2": 1}, "c": {"3": 1}})
    assert who.share_agents(one, other) is who.share_agents(other, one) is shared
