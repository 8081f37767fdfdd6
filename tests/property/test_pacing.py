"""What must hold for every floor, every price and every sequence of answers."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.pacing.budget import CREDIT_CEILING, CREDIT_FLOOR, GAIN, Budget
from dialer.core.pacing.facts import (
    AgentFacts,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    PacingFacts,
    PauseEnded,
    TalkEnded,
)
from dialer.core.pacing.lookahead import ExactTail
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.progressive import ProgressivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.snapshot import Snapshot

# a busy machine is no finding; a pacer looks ahead at each example, so there are fewer of them than elsewhere
UNHURRIED = settings(deadline=None, max_examples=min(60, settings.default.max_examples))
BUSY = ("talking", "wrapping_up")
STATES = ("ready", "reserved", "ringing", "talking", "wrapping_up", "paused")


def taught(target: float) -> PredictivePacer:
    pacer = PredictivePacer(PacerSettings(target=target), PacingPrior())
    for number in range(300):
        if number % 3:
            pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
        else:
            pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=4.0 + number % 15))
            factor = 1.0 + number % 5  # agents differ widely
            closing_s = None if number % 5 == 0 else 5.0 + number % 11  # and one says nothing beforehand
            pacer.observe(
                TalkEnded(
                    at_s=0.0,
                    agent=f"a{number % 5}",
                    talk_s=factor * (60.0 + number),
                    closing_s=closing_s,
                )
            )
            pacer.observe(PauseEnded(at_s=0.0, agent="a1", reason="coffee", pause_s=200.0 + number))
    return pacer


@st.composite
def floors(draw: st.DrawFn) -> PacingFacts:
    agents = tuple(
        AgentFacts(
            agent=f"a{n}",
            state=state,
            since_s=-age,
            leaves_s=leaves_s,
            reason=reason,
            closing_s=closing_s if state in BUSY else None,
        )
        for n, (state, age, leaves_s, reason, closing_s) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(STATES),
                        st.floats(0.0, 900.0),
                        st.none() | st.floats(-5.0, 90.0),
                        st.sampled_from((None, "coffee", "lunch")),
                        st.none() | st.floats(0.0, 300.0),
                    ),
                    max_size=25,
                )
            )
        )
    )
    calls = tuple(
        CallInAir(attempt=f"wb-{n}", age_s=age, for_promise=kind == 1, answered=kind == 2)
        for n, (age, kind) in enumerate(
            draw(st.lists(st.tuples(st.floats(0.0, 40.0), st.integers(0, 4)), max_size=25))
        )
    )
    return PacingFacts(
        now_s=0.0,
        mode="predictive",
        agents=agents,
        calls=calls,
        waiting_callers=draw(st.integers(0, 6)),
        due_promises=draw(st.integers(0, 6)),
        candidates=tuple(Candidate(lead=f"lead-{n}") for n in range(draw(st.integers(0, 60)))),
        lines_free=draw(st.integers(-3, 60)),
        inbound_per_s=draw(st.sampled_from((0.0, 0.05))),
    )


def situations(most_agents: int) -> st.SearchStrategy[Snapshot]:
    def ages(high: float) -> st.SearchStrategy[np.ndarray]:
        return st.lists(st.floats(0.0, high), max_size=most_agents).map(np.array)

    return st.builds(
        Snapshot,
        free=st.integers(-3, most_agents),
        ringing_s=ages(30.0),
        talking_s=ages(900.0),
        wrapping_s=ages(60.0),
        limit=st.just(500),
    )


@UNHURRIED
@given(floors())
def test_predictive_never_rings_fewer_leads_than_one_per_free_agent(facts: PacingFacts):
    if facts.inbound_per_s:
        return  # a live caller may take the agent, so even the first call has its price
    floor = ProgressivePacer(27.0).decide(facts)
    least = len(floor.dial) - max(
        0, len(facts.calls)
    )  # answered calls claim an agent in both ways of counting
    predictive = taught(0.03).decide(facts)
    assert len(predictive.dial) >= max(0, least)
    if not any(call.answered for call in facts.calls) and not facts.due_promises:
        assert len(predictive.dial) >= len(floor.dial)


@UNHURRIED
@given(floors())
def test_with_no_budget_predictive_is_progressive(facts: PacingFacts):
    if facts.due_promises:
        return
    assert taught(0.0).decide(facts).dial == ProgressivePacer(27.0).decide(facts).dial


@UNHURRIED
@given(floors(), st.sampled_from((0.0, 0.03)))
def test_promises_never_outnumber_the_agents_kept_for_them(facts: PacingFacts, target: float):
    for decision in (taught(target).decide(facts), ProgressivePacer(27.0).decide(facts)):
        ready = sum(agent.state == "ready" for agent in facts.agents)
        able = sum(agent.state in ("ready", "reserved", "ringing") for agent in facts.agents)
        promised = sum(call.for_promise for call in facts.calls)
        assert decision.promises <= ready
        assert decision.promises <= max(0, able - promised - facts.waiting_callers)
        assert decision.promises <= facts.due_promises


@UNHURRIED
@given(floors(), st.sampled_from((0.0, 0.03)))
def test_trunks_and_leads_are_never_exceeded(facts: PacingFacts, target: float):
    for decision in (taught(target).decide(facts), ProgressivePacer(27.0).decide(facts)):
        assert len(decision.dial) <= len(facts.candidates)
        assert len(decision.dial) + decision.promises <= max(0, facts.lines_free)
        assert decision.dial == tuple(lead.lead for lead in facts.candidates[: len(decision.dial)])


@UNHURRIED
@given(situations(12), st.floats(-2.0, 1.0), st.floats(0.0, 1.5))
def test_a_higher_price_never_places_fewer_calls(situation: Snapshot, credit: float, more: float):
    poor, rich = taught(0.03), taught(0.03)
    poor.budget.credit, rich.budget.credit = credit, credit + more
    assert poor.weigh(situation).count <= rich.weigh(situation).count


@UNHURRIED
@given(situations(12))
def test_every_call_let_through_costs_at_most_the_price(situation: Snapshot):
    verdict = taught(0.03).weigh(situation)
    assert all(risk <= verdict.price for risk in verdict.risks)
    assert 0.0 <= verdict.next_risk <= 1.0 + 1e-9


@UNHURRIED
@given(situations(8))
def test_one_more_free_agent_never_means_fewer_calls(situation: Snapshot):
    pacer = taught(0.03)
    more = Snapshot(
        free=situation.free + 1,
        ringing_s=situation.ringing_s,
        talking_s=situation.talking_s,
        wrapping_s=situation.wrapping_s,
        limit=situation.limit,
    )
    assert pacer.weigh(situation).count <= pacer.weigh(more).count


@UNHURRIED
@given(floors(), st.integers(0, 24), st.floats(-5.0, 90.0))
def test_a_plan_to_leave_never_means_more_calls(facts: PacingFacts, who: int, leaves_s: float):
    pacer = taught(0.03)
    staying = replace(
        facts, agents=tuple(replace(a, leaves_s=None) if n == who else a for n, a in enumerate(facts.agents))
    )
    leaving = replace(
        facts,
        agents=tuple(replace(a, leaves_s=leaves_s) if n == who else a for n, a in enumerate(facts.agents)),
    )
    for one in (pacer, ProgressivePacer(27.0)):
        assert len(one.decide(leaving).dial) <= len(one.decide(staying).dial)
        assert one.decide(leaving).promises <= one.decide(staying).promises


@UNHURRIED
@given(floors(), st.floats(0.0, 900.0))
def test_one_more_agent_on_a_pause_never_means_fewer_calls(facts: PacingFacts, age_s: float):
    if facts.due_promises:
        return
    pacer = taught(0.03)
    more = AgentFacts(agent="p", state="paused", since_s=-age_s, reason="coffee")
    assert len(pacer.decide(facts).dial) <= len(
        pacer.decide(replace(facts, agents=(*facts.agents, more))).dial
    )


@UNHURRIED
@given(floors(), st.sampled_from((0.0, 0.05)))
def test_more_live_callers_expected_never_means_more_calls(facts: PacingFacts, more_per_s: float):
    pacer = taught(0.03)
    calm, busy = replace(facts, inbound_per_s=0.03), replace(facts, inbound_per_s=0.03 + more_per_s)
    assert len(pacer.decide(busy).dial) <= len(pacer.decide(calm).dial)


@UNHURRIED
@given(st.lists(st.booleans(), max_size=400), st.floats(0.001, 0.1))
def test_the_budget_bound_holds_for_every_sequence_of_answers(outcomes: list[bool], target: float):
    """Abandonments while the credit is above its floor are bounded, whoever answers whenever.

    At the floor the pacer rings free agents only; what is abandoned there was ringing before.
    """
    budget = Budget(target)
    start, counted = budget.credit, 0
    for answers, abandoned in enumerate(outcomes, start=1):
        budget.answered()
        if abandoned:
            if budget.credit - GAIN >= CREDIT_FLOOR:
                counted += 1
            budget.abandoned()
        assert CREDIT_FLOOR <= budget.credit <= CREDIT_CEILING
        assert counted <= target * answers + (start - budget.credit) / GAIN + 1e-6
        assert (budget.price == 0.0) == (budget.credit <= CREDIT_FLOOR)


@UNHURRIED
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30), st.integers(0, 31))
def test_the_exact_tail_is_a_probability_and_falls_with_the_number_of_agents(
    chances: list[float], agents: int
):
    terms = np.array(chances)[:, None]
    here = ExactTail(terms, agents=agents).chances()[0]
    beyond = ExactTail(terms, agents=agents + 1).chances()[0]
    assert -1e-9 <= beyond <= here + 1e-9 <= 1.0 + 2e-9
