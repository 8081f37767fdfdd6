"""The dashboard says plainly how far its figures can be trusted."""

from typing import Any

import pytest

from dialer.core.dashboard.engine_state import SILENT_AFTER_S, EngineHeard, judge_engines
from dialer.core.dashboard.view import CallsOnDashboard, CampaignOnDashboard, EngineOnDashboard

SAID = EngineOnDashboard(
    engine="engine-1",
    link="ready",
    ready=True,
    calls_on_the_way=4,
    callers_waiting=1,
    sentence="3 free, 2 ringing: 1 more.",
    utilisation=0.75,
    campaigns=(CampaignOnDashboard(campaign=1, numbers={"price": 0.02}),),
)


def engine(*, pbx: str = "pbx", age_s: float = 0.5, **changes: Any) -> EngineHeard:
    return EngineHeard(pbx=pbx, age_s=age_s, said=SAID.model_copy(update=changes))


def calls(*, placed: int = 0, ringing: int = 0, answered: int = 0, connected: int = 0) -> CallsOnDashboard:
    return CallsOnDashboard(placed=placed, ringing=ringing, answered=answered, connected=connected)


def test_an_engine_that_speaks_over_a_ready_link_needs_no_banner() -> None:
    said = judge_engines([engine()], calls())

    assert ("up", None, 4) == (said.state, said.banner, said.in_air)
    assert said.reason == "3 free, 2 ringing: 1 more."
    assert said.campaigns == SAID.campaigns


@pytest.mark.parametrize("link", ["down", "connecting", "auth", "booting", "closed", "unknown", None])
def test_a_link_that_is_not_ready_raises_the_banner(link: str | None) -> None:
    said = judge_engines([engine(link=link)], calls())

    assert said.state == "down"
    assert (link or "unknown") in said.label
    assert said.banner is not None
    assert "no working link to pbx" in said.banner


def test_over_a_ready_link_whose_truth_was_not_read_yet_nobody_is_called() -> None:
    said = judge_engines([engine(ready=False)], calls())

    assert said.state == "asking"
    assert said.banner is not None
    assert "Nobody new is called until it knows" in said.banner


def test_silence_outranks_what_the_engine_said_last() -> None:
    said = judge_engines([engine(age_s=SILENT_AFTER_S + 1)], calls(ringing=2, answered=1, connected=5))

    assert said.state == "silent"
    assert said.banner is not None
    assert "has said nothing for 6 s" in said.banner
    assert said.in_air == 3  # as the database knows it: the engine's own figure is old


def test_no_engine_ever_says_what_to_start() -> None:
    said = judge_engines([], calls(placed=1))

    assert ("never", 1) == (said.state, said.in_air)
    assert said.banner is not None
    assert "winback engine" in said.banner


def test_the_worst_of_several_pbxs_is_shown_and_each_reason_is_named() -> None:
    said = judge_engines(
        [engine(pbx="north"), engine(pbx="south", link="down", sentence="Waiting.")], calls()
    )

    assert said.state == "down"
    assert said.banner is not None
    assert "south" in said.banner
    assert said.reason == "north: 3 free, 2 ringing: 1 more. south: Waiting."
    assert said.waiting_callers == 2


def test_what_one_of_several_engines_does_not_say_is_not_known_of_all() -> None:
    said = judge_engines(
        [engine(pbx="north"), engine(pbx="south", calls_on_the_way=None, callers_waiting=None)],
        calls(ringing=9),
    )

    assert (9, None) == (said.in_air, said.waiting_callers)


def test_an_engine_that_spoke_in_the_future_is_not_well() -> None:
    said = judge_engines([engine(age_s=-3563.0)], calls())

    assert ("silent", "clock set back") == (said.state, said.label)
    assert said.banner is not None
    assert "3563 s in the future" in said.banner


def test_a_clock_set_back_under_a_running_engine_is_said_while_calls_go_on() -> None:
    said = judge_engines([engine(clock_ahead_s=817.2)], calls())

    assert ("up", "clock set back") == (said.state, said.label)
    assert said.banner is not None
    assert "set back by 817 s" in said.banner
