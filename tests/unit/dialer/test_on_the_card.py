"""Whose card lies before an agent, and what taking back a word may undo: the tables, held to their rules."""

import pytest

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.refusals import Rule
from dialer.core.agents.on_the_card import is_on_the_card
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import LEAD, LeadEvent, LeadState
from dialer.core.calling.correction import LEAD_BACK, PROMISE_BACK
from dialer.core.calling.disposition import CONSEQUENCES


@pytest.mark.parametrize("state", list(AgentState))
@pytest.mark.parametrize("over", [True, False])
def test_a_card_belongs_to_the_talk_that_goes_on_or_is_wrapped_up_and_to_no_other(
    state: AgentState, *, over: bool
) -> None:
    shown = is_on_the_card(state, over=over, others=False)

    with_somebody = state in {AgentState.RINGING, AgentState.TALKING} and not over
    assert shown is (state is AgentState.WRAPPING_UP or with_somebody)
    assert not is_on_the_card(state, over=over, others=True)


def test_whatever_withdraws_a_lead_or_agrees_on_a_call_can_be_taken_back_by_a_legal_step() -> None:
    undone = {word for word, _ in LEAD_BACK}
    assert undone == {
        word for word, what in CONSEQUENCES.items() if what.withdraw or what.call_again or what.repeat
    }
    for (_, state), step in LEAD_BACK.items():
        if isinstance(step, LeadEvent):
            assert LEAD.after(state, step) is LeadState.DONE  # nobody is rung because a word was taken back


def test_a_promise_that_is_being_called_is_not_taken_from_under_the_call() -> None:
    assert set(PROMISE_BACK) == set(PromiseState) - PROMISE.ends
    assert [state for state, step in PROMISE_BACK.items() if step is PromiseEvent.CANCEL] == [
        PromiseState.WAITING
    ]
    assert {step for step in PROMISE_BACK.values() if isinstance(step, Rule)} == {Rule.CALL_AGAIN_BEGUN}
