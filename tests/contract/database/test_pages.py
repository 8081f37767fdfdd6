"""What the pages read: agents as last seen, the customer before them, the centre at a glance."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number
from sqlalchemy import text

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.dashboard.standing import LimitStanding
from dialer.core.dashboard.view import (
    CallsOnDashboard,
    Dashboard,
    EngineOnDashboard,
    TodayOnDashboard,
)
from dialer.services.agents.agents import (
    AgentSeen,
    AgentWish,
    agent_card,
    list_agents,
    save_agents,
    wish,
)
from dialer.services.agents.contacts import agent_words
from dialer.services.agents.dispositions import record_disposition
from dialer.services.agents.leaves import leave_carried_out, plan_leave
from dialer.services.agents.previews import ask_for_call, end_preview, show_preview, skip_preview
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.dashboard.dashboard import read_dashboard, save_dashboard
from telephony.calls.events import Outcome

LUNCH = Leave(at=MONDAY, kind=LeaveKind.PAUSE, reason="lunch")


def seen(agent: str, state: AgentState, *, attempt: str | None = None) -> AgentSeen:
    return AgentSeen(
        id=agent, name=agent.title(), interface=f"Local/{agent}@winback-agents/n", state=state, reason="",
        since=MONDAY, attempt=attempt,
    )  # fmt: skip


def test_agents_are_mirrored_and_those_gone_are_offline(centre: Centre) -> None:
    both = [seen("anna", AgentState.READY), seen("bo", AgentState.PAUSED)]
    save_agents(centre.database, PBX, both, centre.now)
    listed = list_agents(centre.database, centre.now)
    assert [(agent.id, agent.state, agent.since) for agent in both] == [
        (agent.id, agent.state, agent.since) for agent in listed
    ]

    save_agents(centre.database, PBX, [seen("anna", AgentState.TALKING)], centre.later(minutes=1))
    assert [AgentState.TALKING, AgentState.OFFLINE] == [
        agent.state for agent in list_agents(centre.database, centre.now)
    ]
    assert centre.now == list_agents(centre.database, centre.now)[1].since


def test_agents_of_another_pbx_are_left_alone(centre: Centre) -> None:
    save_agents(centre.database, "east", [seen("anna", AgentState.READY)], centre.now)
    save_agents(centre.database, "west", [seen("bo", AgentState.READY)], centre.now)

    assert [AgentState.READY] * 2 == [agent.state for agent in list_agents(centre.database, centre.now)]


def test_a_wish_is_taken_once_and_by_its_own_pbx(centre: Centre) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.READY)], centre.now)

    assert not wish(centre.database, "nobody", "resume")
    assert wish(centre.database, "anna", "resume")
    assert wish(centre.database, "anna", "longer")
    assert () == said_by_agents(centre.database, "another").wishes
    assert (AgentWish(agent="anna", wish="longer"),) == said_by_agents(centre.database, PBX).wishes
    assert () == said_by_agents(centre.database, PBX).wishes


def test_a_wish_and_a_leave_outlive_the_next_look_at_the_agent(centre: Centre) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.READY)], centre.now)
    wish(centre.database, "anna", "longer")
    plan_leave(centre.database, "anna", LUNCH)
    save_agents(centre.database, PBX, [seen("anna", AgentState.TALKING)], centre.now)

    card = agent_card(centre.database, "anna")
    assert card is not None
    assert ("longer", LUNCH, AgentState.TALKING) == (card.wish, card.leave, card.state)


def test_a_leave_is_read_by_its_own_pbx_until_it_is_carried_out(centre: Centre) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.READY)], centre.now)
    later = Leave(at=MONDAY + timedelta(hours=3), kind=LeaveKind.LOG_OUT)

    assert not plan_leave(centre.database, "nobody", LUNCH)
    assert plan_leave(centre.database, "anna", LUNCH)
    assert {} == said_by_agents(centre.database, "another").leaves
    assert {"anna": LUNCH} == said_by_agents(centre.database, PBX).leaves
    assert plan_leave(centre.database, "anna", later)
    leave_carried_out(centre.database, "anna", LUNCH)  # the one that was replaced
    assert {"anna": later} == said_by_agents(centre.database, PBX).leaves
    leave_carried_out(centre.database, "anna", later)
    assert {} == said_by_agents(centre.database, PBX).leaves


@pytest.mark.parametrize("at", [MONDAY, MONDAY + timedelta(hours=1)])
def test_who_goes_on_after_a_caller_keeps_the_break_that_is_planned(centre: Centre, at: datetime) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.TALKING)], centre.now)
    planned = replace(LUNCH, at=at)
    plan_leave(centre.database, "anna", planned)
    wish(centre.database, "anna", "resume")

    assert {"anna": planned} == said_by_agents(centre.database, PBX).leaves


def test_a_lead_is_previewed_by_one_agent_at_a_time(centre: Centre) -> None:
    save_agents(
        centre.database, PBX, [seen("anna", AgentState.READY), seen("bo", AgentState.READY)], centre.now
    )
    centre.customers(2)
    centre.campaign(mode="preview")
    first, second = (lead.lead for lead in centre.work()[1])
    until = centre.now + timedelta(minutes=2)

    assert show_preview(centre.database, "anna", first, centre.now, until)
    assert [second] == [lead.lead for lead in centre.work()[1]]
    assert not show_preview(centre.database, "bo", first, centre.now, until)
    assert not show_preview(centre.database, "anna", second, centre.now, until)
    assert not ask_for_call(centre.database, "bo", first)
    assert not skip_preview(centre.database, "anna", second, "not now", centre.now)
    assert skip_preview(centre.database, "anna", first, "not now", centre.now)
    assert [second] == [lead.lead for lead in centre.work()[1]]


def test_a_refused_preview_is_given_back_and_the_agent_told_why(centre: Centre) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.READY)], centre.now)
    centre.customers(1)
    centre.campaign(mode="preview")
    (lead,) = (lead.lead for lead in centre.work()[1])
    assert show_preview(centre.database, "anna", lead, centre.now, centre.now + timedelta(minutes=2))
    end_preview(centre.database, "anna", lead, Refusal(rule=Rule.HOURS_CLOSED))

    card = agent_card(centre.database, "anna")
    assert card is not None
    assert card.preview is None
    assert "not placed" in card.told
    assert 1 == len(centre.work()[1])


def test_an_agent_sees_the_customer_and_why_this_call(centre: Centre) -> None:
    centre.customers(1, name="Ada", zone="Europe/Oslo")
    centre.campaign(script="Ask first.", offer="Two months free.")
    order = centre.dial()
    centre.connect(order)
    save_agents(centre.database, PBX, [seen("anna", AgentState.TALKING, attempt=order.attempt)], centre.now)

    card = agent_card(centre.database, "anna")
    assert card is not None
    assert card.call is not None
    assert card.customer is not None
    assert ("winter", "Ask first.", "Two months free.", "lead") == (
        card.call.campaign, card.call.script, card.call.offer, card.call.purpose,
    )  # fmt: skip
    assert ("Ada", {"plan": "gold"}) == (card.customer.name, card.customer.attributes)
    assert ("Europe/Oslo",) == card.call.zones
    assert card.call.disposition_due
    assert number(0) not in repr(card)


def test_the_disposition_stays_due_through_wrap_up_until_it_is_in(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.talk(order)
    save_agents(
        centre.database, PBX, [seen("anna", AgentState.WRAPPING_UP, attempt=order.attempt)], centre.now
    )
    save_agents(
        centre.database, PBX, [seen("anna", AgentState.WRAPPING_UP, attempt=order.attempt)], centre.now
    )
    card = agent_card(centre.database, "anna")
    assert card is not None
    assert card.call is not None
    assert card.call.disposition_due
    assert "promise" == card.call.purpose
    assert MONDAY == card.call.waited_since

    record_disposition(centre.database, "anna", order.attempt, Disposition.SERVED, "", None, centre.now)
    card = agent_card(centre.database, "anna")
    assert card is not None
    assert card.call is not None
    assert not card.call.disposition_due
    assert Disposition.SERVED is card.call.disposition


@pytest.mark.parametrize("state", [state for state in AgentState if state is not AgentState.READY])
def test_a_live_caller_a_break_or_an_end_of_work_leaves_no_customer_on_the_card_and_loses_no_word(
    centre: Centre, state: AgentState
) -> None:
    centre.promise()
    order = centre.dial()
    centre.talk(order)
    save_agents(
        centre.database, PBX, [seen("anna", AgentState.WRAPPING_UP, attempt=order.attempt)], centre.now
    )
    save_agents(centre.database, PBX, [seen("anna", state)], centre.now)

    card = agent_card(centre.database, "anna")
    assert card is not None
    assert (None, None) == (card.call, card.customer)
    assert [order.attempt] == [talk.attempt for talk in agent_words(centre.database, "anna", centre.now).due]


def test_an_agent_never_seen_has_no_card(centre: Centre) -> None:
    assert agent_card(centre.database, "nobody") is None


def test_an_agent_without_a_call_has_a_card_without_a_customer(centre: Centre) -> None:
    save_agents(centre.database, PBX, [seen("anna", AgentState.READY)], centre.now)
    card = agent_card(centre.database, "anna")

    assert card is not None
    assert card.call is None
    assert card.customer is None


def test_the_dashboard_is_one_value_and_is_the_same_when_read_back_from_json(centre: Centre) -> None:
    centre.customers(6)
    centre.campaign()
    save_agents(
        centre.database, PBX, [seen("anna", AgentState.TALKING), seen("bo", AgentState.READY)], centre.now
    )
    centre.promise(800)
    orders = [centre.dial(work) for work in centre.work()[1][:5]]
    centre.connect(orders[0])
    centre.talk(orders[1])
    for order, outcome in zip(orders[2:4], (Outcome.ABANDONED, Outcome.MACHINE), strict=True):
        centre.answer(order)
        centre.finish(order, outcome)
    said = EngineOnDashboard(link="ready", utilisation=0.7)
    save_dashboard(centre.database, PBX, said, centre.now)
    centre.later(seconds=3)
    dashboard = read_dashboard(centre.database, centre.now)

    assert dashboard == Dashboard.model_validate_json(dashboard.model_dump_json())
    states = dashboard.agents_by_state
    assert (1, 1) == (states[AgentState.TALKING], states[AgentState.READY])
    assert CallsOnDashboard(placed=0, ringing=1, answered=0, connected=1) == dashboard.calls
    assert dashboard.today == TodayOnDashboard(
        attempts=5,
        rung=5,
        answered=3,
        connected=2,
        abandoned=1,
        denominator=3,
        abandonment=1 / 3,
        standing=LimitStanding.OVER,
    )
    promises = dashboard.promises
    assert (1, 1, 0) == (promises.made, promises.open, promises.error)
    assert (0, 0) == (promises.stuck, promises.overtaken)
    assert ["anna", "bo"] == [agent.id for agent in dashboard.agents]
    assert ("up", 3.0, 0.7) == (
        dashboard.engine.state,
        dashboard.engine.age_s,
        dashboard.engine.utilisation,
    )
    counts = dashboard.list.counts
    assert (1, 2, 3) == (counts[LeadState.DONE], counts[LeadState.CALLING], counts[LeadState.LISTED])
    assert number(800) not in dashboard.model_dump_json()


def test_the_dashboard_of_an_empty_centre_divides_by_nothing(centre: Centre) -> None:
    dashboard = read_dashboard(centre.database, centre.now)

    assert dashboard.today.abandonment is None
    assert 0 == dashboard.promises.error


def test_yesterdays_calls_are_not_todays(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    centre.talk(centre.dial())

    assert 0 == read_dashboard(centre.database, centre.now + timedelta(days=1)).today.attempts


def test_a_newer_dashboard_of_the_engine_replaces_the_older(centre: Centre) -> None:
    save_dashboard(centre.database, PBX, EngineOnDashboard(link="ready", sentence="One."), centre.now)
    save_dashboard(
        centre.database, PBX, EngineOnDashboard(link="ready", sentence="Two."), centre.later(seconds=1)
    )

    assert "Two." == read_dashboard(centre.database, centre.now).engine.reason


def test_the_dashboard_shows_what_an_engine_of_an_older_version_said(centre: Centre) -> None:
    """Figures that have another name now, or another shape, are unknown; the rest is read."""
    save_dashboard(centre.database, PBX, EngineOnDashboard(), centre.now)
    older = {"link": "ready", "waiting_callers": [{"number": None}], "sentence": "Old.", "utilisation": "?"}
    with centre.database.write() as tx:
        tx.execute(text("UPDATE engine_dashboard SET body = :body"), {"body": json.dumps(older)})

    engine = read_dashboard(centre.database, centre.now).engine

    assert ("up", "Old.", None, None, 0) == (
        engine.state,
        engine.reason,
        engine.waiting_callers,
        engine.utilisation,
        engine.in_air,
    )
