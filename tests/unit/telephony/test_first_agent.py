"""A call whose agent is rung first: whose end it was when nobody rang the customer."""

from datetime import UTC, datetime

import pytest

from telephony.calls.attempts import Call, conclude
from telephony.calls.events import Finished, Outcome

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ATTEMPT, LEG = "wb-" + "a" * 10, "1795316303.63"
REJECTED, NORMAL = 21, 16


@pytest.mark.parametrize(
    ("state", "cause", "dialled", "outcome"),
    [
        ("Up", REJECTED, 0, Outcome.REFUSED),  # the permit said no, and the agent's leg ended with it
        ("Up", NORMAL, 0, Outcome.FAILED),  # the agent put the phone down while the permit was asked
        ("Ringing", REJECTED, 0, Outcome.FAILED),  # the agent declined
        ("Up", REJECTED, 1, Outcome.FAILED),  # the agent left while the customer's phone rang
    ],
)
def test_an_agents_leg_that_ends_first_is_the_permits_refusal_only_where_they_were_there_and_nobody_was_rung(
    state: str, cause: int, dialled: int, outcome: Outcome
) -> None:
    call = Call(ATTEMPT, NOW)
    call.birth_seen, call.first_agent, call.first_agent_leg, call.dialled = True, "anna", LEG, bool(dialled)
    call.other_states[LEG] = state

    call.ended.add(LEG)
    call.see_first_agent_end(LEG, NORMAL)
    call.ended.add(ATTEMPT)
    call.hear_cause(cause)

    (end,) = conclude(call, NOW, patience_s=2.0)
    assert isinstance(end, Finished)
    assert end.outcome is outcome
