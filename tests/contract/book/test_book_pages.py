"""What the pages read: agents as last seen, the customer before them, the house at a glance."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from books.world import MONDAY, PBX, World, number

from dialer.core.agent import AgentState
from dialer.core.compliance.verdict import refuse
from dialer.core.disposition import Disposition
from dialer.core.leave import Leave, LeaveKind
from dialer.services.agents import AgentSeen, Wish, agent_card, list_agents, save_agents, take_wishes, wish
from dialer.services.dispositions import record_disposition
from dialer.services.leaves import leave_carried_out, plan_leave
from dialer.services.live import live_view, save_view
from dialer.services.previews import ask_for_call, end_preview, show_preview, skip_preview
from telephony.calls.events import Outcome

LUNCH = Leave(at=MONDAY, kind=LeaveKind.PAUSE, reason="lunch")


def seen(agent: str, state: AgentState, *, attempt: str | None = None) -> AgentSeen:
    return AgentSeen(
        id=agent, name=agent.title(), interface=f"Local/{agent}@agents/n", state=state, reason="",
        since=MONDAY, attempt=attempt,
    )  # fmt: skip


def test_agents_are_mirrored_and_those_gone_are_offline(world: World) -> None:
    both = [seen("anna", AgentState.READY), seen("bo", AgentState.PAUSED)]
    save_agents(world.book, PBX, both, world.now)
    listed = list_agents(world.book, world.now)
    assert [(agent.id, agent.state, agent.since) for agent in both] == [
        (agent.id, agent.state, agent.since) for agent in listed
    ]

    save_agents(world.book, PBX, [seen("anna", AgentState.TALKING)], world.later(minutes=1))
    assert [AgentState.TALKING, AgentState.OFFLINE] == [
        agent.state for agent in list_agents(world.book, world.now)
    ]
    assert world.now == list_agents(world.book, world.now)[1].since


def test_agents_of_another_pbx_are_left_alone(world: World) -> None:
    save_agents(world.book, "east", [seen("anna", AgentState.READY)], world.now)
    save_agents(world.book, "west", [seen("bo", AgentState.READY)], world.now)

    assert [AgentState.READY] * 2 == [agent.state for agent in list_agents(world.book, world.now)]


def test_a_wish_is_taken_once_and_by_its_own_pbx(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY)], world.now)

    assert not wish(world.book, "nobody", "resume", world.now)
    assert wish(world.book, "anna", "resume", world.now)
    assert wish(world.book, "anna", "longer", world.now)
    assert () == take_wishes(world.book, "another")[0]
    assert (Wish(agent="anna", wish="longer"),) == take_wishes(world.book, PBX)[0]
    assert () == take_wishes(world.book, PBX)[0]


def test_a_wish_and_a_leave_outlive_the_next_look_at_the_agent(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY)], world.now)
    wish(world.book, "anna", "longer", world.now)
    plan_leave(world.book, "anna", LUNCH)
    save_agents(world.book, PBX, [seen("anna", AgentState.TALKING)], world.now)

    card = agent_card(world.book, "anna", world.now)
    assert card is not None
    assert ("longer", LUNCH, AgentState.TALKING) == (card.wish, card.leave, card.state)


def test_a_leave_is_read_by_its_own_pbx_until_it_is_carried_out(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY)], world.now)
    later = Leave(at=MONDAY + timedelta(hours=3), kind=LeaveKind.LOG_OUT)

    assert not plan_leave(world.book, "nobody", LUNCH)
    assert plan_leave(world.book, "anna", LUNCH)
    assert {} == take_wishes(world.book, "another")[1]
    assert {"anna": LUNCH} == take_wishes(world.book, PBX)[1]
    assert plan_leave(world.book, "anna", later)
    leave_carried_out(world.book, "anna", LUNCH)  # the one that was replaced
    assert {"anna": later} == take_wishes(world.book, PBX)[1]
    leave_carried_out(world.book, "anna", later)
    assert {} == take_wishes(world.book, PBX)[1]


@pytest.mark.parametrize(("at", "stays"), [(MONDAY, False), (MONDAY + timedelta(hours=1), True)])
def test_who_goes_on_takes_back_a_leave_that_is_due_and_no_other(
    world: World, at: datetime, *, stays: bool
) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.TALKING)], world.now)
    plan_leave(world.book, "anna", replace(LUNCH, at=at))
    wish(world.book, "anna", "resume", world.now)

    assert stays is bool(take_wishes(world.book, PBX)[1])


def test_a_lead_is_previewed_by_one_agent_at_a_time(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY), seen("bo", AgentState.READY)], world.now)
    world.customers(2)
    world.campaign(mode="preview")
    first, second = (lead.lead for lead in world.work()[1])
    until = world.now + timedelta(minutes=2)

    assert show_preview(world.book, "anna", first, world.now, until)
    assert [second] == [lead.lead for lead in world.work()[1]]
    assert not show_preview(world.book, "bo", first, world.now, until)
    assert not show_preview(world.book, "anna", second, world.now, until)
    assert not ask_for_call(world.book, "bo", first)
    assert not skip_preview(world.book, "anna", second, "not now", world.now)
    assert skip_preview(world.book, "anna", first, "not now", world.now)
    assert [second] == [lead.lead for lead in world.work()[1]]


def test_a_refused_preview_is_given_back_and_the_agent_told_why(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY)], world.now)
    world.customers(1)
    world.campaign(mode="preview")
    (lead,) = (lead.lead for lead in world.work()[1])
    assert show_preview(world.book, "anna", lead, world.now, world.now + timedelta(minutes=2))
    end_preview(world.book, "anna", lead, refuse("hours.closed"))

    card = agent_card(world.book, "anna", world.now)
    assert card is not None
    assert card.preview is None
    assert "not placed" in card.told
    assert 1 == len(world.work()[1])


def test_an_agent_sees_the_customer_and_why_this_call(world: World) -> None:
    world.customers(1, name="Ada", zone="Europe/Oslo")
    world.campaign(script="Ask first.", offer="Two months free.")
    order = world.dial()
    world.connect(order)
    save_agents(world.book, PBX, [seen("anna", AgentState.TALKING, attempt=order.attempt)], world.now)

    card = agent_card(world.book, "anna", world.now)
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


def test_the_disposition_stays_due_through_wrap_up_until_it_is_in(world: World) -> None:
    world.promise()
    order = world.dial()
    world.talk(order)
    save_agents(world.book, PBX, [seen("anna", AgentState.WRAPPING_UP, attempt=order.attempt)], world.now)
    save_agents(world.book, PBX, [seen("anna", AgentState.WRAPPING_UP)], world.now)
    card = agent_card(world.book, "anna", world.now)
    assert card is not None
    assert card.call is not None
    assert card.call.disposition_due
    assert "promise" == card.call.purpose
    assert MONDAY == card.call.waited_since

    record_disposition(world.book, "anna", order.attempt, Disposition.SERVED, "", None, world.now)
    card = agent_card(world.book, "anna", world.now)
    assert card is not None
    assert card.call is not None
    assert not card.call.disposition_due
    assert Disposition.SERVED is card.call.disposition


def test_an_agent_never_seen_has_no_card(world: World) -> None:
    assert agent_card(world.book, "nobody", world.now) is None


def test_an_agent_without_a_call_has_a_card_without_a_customer(world: World) -> None:
    save_agents(world.book, PBX, [seen("anna", AgentState.READY)], world.now)
    card = agent_card(world.book, "anna", world.now)

    assert card is not None
    assert card.call is None
    assert card.customer is None


def test_the_live_page_is_one_plain_value(world: World) -> None:
    world.customers(6)
    world.campaign()
    save_agents(world.book, PBX, [seen("anna", AgentState.TALKING), seen("bo", AgentState.READY)], world.now)
    world.promise(800)
    orders = [world.dial(work) for work in world.work()[1][:5]]
    world.connect(orders[0])
    world.talk(orders[1])
    for order, outcome in zip(orders[2:4], (Outcome.ABANDONED, Outcome.MACHINE), strict=True):
        world.answer(order)
        world.finish(order, outcome)
    save_view(world.book, PBX, {"utilisation": 0.7}, world.now)
    world.later(seconds=3)
    view = live_view(world.book, world.now)

    assert view == json.loads(json.dumps(view))
    assert (1, 1) == (view["agents_by_state"]["talking"], view["agents_by_state"]["ready"])
    assert {"intent": 0, "sent": 0, "dialling": 1, "answered": 0, "connected": 1} == view["calls"]
    today = view["today"]
    assert (5, 3, 2, 1, 3) == (
        today["attempts"], today["answered"], today["connected"], today["abandoned"], today["denominator"],
    )  # fmt: skip
    assert 1 / 3 == today["abandonment"]
    assert (1, 1, 0) == (view["promises"]["made"], view["promises"]["open"], view["promises"]["error"])
    assert ["anna", "bo"] == [agent["id"] for agent in view["agents"]]
    assert [(PBX, 3.0, {"utilisation": 0.7})] == [
        (engine["pbx"], engine["age_s"], engine["body"]) for engine in view["engines"]
    ]
    assert (1, 2, 3) == (view["list"]["done"], view["list"]["calling"], view["list"]["listed"])
    assert number(800) not in json.dumps(view)


def test_the_live_page_of_an_empty_house_divides_by_nothing(world: World) -> None:
    view = live_view(world.book, world.now)

    assert view["today"]["abandonment"] is None
    assert 0 == view["promises"]["error"]


def test_yesterdays_calls_are_not_todays(world: World) -> None:
    world.customers(1)
    world.campaign()
    world.talk(world.dial())

    assert 0 == live_view(world.book, world.now + timedelta(days=1))["today"]["attempts"]


def test_a_newer_view_of_the_engine_replaces_the_older(world: World) -> None:
    save_view(world.book, PBX, {"n": 1}, world.now)
    save_view(world.book, PBX, {"n": 2}, world.later(seconds=1))

    assert [{"n": 2}] == [engine["body"] for engine in live_view(world.book, world.now)["engines"]]
