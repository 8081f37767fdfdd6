"""Teams as a file declares them: what has to be done is told before it is done, and nothing more is."""

from dialer.core.organisation.declared_teams import DeclaredTeam, TeamAct, team_changes, unknown_agents

NORTH = DeclaredTeam(id="north", name="North", agents=frozenset({"amira", "ben"}))
SOUTH = DeclaredTeam(id="south")


def test_teams_that_are_as_declared_are_left_alone() -> None:
    assert () == team_changes([NORTH, SOUTH], [SOUTH, NORTH])


def test_a_new_team_is_added_with_its_agents_and_one_that_is_no_longer_declared_is_removed() -> None:
    removed, added = team_changes([SOUTH], [NORTH])[::-1]

    assert (TeamAct.ADDED, NORTH, "team north is added with amira, ben") == (
        added.act,
        added.team,
        added.words,
    )
    assert (TeamAct.REMOVED, SOUTH, "team south is removed") == (removed.act, removed.team, removed.words)


def test_a_team_of_nobody_says_so() -> None:
    (added,) = team_changes([], [SOUTH])

    assert "team south is added with nobody" == added.words


def test_who_joins_and_leaves_and_a_new_name_are_said_in_one_line() -> None:
    after = DeclaredTeam(id="north", agents=frozenset({"ben", "carla"}))

    (changed,) = team_changes([NORTH], [after])

    assert TeamAct.CHANGED is changed.act
    assert "team north: carla joins, amira leaves, it is called north" == changed.words


def test_an_agent_whom_nobody_knows_is_named_once() -> None:
    wanted = [NORTH, DeclaredTeam(id="south", agents=frozenset({"benn", "ben"}))]

    assert ("benn",) == unknown_agents(wanted, {"amira": None, "ben": None})
