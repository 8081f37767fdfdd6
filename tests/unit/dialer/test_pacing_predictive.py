"""Predictive pacing's promises: the floor, the order of people, the words it gives."""

import math

import numpy as np
import pytest

from dialer.core.pacing.budget import GAIN, Budget
from dialer.core.pacing.explanation import upper_share
from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import (
    AgentFacts,
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    Dialed,
    PacingFacts,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.trace import (
    read_decision,
    read_event,
    read_facts,
    record_decision,
    record_event,
    record_start,
    start_pacer,
)


def taught(target: float = 0.03, calls: int = 400) -> PredictivePacer:
    """A pacer that has seen `calls` calls, a quarter of them answered."""
    pacer, rng = (
        PredictivePacer(PacerSettings(target=target, legal_limit=None), PacingPrior()),
        np.random.default_rng(1),
    )
    pacer.decide(floor())
    for number in range(calls):
        if number % 4:
            pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
            continue
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=float(rng.uniform(4.0, 18.0))))
        pacer.observe(TalkEnded(at_s=0.0, agent="", talk_s=float(rng.lognormal(5.0, 0.7))))
        pacer.observe(WrapUpEnded(at_s=0.0, agent="", wrap_s=float(rng.lognormal(2.9, 0.5))))
    return pacer


def floor(
    *, ready: int = 0, talking: int = 0, wrapping: int = 0, ringing: int = 0, leads: int = 100, **more: object
) -> PacingFacts:
    agents = [AgentFacts(agent=f"r{n}", state="ready", since_s=0.0) for n in range(ready)]
    agents += [AgentFacts(agent=f"t{n}", state="talking", since_s=-20.0 * n) for n in range(talking)]
    agents += [AgentFacts(agent=f"w{n}", state="wrapping_up", since_s=80.0) for n in range(wrapping)]
    calls = tuple(CallInAir(attempt=f"wb-{n}", age_s=2.0 * n) for n in range(ringing))
    candidates = tuple(Candidate(lead=f"lead-{n}") for n in range(leads))
    return PacingFacts(
        now_s=100.0, mode="predictive", agents=tuple(agents), calls=calls, candidates=candidates, **more
    )  # type: ignore[arg-type]  # keywords of the facts


def test_a_cold_start_rings_one_call_a_free_agent():
    pacer = pacer_for("predictive", PacerSettings(), PacingPrior())
    assert len(pacer.decide(floor(ready=4, talking=16)).dial) == 4


def test_a_taught_pacer_rings_more_than_one_call_a_free_agent():
    assert len(taught().decide(floor(ready=4, talking=16)).dial) > 4


def test_it_rings_ahead_for_agents_who_will_be_free():
    assert len(taught().decide(floor(wrapping=12, talking=28)).dial) > 0


def test_calls_in_the_air_hold_it_back():
    pacer = taught()
    alone = len(pacer.decide(floor(ready=3, talking=10)).dial)
    assert len(pacer.decide(floor(ready=3, talking=10, ringing=6)).dial) < alone


def test_a_target_of_zero_is_progressive():
    assert len(taught(target=0.0).decide(floor(ready=4, talking=16)).dial) == 4


def test_live_callers_and_due_promises_come_first():
    pacer = taught()
    plain = len(pacer.decide(floor(ready=4, talking=8)).dial)
    assert len(pacer.decide(floor(ready=4, talking=8, waiting_callers=2)).dial) < plain
    decision = pacer.decide(floor(ready=4, talking=8, due_promises=2))
    assert decision.promises == 2
    assert len(decision.dial) < plain


def test_outbound_yields_ahead_of_expected_live_callers():
    pacer = taught()
    calm = len(pacer.decide(floor(ready=6, talking=10)).dial)
    assert len(pacer.decide(floor(ready=6, talking=10, inbound_per_s=0.2)).dial) < calm


def test_an_answered_call_has_a_claim_on_an_agent():
    pacer = taught()
    facts = floor(ready=1, talking=3)
    waiting = CallInAir(attempt="wb-w", age_s=9.0, answered=True)
    more = PacingFacts(
        now_s=100.0, mode="predictive", agents=facts.agents, calls=(waiting,), candidates=facts.candidates
    )
    assert len(pacer.decide(more).dial) < len(pacer.decide(facts).dial)


def test_trunks_and_leads_are_limits():
    pacer = taught()
    assert len(pacer.decide(floor(ready=9, talking=20, lines_free=2)).dial) == 2
    assert len(pacer.decide(floor(ready=9, talking=20, leads=3)).dial) == 3


def test_asking_twice_gives_the_same_answer():
    pacer = taught()
    facts = floor(ready=2, talking=9, ringing=2)
    assert pacer.decide(facts) == pacer.decide(facts)


