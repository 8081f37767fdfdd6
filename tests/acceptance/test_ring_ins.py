"""Who rings in while a call is promised to them: not rung meanwhile, told so, served, and not called back."""

from acceptance.invariants import assert_promises_conserved
from acceptance.stage import Stage
from acceptance.test_promises import OpenStage, fate, one_agent, place, with_a_busy_agent

from dialer.services.promises.promises import ended_promises, promise_ledger
from telephony.simulator.ground_truth import Fate


def booked(open_stage: OpenStage) -> Stage:
    """A centre whose only agent is busy, and a caller who was promised a call."""
    stage = with_a_busy_agent(open_stage, one_agent())
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
