"""Who rings in while a call is promised to them: not rung meanwhile, told so, served, and not called back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from acceptance.invariants import assert_promises_conserved
from acceptance.stage import SPEED, Stage
from acceptance.test_promises import OpenStage, fate, one_agent, place, real, with_a_busy_agent

from dialer.services.calls.inbound_calls import record_caller
from dialer.services.calls.leadership import acquire_lease
from dialer.services.promises.promises import ended_promises, promise_ledger
from telephony.calls.events import CallerFact, CallerGone, CallerJoined, CallerLeft
from telephony.simulator.behaviour import Behaviour
from telephony.simulator.ground_truth import Fate


def booked(open_stage: OpenStage, behaviour: Behaviour | None = None) -> Stage:
    """A centre whose every agent is busy, and a caller who was promised a call."""
    behaviour = behaviour or one_agent()
    stage = with_a_busy_agent(open_stage, behaviour)
    for other in range(1, len(behaviour.agents)):
        caller = stage.ring_in(1 + other, presses_one_after_s=None, talk_s=600.0)
        stage.wait(lambda caller=caller: fate(stage, caller) is Fate.CONNECTED, "that agent is busy too")
    asked = stage.ring_in(1)
    stage.wait(lambda: fate(stage, asked) is Fate.BOOKED, "the caller asked to be called back")
    return stage


def test_who_rings_in_again_is_not_rung_meanwhile_and_is_settled_by_the_agent_they_reach(
    open_stage: OpenStage,
) -> None:
    stage = booked(open_stage)
    again = stage.ring_in(1, presses_one_after_s=None, talk_s=2.0)
    stage.wait(lambda: stage.engines[0].said("rang_in_with_a_promise"), "they are known")
    stage.hang_up_talks()
    stage.wait(lambda: promise_ledger(stage.database).settled == 1, "an agent settles it")
    stage.wait_quiet()

    assert fate(stage, again) is Fate.CONNECTED
    assert stage.attempts("promise_id IS NOT NULL") == []
    assert [card.end_reason for card in ended_promises(stage.database)] == ["rang in, and was served"]
    assert_promises_conserved(stage)


def test_who_rings_in_again_and_presses_1_goes_back_in_front_of_those_who_joined_later(
    open_stage: OpenStage,
) -> None:
    stage = booked(open_stage)
    later = stage.ring_in(2, presses_one_after_s=None)
    stage.wait(lambda: place(stage, later) == 1, "somebody joined later")
    again = stage.ring_in(1)
    stage.wait(lambda: place(stage, again) == 1, "they have the place of the promise")

    assert place(stage, later) == 2
    assert any("winback/already-open" in spoken.line for spoken in stage.spoken)
    assert promise_ledger(stage.database).made == 1


def slow_to_answer(*, agents: int) -> Behaviour:
    """People who let their telephone ring for twenty real seconds."""
    return replace(one_agent(agents=agents), least_ring_s=20.0 * SPEED, longest_ring_s=21.0 * SPEED)


def rung(stage: Stage) -> dict[str, Any]:
    """The call that rings the customer who was promised it."""
    stage.hang_up_talks()
    (call,) = stage.wait(lambda: stage.attempts("state = 'dialling'"), "they are called back")
    return dict(call)


def test_a_call_that_rings_when_its_customer_rings_us_is_hung_up_and_the_agent_serves_them_on_the_line(
    open_stage: OpenStage,
) -> None:
    stage = booked(open_stage, slow_to_answer(agents=1))
    call = rung(stage)
    again = stage.ring_in(1, presses_one_after_s=None, talk_s=2.0)
    stage.wait(lambda: promise_ledger(stage.database).settled == 1, "an agent settles it")
    stage.wait_quiet()

    assert fate(stage, again) is Fate.CONNECTED
    assert stage.engines[0].said("call_hung_up")
    (attempt,) = stage.attempts("promise_id IS NOT NULL")
    assert (attempt["id"], attempt["outcome"]) == (call["id"], "no_answer")
    assert real(stage, call["id"]).agent is None, "one talk for one matter"
    assert_promises_conserved(stage)


def test_a_call_that_rings_when_its_customer_is_served_at_once_is_hung_up(open_stage: OpenStage) -> None:
    stage = booked(open_stage, slow_to_answer(agents=2))
    call = rung(stage)
    again = stage.ring_in(1, presses_one_after_s=None, talk_s=30.0)
    stage.wait(lambda: stage.attempts("id = ? AND ended_at IS NOT NULL", call["id"]), "it is hung up")

    assert fate(stage, again) is Fate.CONNECTED
    assert promise_ledger(stage.database).settled == 1
    assert real(stage, call["id"]).agent is None
    stage.hang_up_talks()
    stage.wait_quiet()
    assert_promises_conserved(stage)


ELSEWHERE, LED_S = "north", 3_600.0
LOOKS = timedelta(seconds=3)  # an engine looks for work every second, and tells what it sees as often


def beside_another_pbx(open_stage: OpenStage) -> OpenStage:
    """A centre with another PBX, which an engine of its own leads."""

    def opened(*told: Any, **more: Any) -> Stage:
        stage = open_stage(*told, **more)
        assert acquire_lease(stage.database, ELSEWHERE, "its engine", LED_S) is not None
        return stage

    return opened


def test_who_is_on_another_pbxs_line_is_rung_by_nobody_until_they_have_hung_up(open_stage: OpenStage) -> None:
    """The call that rings when they come is hung up, and none is made while they wait there."""
    stage = booked(beside_another_pbx(open_stage), slow_to_answer(agents=1))
    call = rung(stage)

    def tell(kind: type[CallerFact], **more: Any) -> None:
        now = stage.clock()
        record_caller(stage.database, ELSEWHERE, "GB", kind(at=now, caller="there", **more), now)

    def is_due() -> bool:
        (promise,) = stage.rows("SELECT state, next_action_at FROM promise")
        moment = datetime.fromisoformat(promise["next_action_at"]).replace(tzinfo=UTC)
        return promise["state"] == "waiting" and moment <= stage.clock()

    tell(CallerJoined, queue="support", number=call["e164"], position=1)
    stage.wait(lambda: stage.attempts("id = ? AND ended_at IS NOT NULL", call["id"]), "it is hung up")
    stage.wait(is_due, "their turn has come")
    looked_at = stage.viewed_at() + LOOKS
    stage.wait(lambda: stage.viewed_at() > looked_at, "the engine has looked again")
    meanwhile = stage.attempts("promise_id IS NOT NULL")
    tell(CallerLeft, queue="support", abandoned=True)
    tell(CallerGone)
    stage.wait(lambda: len(stage.attempts("promise_id IS NOT NULL")) > len(meanwhile), "they are called back")

    assert stage.engines[0].said("call_hung_up")
    assert [(each["id"], each["outcome"]) for each in meanwhile] == [(call["id"], "no_answer")]
