"""The floor takes what the PBX says, and lets the centre decide only what is legal."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.agents.floor import FloorState
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import DID_NOT_ANSWER, DID_NOT_START, RESERVED, WRAPPING_UP
from dialer.core.agents.on_floor import CallOnFloor, Return
from dialer.core.agents.pbx_commands import LogOut, Pause, Resume
from dialer.core.agents.state import AgentState
from dialer.settings import OWN_PAUSES
from telephony.calls.events import (
    AgentDidNotAnswer,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    Connected,
    Device,
    Finished,
    HandedOver,
    LiveChannel,
    MemberGone,
    MemberSeen,
    Outcome,
    PbxSnapshot,
    WaitingCaller,
)
from telephony.state_machine import IllegalTransition

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LINE = "Local/a1@winback-agents/n"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def member(
    queue: str,
    *,
    seconds: float = 0,
    device: Device = Device.FREE,
    paused: bool = False,
    reason: str = "",
    agent: str = "a1",
) -> MemberSeen:
    return MemberSeen(
        at=at(seconds),
        queue=queue,
        agent=agent,
        interface=f"Local/{agent}@winback-agents/n",
        device=device,
        paused=paused,
        reason=reason,
        in_call=False,
    )


def floor_with_agent(**kinds: object) -> FloorState:
    floor = FloorState(inbound="support")
    floor.see(member("support"))
    floor.see(member("outbound", **kinds))  # type: ignore[arg-type]
    return floor


def test_an_agent_who_handed_the_customer_over_wraps_up_while_the_call_goes_on():
    floor = floor_with_agent()
    floor.place(CallOnFloor(attempt="wb-1", placed_at=at(0)))
    floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.1))
    floor.see(member("outbound", seconds=6, paused=True, reason=WRAPPING_UP))
    assert state(floor) is AgentState.TALKING

    floor.see(HandedOver(at=at(65), attempt="wb-1", agent="a1", talk_s=60.0, to="900"))

    assert (state(floor), floor.agents["a1"].attempt) == (AgentState.WRAPPING_UP, "wb-1")
    floor.adopt(CallOnFloor(attempt="wb-2", placed_at=at(0), agent="a1", handed_over=True), at(70))
    assert state(floor) is AgentState.WRAPPING_UP


def test_a_live_callers_call_is_the_agents_until_the_wrap_up_is_over():
    floor = floor_with_agent()
    floor.see(CallerConnected(at=at(5), queue="support", caller="9.1", agent="a1"))
    floor.see(member("outbound", seconds=6, paused=True, reason=WRAPPING_UP))
    floor.see(CallerFinished(at=at(65), caller="9.1", agent="a1", talk_s=60.0))
    agent = floor.agents["a1"]
    assert (agent.state, agent.caller, agent.attempt) == (AgentState.WRAPPING_UP, "9.1", None)

    floor.free(agent, at(70), reserve=False)
    assert agent.caller is None


def snapshot(*members: MemberSeen) -> PbxSnapshot:
    return PbxSnapshot(taken_at=members[0].at, booted_at=NOON, members=members)


def state(floor: FloorState, agent: str = "a1") -> AgentState:
    return floor.agents[agent].state


def test_an_agent_seen_free_and_unpaused_is_ready():
    assert state(floor_with_agent()) is AgentState.READY


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (Device.UNAVAILABLE, AgentState.OFFLINE),
        (Device.UNKNOWN, AgentState.OFFLINE),
        (Device.IN_USE, AgentState.TALKING),
        (Device.RINGING, AgentState.RINGING),
    ],
)
def test_the_device_state_decides_before_any_pause(device: Device, expected: AgentState):
    assert state(floor_with_agent(device=device, paused=True, reason="lunch")) is expected


def test_a_pause_in_the_outbound_queue_is_a_pause_with_its_reason():
    floor = floor_with_agent(paused=True, reason="lunch")

    assert state(floor) is AgentState.PAUSED
    assert floor.agents["a1"].reason == "lunch"


def test_a_reserved_agent_is_paused_for_live_callers_only():
    floor = floor_with_agent()

    effects = floor.reserve(floor.agents["a1"], at(1))

    assert effects == (Pause(interface=LINE, reason=RESERVED, queue="support"),)
    assert state(floor) is AgentState.RESERVED


def test_a_status_from_before_the_pause_does_not_undo_a_reservation():
    floor = floor_with_agent()
    floor.reserve(floor.agents["a1"], at(1))

    floor.see(member("outbound", seconds=1.01))

    assert state(floor) is AgentState.RESERVED


def test_an_agent_who_talks_cannot_be_reserved_and_nothing_changes():
    floor = floor_with_agent(device=Device.IN_USE)

    with pytest.raises(IllegalTransition):
        floor.reserve(floor.agents["a1"], at(1))

    assert state(floor) is AgentState.TALKING


def test_an_agent_is_paused_for_wrap_up_from_the_bridge_on():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))

    effects = floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.4))

    assert effects == (Pause(interface=LINE, reason=WRAPPING_UP),)
    assert state(floor) is AgentState.TALKING
    assert floor.on_the_way() == []


def test_a_late_free_status_does_not_free_an_agent_who_talks():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))
    floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.4))

    floor.see(member("support", seconds=5.1))

    assert state(floor) is AgentState.TALKING


def test_after_the_call_the_agent_wraps_up_until_told_otherwise():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))
    floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.4))
    for queue in ("support", "outbound"):
        floor.see(member(queue, seconds=5.2, device=Device.IN_USE, paused=True, reason=WRAPPING_UP))
    floor.see(Finished(at=at(65), attempt="wb-1", outcome=Outcome.CONNECTED, talk_s=60, agent="a1"))
    for queue in ("support", "outbound"):
        floor.see(member(queue, seconds=65.1, paused=True, reason=WRAPPING_UP))

    assert state(floor) is AgentState.WRAPPING_UP
    assert floor.agents["a1"].attempt == "wb-1"
    assert floor.free(floor.agents["a1"], at(70), reserve=False) == (Resume(interface=LINE),)
    assert state(floor) is AgentState.READY


def test_an_agent_kept_for_a_promise_is_never_open_to_live_callers_in_between():
    floor = floor_with_agent(paused=True, reason=WRAPPING_UP)

    effects = floor.free(floor.agents["a1"], at(3), reserve=True)

    assert effects == (
        Pause(interface=LINE, reason=RESERVED, queue="support"),
        Resume(interface=LINE, queue="outbound"),
    )


def test_a_caller_who_leaves_for_the_dialogue_keeps_the_moment_of_joining():
    floor = floor_with_agent()
    floor.see(CallerJoined(at=at(0), queue="support", caller="c1", number="+441632960001", position=1))
    floor.see(CallerLeft(at=at(30), queue="support", caller="c1", abandoned=False))
    floor.see(CallerJoined(at=at(40), queue="support", caller="c1", number="+441632960001", position=1))

    assert floor.joined["c1"] == at(0)
    assert [(caller.caller, caller.joined_at) for caller in floor.waiting()] == [("c1", at(0))]


def test_a_caller_who_comes_back_stands_behind_those_who_joined_earlier_and_nobody_else():
    floor = floor_with_agent()
    for second, caller in enumerate(["c1", "c2", "c3", "c4"]):
        floor.see(
            CallerJoined(at=at(second), queue="support", caller=caller, number=None, position=second + 1)
        )
    floor.see(CallerLeft(at=at(10), queue="support", caller="c3", abandoned=False))
    assert floor.line.position("c3", floor.joined["c3"], "support") == 3

    floor.see(CallerConnected(at=at(20), queue="support", caller="c1", agent="a1"))

    assert floor.line.position("c3", floor.joined["c3"], "support") == 2


@pytest.mark.parametrize("reason", [RESERVED, WRAPPING_UP, "lunch"])
def test_a_pause_whose_reason_the_pbx_forgot_is_what_it_was_and_gets_its_reason_back(reason: str):
    floor = floor_with_agent()
    floor.see(member("support", seconds=1, paused=True, reason=reason))
    before = state(floor)

    floor.see(member("support", seconds=2, paused=True))
    effects = floor.take_snapshot(snapshot(member("support", seconds=3, paused=True)))

    assert state(floor) is before
    assert effects == (Pause(interface=LINE, reason=reason, queue="support"),)


def test_an_engine_that_begins_knows_why_those_are_paused_whose_reason_the_pbx_forgot():
    floor = FloorState(inbound="support", last_reasons={"a1": WRAPPING_UP})
    seen = [member(queue, paused=True) for queue in ("support", "outbound")]
    effects = floor.take_snapshot(snapshot(*seen))

    assert state(floor) is AgentState.WRAPPING_UP
    assert {effect.reason for effect in effects if isinstance(effect, Pause)} == {WRAPPING_UP}


def test_a_pause_without_a_reason_of_somebody_who_was_free_stays_one():
    floor = floor_with_agent()
    assert floor.take_snapshot(snapshot(member("support", seconds=3, paused=True))) == ()
    assert state(floor) is AgentState.PAUSED


def test_whoever_hung_up_in_the_dialogue_stands_in_nobodys_way():
    floor = floor_with_agent()
    floor.see(CallerJoined(at=at(0), queue="support", caller="c1", number=None, position=1))
    floor.see(CallerLeft(at=at(5), queue="support", caller="c1", abandoned=False))
    assert [seat.caller for seat in floor.line.others("c2", "support")] == ["c1"]

    floor.see(CallerGone(at=at(9), caller="c1"))

    assert (floor.line.others("c2", "support"), floor.joined) == ([], {})


def test_a_served_caller_is_forgotten_and_the_agent_wraps_up_like_any_other():
    floor = floor_with_agent()
    floor.see(CallerJoined(at=at(0), queue="support", caller="c1", number=None, position=1))

    effects = floor.see(CallerConnected(at=at(2), queue="support", caller="c1", agent="a1"))

    assert effects == (Pause(interface=LINE, reason=WRAPPING_UP),)
    assert floor.waiting() == []
    floor.see(CallerFinished(at=at(9), caller="c1", agent="a1", talk_s=7))
    assert state(floor) is AgentState.READY  # as the PBX last said, until its pause is seen


def test_what_was_said_of_a_talks_end_is_not_said_of_the_wrap_up_or_the_next_talk():
    floor = floor_with_agent()
    agent = floor.agents["a1"]
    for index in range(2):
        floor.calls[f"wb-{index}"] = CallOnFloor(attempt=f"wb-{index}", placed_at=at(60 * index))
        floor.see(Connected(at=at(60 * index + 5), attempt=f"wb-{index}", agent="a1", waited_s=0.1))
        assert agent.closing is None
        agent.closing = at(60 * index + 20)
    floor.see(member("outbound", seconds=80, paused=True, reason=WRAPPING_UP))
    assert agent.closing == at(80)
    floor.see(
        Finished(at=at(90), attempt="wb-1", outcome=Outcome.CONNECTED, talk_s=25.0, agent="a1"),
    )
    assert (state(floor), agent.closing) == (AgentState.WRAPPING_UP, None)


def test_a_snapshot_ends_calls_the_pbx_no_longer_has():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))
    floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.4))

    floor.take_snapshot(
        PbxSnapshot(
            taken_at=at(60),
            booted_at=None,
            members=(member("support", seconds=60), member("outbound", seconds=60)),
            callers=(
                WaitingCaller(
                    queue="support", caller="c9", number="+441632960009", position=1, waited_s=40.0
                ),
            ),
        )
    )

    assert state(floor) is AgentState.READY
    assert floor.waiting()[0].joined_at == at(20)


def test_a_snapshot_keeps_a_talk_that_goes_on():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))
    floor.see(Connected(at=at(5), attempt="wb-1", agent="a1", waited_s=0.4))
    leg = LiveChannel(
        unique_id="wb-1", linked_id="wb-1", name="Local/wb-1;1", state="Up", bridged=True, duration_s=55
    )

    floor.take_snapshot(
        PbxSnapshot(taken_at=at(60), booted_at=None, channels=(leg,), members=(member("outbound"),))
    )

    assert state(floor) is AgentState.TALKING


def test_an_agent_removed_from_every_queue_is_offline():
    floor = floor_with_agent()
    for queue in ("support", "outbound"):
        floor.see(MemberGone(at=at(3), queue=queue, agent="a1", interface=LINE))

    assert state(floor) is AgentState.OFFLINE


def test_utilisation_is_talk_and_wrap_up_over_logged_in_time():
    floor = floor_with_agent()
    floor.calls["wb-1"] = CallOnFloor(attempt="wb-1", placed_at=at(0))
    floor.see(Answered(at=at(9), attempt="wb-1"))
    floor.see(Connected(at=at(10), attempt="wb-1", agent="a1", waited_s=0.4))
    floor.see(Finished(at=at(30), attempt="wb-1", outcome=Outcome.CONNECTED, talk_s=20, agent="a1"))

    assert floor.utilisation(at(40)) == pytest.approx(20 / 40)


def missed(seconds: float) -> AgentDidNotAnswer:
    return AgentDidNotAnswer(at=at(seconds), queue="support", agent="a1", ring_s=15.0)


def test_rings_missed_in_a_row_pause_the_agent_and_say_why():
    floor = floor_with_agent()

    assert floor.see(missed(1)) == ()
    assert floor.see(missed(20)) == (Pause(interface=LINE, reason=DID_NOT_ANSWER),)
    floor.see(member("outbound", seconds=21, paused=True, reason=DID_NOT_ANSWER))
    assert floor.agents["a1"].missed == 2
    floor.see(member("outbound", seconds=30))
    assert floor.see(missed(40)) == ()  # counted anew once the agent is back


def test_a_call_taken_in_between_forgives_a_missed_ring():
    floor = floor_with_agent()
    floor.see(missed(1))
    floor.see(CallerConnected(at=at(2), queue="support", caller="c1", agent="a1"))
    floor.see(CallerFinished(at=at(9), caller="c1", agent="a1", talk_s=7))

    assert floor.see(missed(20)) == ()


def test_a_pause_has_its_own_beginning_and_its_end_is_told_with_its_reason():
    floor = floor_with_agent()
    floor.see(member("outbound", seconds=10, paused=True, reason="lunch"))
    floor.see(member("outbound", seconds=40, paused=True, reason="meeting"))
    assert floor.agents["a1"].since == at(40)
    floor.see(member("outbound", seconds=100))

    back = Return(agent="a1", reason="meeting", since=at(40), at=at(100))
    assert floor.take_returns() == [back]
    assert floor.take_returns() == []


def test_who_goes_home_from_a_pause_did_not_come_back():
    floor = floor_with_agent(paused=True, reason="lunch")
    floor.see(member("outbound", seconds=60, device=Device.UNAVAILABLE))

    assert floor.take_returns() == []


def test_a_status_from_before_our_own_resume_is_nobodys_break():
    floor = floor_with_agent(paused=True, reason="lunch")
    floor.free(floor.agents["a1"], at(100), reserve=False)
    floor.see(member("outbound", seconds=100.1, paused=True, reason="lunch"))
    floor.see(member("outbound", seconds=100.2))

    assert [back.at for back in floor.take_returns()] == [at(100)]


@pytest.mark.parametrize("device", [Device.IN_USE, Device.RINGING])
def test_nobody_is_paused_over_a_customer(device: Device):
    floor = floor_with_agent(device=device)
    lunch = Leave(at=at(0), kind=LeaveKind.PAUSE, reason="lunch")
    if device is Device.IN_USE:
        with pytest.raises(IllegalTransition):
            floor.leave(floor.agents["a1"], lunch, at(1))
        assert state(floor) is AgentState.TALKING
    else:  # a phone that rings goes on ringing; the pause is for the next one
        floor.leave(floor.agents["a1"], lunch, at(1))


def test_a_log_out_ends_a_standing_connection_and_every_membership_of_a_phone():
    floor = floor_with_agent()
    home = Leave(at=at(0), kind=LeaveKind.LOG_OUT)
    expected = LogOut(agent="a1", interface=LINE, standing=True, queues=("outbound", "support"))
    assert floor.leave(floor.agents["a1"], home, at(1)) == (expected,)
    assert state(floor) is AgentState.OFFLINE


def test_an_agent_kept_alone_is_closed_to_everybody_but_the_own_queue():
    floor = floor_with_agent()
    floor.see(member("desk_a1"))
    agent = floor.agents["a1"]
    kept = floor.reserve(agent, at(1), alone=True)
    assert {effect.queue for effect in kept if isinstance(effect, Pause)} == {"support", "outbound"}
    floor.see(member("support", seconds=1.1, paused=True, reason=RESERVED))
    assert not floor.is_kept(agent)
    floor.see(member("outbound", seconds=1.2, paused=True, reason=RESERVED))
    assert floor.is_kept(agent)
    assert state(floor) is AgentState.RESERVED

    opened = floor.release(agent, at(2))
    assert {effect.queue for effect in opened if isinstance(effect, Resume)} == {"support", "outbound"}


def test_an_agent_whom_an_engine_before_this_one_kept_alone_is_let_go_everywhere():
    floor = floor_with_agent(paused=True, reason=RESERVED)
    floor.see(member("support", paused=True, reason=RESERVED))
    opened = floor.release(floor.agents["a1"], at(2))
    assert {effect.queue for effect in opened if isinstance(effect, Resume)} == {"support", "outbound"}


def test_the_settings_refuse_every_pause_that_is_the_dialers_own():
    assert OWN_PAUSES == {RESERVED, DID_NOT_ANSWER, DID_NOT_START, WRAPPING_UP}


def test_only_whom_the_pbx_showed_waiting_has_a_seat_and_a_dialogue_elsewhere_leaves_none_behind():
    floor = floor_with_agent()
    for caller, number in (("c1", "+441632960001"), ("c2", None)):
        floor.see(CallerJoined(at=at(0), queue="support", caller=caller, number=number, position=1))
        floor.see(CallerLeft(at=at(30), queue="support", caller=caller, abandoned=False))
    seat = floor.line.seat("c1")
    assert seat is not None
    assert seat.number == "+441632960001"
    assert floor.line.seat("c3") is None

    leg = LiveChannel(
        unique_id="c2", linked_id="c2", name="PJSIP/trunk-1", state="Up", bridged=False, duration_s=55
    )
    floor.take_snapshot(PbxSnapshot(taken_at=at(60), booted_at=None, channels=(leg,)))

    assert list(floor.joined) == ["c2"], "c1 was promised a call by another engine, and hung up"
    assert floor.line.seat("c1") is None
    assert floor.line.seat("c2") is not None


def test_a_phone_that_the_site_wrote_into_an_adopted_queue_is_no_log_in():
    floor = FloorState(inbound="support", adopted=True)
    floor.see(member("support"))
    assert floor.agents["a1"].state is AgentState.OFFLINE
    floor.see(member("outbound"))
    assert floor.agents["a1"].state is AgentState.READY
    floor.see(MemberGone(at=at(1), queue="outbound", agent="a1", interface=LINE))
    assert floor.agents["a1"].state is AgentState.OFFLINE