def test_abandonments_raise_the_price_of_a_call_until_only_free_agents_are_dialled_for():
    pacer = taught()
    for _ in range(40):
        pacer.observe(CallAbandoned(at_s=0.0, attempt=""))
    assert pacer.budget.price == 0.0
    assert len(pacer.decide(floor(ready=4, talking=16)).dial) == 4


def test_a_bad_minute_is_recovered_from():
    pacer = taught()
    for _ in range(40):
        pacer.observe(CallAbandoned(at_s=0.0, attempt=""))
    for _ in range(900):
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=8.0))
    assert pacer.budget.price > 0.01


def test_promises_teach_nothing_about_leads():
    pacer = taught()
    before = pacer.estimators.ring.rate.value, pacer.budget.credit
    for _ in range(100):
        pacer.observe(Dialed(at_s=0.0, attempt="", for_promise=True))
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=3.0, for_promise=True))
    assert (pacer.estimators.ring.rate.value, pacer.budget.credit) == before


def test_a_restarted_pacer_takes_up_the_day_as_the_database_has_it():
    fresh, late = (PredictivePacer(PacerSettings(), PacingPrior()) for _ in range(2))
    late.decide(floor(ready=1, budget=BudgetFacts(answered_today=100, abandoned_today=9)))
    fresh.decide(floor(ready=1))
    assert late.budget.credit < fresh.budget.credit


def test_a_new_day_carries_debts_over_and_not_savings():
    pacer = PredictivePacer(PacerSettings(), PacingPrior())
    pacer.decide(floor(ready=1, budget=BudgetFacts(answered_today=400, abandoned_today=0)))
    assert pacer.budget.credit > 0.0
    pacer.decide(floor(ready=1, budget=BudgetFacts(answered_today=0)))
    assert pacer.budget.credit < 0.0


def test_every_decision_says_what_it_rests_on():
    decision = taught().decide(floor(ready=2, talking=20, ringing=3, budget=BudgetFacts(answered_today=50)))
    assert decision.reason.sentence.endswith(".")
    assert {"next_risk", "price", "credit", "answer_rate", "share_today_at_most"} <= set(
        decision.reason.numbers
    )


@pytest.mark.parametrize(("hits", "count", "upper"), [(0, 0, 1.0), (0, 100, 0.0263), (3, 100, 0.0727)])
def test_the_upper_share_is_wilsons(hits: int, count: int, upper: float):
    assert upper_share(hits, count) == pytest.approx(upper, abs=0.0006)


def test_a_trace_replays_to_the_same_decisions():
    settings, prior = PacerSettings(target=0.02), PacingPrior()
    pacer = pacer_for("predictive", settings, prior)
    records = [record_start("predictive", settings, prior)]
    for number in range(300):
        event = (
            CallAnswered(at_s=float(number), attempt=f"wb-{number}", ring_s=9.0)
            if number % 3 == 0
            else CallFailed(at_s=float(number), attempt=f"wb-{number}", ring_s=27.0)
        )
        pacer.observe(event)
        records.append(record_event(event))
        if number % 50 == 0:
            facts = floor(ready=number % 4, talking=12, ringing=2)
            records.append(record_decision(facts, pacer.decide(facts)))
    again = start_pacer(records[0])
    for record in records[1:]:
        if record["kind"] == "decide":
            assert again.decide(read_facts(record)) == read_decision(record)
        else:
            again.observe(read_event(record))


def test_a_larger_team_begins_a_legal_day_with_more_in_reserve_and_only_once() -> None:
    budget = Budget(0.03, legal_limit=0.03)
    small = budget.credit

    assert not budget.provide_for(10)
    assert small == budget.credit
    assert budget.provide_for(50)
    assert budget.credit < small
    assert not budget.provide_for(50)
    assert not budget.provide_for(12), "who goes home takes nothing along"
    unlimited = Budget(0.03)
    owed = unlimited.credit
    unlimited.provide_for(300)
    assert owed == unlimited.credit, "without a legal limit nobody's reserve grows"


@pytest.mark.parametrize(
    ("target", "limit", "agents", "fall"),
    [
        (0.03, None, 3, 2 * GAIN),
        (0.03, None, 50, GAIN),
        (0.03, 0.03, 50, 2 * GAIN),
        (0.025, 0.03, 50, 2 * GAIN),
        (0.01, 0.03, 50, GAIN),
    ],
)
def test_an_abandonment_moves_the_price_less_where_a_day_has_many_and_no_limit_near(
    target: float, limit: float | None, agents: int, fall: float
) -> None:
    budget = Budget(target, legal_limit=limit)
    budget.provide_for(agents)
    before = budget.price
    budget.abandoned()

    assert math.log(before / budget.price) == pytest.approx(fall)
