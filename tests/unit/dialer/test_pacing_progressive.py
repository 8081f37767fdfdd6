"""One call per free agent, promises and live callers first."""

import pytest

from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import AgentFacts, CallInAir, Candidate, Decision, PacingFacts
from dialer.core.pacing.settings import PacerSettings, PacingPrior


def agents(**states: int) -> tuple[AgentFacts, ...]:
    return tuple(
        AgentFacts(agent=f"{state}-{number}", state=state, since_s=0.0)  # type: ignore[arg-type]  # from keywords
        for state, count in states.items()
        for number in range(count)
    )


def leads(count: int) -> tuple[Candidate, ...]:
    return tuple(Candidate(lead=f"lead-{number}") for number in range(count))


def calls(count: int, **more: bool) -> tuple[CallInAir, ...]:
    return tuple(
        CallInAir(attempt=f"wb-{number}{sorted(more)}", age_s=3.0, **more) for number in range(count)
    )


def decide(facts: PacingFacts) -> Decision:
    return pacer_for("progressive", PacerSettings(), PacingPrior()).decide(facts)


def test_each_ready_agent_gets_one_call_in_the_order_of_the_list():
    decision = decide(PacingFacts(now_s=10.0, agents=agents(ready=2, talking=3), candidates=leads(5)))
    assert decision.dial == ("lead-0", "lead-1")


def test_a_call_in_the_air_takes_an_agent():
    decision = decide(PacingFacts(now_s=10.0, agents=agents(ready=2), calls=calls(1), candidates=leads(5)))
    assert decision.dial == ("lead-0",)


def test_agents_reserved_for_leads_in_the_air_are_counted_once():
    facts = PacingFacts(now_s=1.0, agents=agents(ready=1, reserved=2), calls=calls(2), candidates=leads(5))
    assert len(decide(facts).dial) == 1


def test_waiting_callers_take_agents_before_leads():
    facts = PacingFacts(now_s=1.0, agents=agents(ready=3), waiting_callers=2, candidates=leads(5))
    assert len(decide(facts).dial) == 1


def test_due_promises_take_agents_before_leads_and_never_more_than_there_are():
    facts = PacingFacts(now_s=1.0, agents=agents(ready=3), due_promises=2, candidates=leads(5))
    assert (decide(facts).promises, len(decide(facts).dial)) == (2, 1)
    facts = PacingFacts(now_s=1.0, agents=agents(ready=3), due_promises=9, candidates=leads(5))
    assert (decide(facts).promises, len(decide(facts).dial)) == (3, 0)


def test_a_promise_waits_for_an_agent_no_lead_in_the_air_counts_on():
    facts = PacingFacts(
        now_s=1.0, agents=agents(ready=1), calls=calls(1), due_promises=1, candidates=leads(5)
    )
    assert (decide(facts).promises, decide(facts).dial) == (0, ())


def test_a_promise_in_the_air_keeps_its_reserved_agent():
    facts = PacingFacts(
        now_s=1.0, agents=agents(ready=1, reserved=1), calls=calls(1, for_promise=True), candidates=leads(5)
    )
    assert len(decide(facts).dial) == 1


def test_an_agent_whose_phone_rings_serves_the_one_who_waits():
    facts = PacingFacts(
        now_s=1.0, agents=agents(ready=1, ringing=1), calls=calls(1, answered=True), candidates=leads(5)
    )
    assert len(decide(facts).dial) == 1


def test_paused_talking_and_wrapping_up_agents_get_nothing():
    facts = PacingFacts(now_s=1.0, agents=agents(paused=2, talking=2, wrapping_up=2), candidates=leads(5))
    assert decide(facts).dial == ()


@pytest.mark.parametrize(("lines", "placed"), [(0, 0), (1, 1), (9, 3), (-2, 0)])
def test_no_more_calls_than_trunk_lines(lines: int, placed: int):
    facts = PacingFacts(now_s=1.0, agents=agents(ready=3), candidates=leads(5), lines_free=lines)
    assert len(decide(facts).dial) == placed


def test_preview_rings_nobody_by_itself():
    decision = pacer_for("preview", PacerSettings(), PacingPrior()).decide(
        PacingFacts(now_s=1.0, agents=agents(ready=3), candidates=leads(5))
    )
    assert decision.dial == ()


def test_every_decision_says_why():
    for facts in (
        PacingFacts(now_s=1.0, agents=()),
        PacingFacts(now_s=1.0, agents=agents(ready=1)),
        PacingFacts(now_s=1.0, agents=agents(ready=1), candidates=leads(1)),
        PacingFacts(now_s=1.0, agents=agents(ready=1), candidates=leads(1), lines_free=0),
        PacingFacts(now_s=1.0, agents=agents(ready=1), waiting_callers=1),
    ):
        assert decide(facts).reason.sentence.endswith(".")
