"""The floor: who needs somebody first, how near each is to a limit, and that only changes are sent on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dialer.core.agents.state import AgentState
from dialer.core.dashboard.floor import (
    Floor,
    FloorFacts,
    FloorLimits,
    Level,
    TeamCalls,
    changes_between,
    floor_of,
    within_reach,
)
from dialer.core.dashboard.view import AgentOnDashboard, OfferRequestOnDashboard
from dialer.core.retention.contact_reason import ContactReason

NOW = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)
LIMITS = FloorLimits(
    seconds={
        AgentState.READY: 180,
        AgentState.TALKING: 900,
        AgentState.WRAPPING_UP: 90,
        AgentState.PAUSED: 1800,
    },
    wait_s=300,
    words_due=1,
)
FACTS = FloorFacts(
    teams={"keep": "Keepers", "win": "Winners"},
    team_of={"anna": "keep", "ben": "win"},
    calls={"keep": TeamCalls(answered=100, abandoned=4, target=0.03)},
)


def agent(name: str, state: AgentState, seconds: float, **facts: Any) -> AgentOnDashboard:
    said = {"name": name.title(), "reason": "", "attempt": None, "machine_suspected": False, "missed": 0}
    return AgentOnDashboard(
        id=name,
        state=state,
        since=NOW - timedelta(seconds=seconds),
        mark=f"{state} {seconds}",
        **said | facts,
    )


def look(*agents: AgentOnDashboard, facts: FloorFacts = FACTS, **more: Any) -> Floor:
    return floor_of(agents, more.get("requests", ()), facts, LIMITS, NOW, engine="up", label="engine up")


def kinds(floor: Floor) -> list[tuple[str, str]]:
    return [(need.kind.value, need.agent) for need in floor.needs]


def test_the_most_pressing_need_is_first_whoever_has_it() -> None:
    asked = OfferRequestOnDashboard(
        given=1,
        agent="cleo",
        agent_name="Cleo",
        offer="Half price",
        cost=40.0,
        reason=ContactReason.PRICE,
        why="",
        customer="Maria",
        asked_at=NOW,
    )
    floor = look(
        agent("anna", AgentState.READY, 200),
        agent("ben", AgentState.WRAPPING_UP, 120),
        agent("cleo", AgentState.TALKING, 30),
        agent("dora", AgentState.PAUSED, 5, reason="did_not_answer", missed=2),
        agent("emil", AgentState.TALKING, 1000),
        facts=replace(
            FACTS,
            late_promises=[(7, "K7Q", NOW - timedelta(minutes=4))],
            words_due={"emil": (2, NOW - timedelta(hours=1))},
        ),
        requests=[asked],
    )

    assert kinds(floor) == [
        ("offer", "cleo"),
        ("promise", ""),
        ("missed", "dora"),
        ("wrap_up", "ben"),
        ("words", "emil"),
        ("talk", "emil"),
        ("ready", "anna"),
    ]


def test_callers_who_wait_for_long_are_said_in_words_from_near_the_limit_on() -> None:
    waits = [("quick", 1, 200), ("support", 1, 250), ("sales", 3, 301)]
    waiting = [(queue, callers, NOW - timedelta(seconds=seconds)) for queue, callers, seconds in waits]

    floor = look(facts=replace(FACTS, waiting=waiting))

    assert [need.words for need in floor.needs] == [
        "3 callers wait in sales, over the limit",
        "A caller waits in support, near the limit",
    ]


def test_a_state_is_fine_then_near_then_over_its_limit() -> None:
    levels = [
        look(agent("anna", AgentState.WRAPPING_UP, seconds)).squares[0].level for seconds in (60, 80, 91)
    ]

    assert levels == [Level.FINE, Level.NEAR, Level.OVER]
    assert look(agent("anna", AgentState.OFFLINE, 90_000)).squares[0].level is Level.FINE


def test_the_word_of_the_wrap_up_at_hand_is_not_due_yet() -> None:
    facts = replace(FACTS, words_due={"anna": (1, NOW)})

    assert kinds(look(agent("anna", AgentState.WRAPPING_UP, 10), facts=facts)) == []
    assert kinds(look(agent("anna", AgentState.READY, 10), facts=facts)) == [("words", "anna")]


def test_abandonment_over_what_a_team_aims_at_is_said_in_its_line() -> None:
    keepers, winners, nobody = look(
        agent("anna", AgentState.TALKING, 5),
        agent("ben", AgentState.READY, 5),
        agent("cleo", AgentState.OFFLINE, 5),
    ).teams

    assert (keepers.share, keepers.level, keepers.talking) == (0.04, Level.OVER, 1)
    assert (winners.share, winners.level, winners.ready) == (None, Level.FINE, 1)
    assert (nobody.name, nobody.at_work) == ("No team", 0)


def test_only_what_changed_is_sent_and_everything_to_who_knows_nothing() -> None:
    before = look(
        agent("anna", AgentState.TALKING, 5),
        agent("ben", AgentState.READY, 5),
        agent("cleo", AgentState.READY, 1),
    )
    after = look(agent("anna", AgentState.TALKING, 5), agent("ben", AgentState.TALKING, 0))

    sent = changes_between(before, after, NOW)
    assert ([each.id for each in sent.squares], sent.gone, sent.needs, sent.whole) == (
        ["ben"],
        ("cleo",),
        None,
        False,
    )
    assert sent.teams is not None
    nothing = changes_between(after, after, NOW)
    assert nothing.model_dump_json(exclude_defaults=True) == (
        f'{{"now":{int(NOW.timestamp())},"engine":"up","label":"engine up"}}'
    )
    assert changes_between(None, after, NOW).whole


def test_who_is_for_one_team_sees_that_team_and_late_promises() -> None:
    floor = look(
        agent("anna", AgentState.READY, 500),
        agent("ben", AgentState.READY, 500),
        facts=replace(FACTS, late_promises=[(7, "K7Q", NOW)]),
    )
    seen = within_reach(floor, frozenset({"anna"}), frozenset({"keep"}))

    assert [each.id for each in seen.squares] == ["anna"]
    assert kinds(seen) == [("promise", ""), ("ready", "anna")]
    assert [each.id for each in seen.teams] == ["keep"]
