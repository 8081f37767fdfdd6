"""The database hears of an agent when something changed, and of all of them now and then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialer.core.agents.state import AgentState
from dialer.engine.agent_mirror import ALL_EVERY, AgentMirror
from dialer.services.agents.agents import AgentSeen

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANNA, BEN = (
    AgentSeen(id=name, name=name, interface=f"PJSIP/{name}", state=state, reason="", since=NOW)
    for name, state in (("anna", AgentState.READY), ("ben", AgentState.OFFLINE))
)


def after_the_first_look() -> AgentMirror:
    mirror = AgentMirror()
    assert mirror.changed([ANNA, BEN], NOW) is None
    mirror.kept([ANNA, BEN], NOW, everybody=True)
    return mirror


def test_who_changed_is_written_once_and_time_that_passes_is_no_change() -> None:
    mirror, later = after_the_first_look(), NOW + timedelta(seconds=1)
    talks, still_away = replace(ANNA, state=AgentState.TALKING), replace(BEN, since=later)

    assert [talks] == mirror.changed([talks, still_away], later)
    mirror.kept([talks], later, everybody=False)
    assert [] == mirror.changed([talks, still_away], later)


def test_what_could_not_be_written_is_written_by_the_next_look() -> None:
    mirror = after_the_first_look()
    comes = replace(BEN, state=AgentState.READY)

    assert [comes] == mirror.changed([ANNA, comes], NOW)
    assert [comes] == mirror.changed([ANNA, comes], NOW)


def test_everybody_is_written_anew_where_somebody_is_new_or_gone_and_every_few_seconds() -> None:
    mirror = after_the_first_look()

    assert mirror.changed([ANNA], NOW) is None
    assert mirror.changed([ANNA, BEN, replace(BEN, id="cleo")], NOW) is None
    assert mirror.changed([ANNA, BEN], NOW + ALL_EVERY) is None
