"""Campaigns of two teams: customers reach their team's agents, and a reserved campaign abandons nobody."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from acceptance.stage import Stage, busy_world

from dialer.bootstrap import pbx_fault
from dialer.core.organisation.entries import StaffTeam
from dialer.services.organisation.setup import apply_setup
from telephony.numbers import fictional_numbers

OpenStage = Callable[..., Stage]

LIST = 120  # of each campaign: more than are rung while the test looks
CONNECTED = 12  # by both campaigns together
NORTH = StaffTeam(id="north", agents=("a1", "a2", "a3"))
SOUTH = StaffTeam(id="south", agents=("a3", "a4", "a5", "a6"))


def set_up(stage: Stage, *teams: StaffTeam) -> None:
    apply_setup(
        stage.database,
        stage.settings,
        lambda there: there.model_copy(update={"teams": teams}),
        now=stage.clock(),
        actor="test",
        pbx_fault=pbx_fault,
    )


def talked(stage: Stage) -> list[dict[str, Any]]:
    return stage.rows(
        "SELECT campaign.name AS campaign, attempt.agent AS agent, attempt.abandoned AS abandoned, "
        "attempt.queue AS queue FROM attempt JOIN campaign ON campaign.id = attempt.campaign_id "
        "WHERE attempt.connected_at IS NOT NULL OR attempt.abandoned"
    )


def test_each_call_reaches_its_own_team_and_the_reserved_campaign_abandons_nobody(
    open_stage: OpenStage,
) -> None:
    queues = {f"team_{team.id}": team.agents for team in (NORTH, SOUTH)}
    stage = open_stage(busy_world(agents=6, talk_s=1.5, team_queues=queues))
    set_up(stage, NORTH, SOUTH)
    numbers = tuple(number.e164 for number in fictional_numbers(LIST))
    stage.campaign(LIST, numbers=numbers, team="north", mode="reserved")
    stage.campaign(LIST, numbers=numbers, name="spring", team="south", mode="predictive")
    stage.staff()
    stage.start_engine()

    def enough() -> bool:
        by = Counter(row["campaign"] for row in talked(stage) if row["agent"])
        return by["winter"] >= CONNECTED / 3 and by["spring"] >= CONNECTED / 3 and by.total() >= CONNECTED

    stage.wait(enough, "both teams talk with customers of theirs", within_s=240.0)

    calls = talked(stage)
    teams = {"winter": NORTH, "spring": SOUTH}
    assert [] == [row for row in calls if row["agent"] and row["agent"] not in teams[row["campaign"]].agents]
    # each call of the reserved campaign had an agent whom nobody else could take
    assert {"desk"} == {row["queue"].partition("_")[0] for row in calls if row["campaign"] == "winter"}
    assert {"team_south"} == {row["queue"] for row in calls if row["campaign"] == "spring"}
    assert [] == [row for row in calls if row["campaign"] == "winter" and row["abandoned"]]


def test_who_joins_a_team_while_at_work_is_called_for_it_without_a_restart(open_stage: OpenStage) -> None:
    stage = open_stage(busy_world(agents=2, talk_s=1.0, team_queues={"team_north": ("a2",)}))
    set_up(stage, StaffTeam(id="north"))
    stage.campaign(LIST, team="north")
    stage.staff()
    engine = stage.start_engine()
    stage.wait_leading(engine)
    assert [] == stage.attempts()  # a team of nobody calls nobody

    set_up(stage, StaffTeam(id="north", agents=("a2",)))
    stage.wait(lambda: [row for row in talked(stage) if row["agent"]], "the new member talks", within_s=120.0)

    assert {"a2"} == {row["agent"] for row in talked(stage) if row["agent"]}
    assert [engine] == stage.engines
