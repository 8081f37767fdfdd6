"""A promise of a queue whose agents are rung first is kept, with the agent there before the customer."""

from acceptance.invariants import assert_promises_conserved
from acceptance.test_promises import OpenStage, fate, one_agent, with_a_busy_agent

from dialer.inbound_settings import InboundSettings
from dialer.pbx_settings import QueueSettings
from dialer.services.promises.promises import promise_ledger
from telephony.simulator.ground_truth import Fate

FIRST = QueueSettings(policies=[InboundSettings.model_validate({"return_call": "agent-first"})])


def test_the_agent_is_there_first_and_the_promise_is_kept(open_stage: OpenStage) -> None:
    stage = with_a_busy_agent(open_stage, one_agent(), queues=FIRST)
    caller = stage.ring_in(1)
    stage.wait(lambda: fate(stage, caller) is Fate.BOOKED, "the caller asked to be called back")
    stage.hang_up_talks()
    stage.wait(lambda: promise_ledger(stage.database).kept == 1, "the promise is kept", within_s=90)

    (attempt,) = stage.attempts("promise_id IS NOT NULL")
    assert attempt["agent"] == "a1"
    assert attempt["outcome"] == "connected"
    assert stage.truth().attempts[attempt["id"]].waited_s == 0.0, "nobody waits for an agent who is there"
    assert_promises_conserved(stage)
