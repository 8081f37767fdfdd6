"""A whole engine keeps an agent's own promise with that agent, and hands it on where they are away."""

from collections.abc import Callable

import pytest
from acceptance.invariants import assert_invariants, assert_promises_conserved
from acceptance.stage import Stage, busy_world

from dialer.core.agents.state import AgentState
from dialer.services.agents.agents import list_agents
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from telephony.simulator.behaviour import Behaviour

OpenStage = Callable[..., Stage]

CUSTOMER = "+442079460321"


def everybody_answers(agents: int) -> Behaviour:
    return busy_world(agents=agents, talk_s=1.0, answer_probability=1.0, expecting_answer_probability=1.0)


def promised(stage: Stage, owner: str) -> int:
    """A promise of this agent's own, due at once."""
    request = PromiseRequest(
        e164=CUSTOMER, queue="support", source_call="desk-1", virtual_join=stage.clock(), owner=owner
    )
    made = make_promise(stage.database, request, stage.clock())
    assert isinstance(made, MadePromise), made
    return made.id


def at_work(stage: Stage) -> set[str]:
    return {
        agent.id
        for agent in list_agents(stage.database, stage.clock())
        if agent.state is not AgentState.OFFLINE
    }


@pytest.mark.parametrize("owner", ["a1", "a3"])
def test_it_is_rung_for_its_owner_whoever_else_is_free(open_stage: OpenStage, owner: str) -> None:
    stage = open_stage(everybody_answers(3))
    stage.staff()
    stage.wait_leading(stage.start_engine())
    stage.wait(lambda: at_work(stage) == {"a1", "a2", "a3"}, "everybody is there")

    promise = promised(stage, owner)
    stage.wait(lambda: stage.attempts("promise_id = ? AND ended_at IS NOT NULL", promise), "it was kept")

    (attempt,) = stage.attempts("promise_id = ?", promise)
    assert (owner, owner, f"desk_{owner}") == (
        attempt["agent"],
        attempt["reserved_agent"],
        attempt["queue"],
    )
    assert_promises_conserved(stage)
    assert_invariants(stage)


def test_an_owner_who_is_not_there_hands_it_on_and_somebody_else_keeps_it(open_stage: OpenStage) -> None:
    stage = open_stage(everybody_answers(1))
    stage.staff()
    stage.wait_leading(stage.start_engine())
    stage.wait(lambda: at_work(stage) == {"a1"}, "one agent is there")

    promise = promised(stage, "nobody")
    stage.wait(lambda: stage.attempts("promise_id = ? AND ended_at IS NOT NULL", promise), "it was kept")

    (attempt,) = stage.attempts("promise_id = ?", promise)
    assert (attempt["agent"], attempt["queue"]) == ("a1", "outbound")
    handed_on = stage.rows("SELECT actor, details FROM audit WHERE action = 'promise.handed-on'")
    assert [row["actor"] for row in handed_on] == ["winback"]
    texts = stage.rows("SELECT kind FROM outbox_message WHERE promise_id = ? AND channel = 'text'", promise)
    assert "promise.handed_on" in {row["kind"] for row in texts}
    (row,) = stage.rows("SELECT owner, handed_on_at FROM promise WHERE id = ?", promise)
    assert (row["owner"], row["handed_on_at"] is not None) == (None, True)
    assert_promises_conserved(stage)
