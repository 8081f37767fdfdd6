"""Which leads suit the moment; and that nothing of it happens unless it is switched on."""

import numpy as np
import pytest

from dialer.core.pacing.facts import AgentFacts, CallAnswered, CallFailed, Candidate, PacingFacts
from dialer.core.pacing.leads import WINDOW, choose_leads
from dialer.core.pacing.lookahead import ExactTail
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior

SHARES = np.linspace(0.1, 0.9, 8)
LEVELS = [0.3, 0.8, 0.05, 0.5, 0.1] * 20


def choose(*, free: int, price: float = 0.03, agents: int = 10, limit: int = 100):
    busy = np.ones((agents - free, len(SHARES)))
    return choose_leads(
        ExactTail(busy, agents=agents), SHARES, LEVELS, free=free, agents=agents, price=price, limit=limit
    )


def test_the_likeliest_lead_is_rung_for_a_single_free_agent():
    assert LEVELS[choose(free=1).indices[0]] == 0.8


def test_long_shots_are_rung_side_by_side_for_many():
    choice = choose(free=4)
    assert [LEVELS[index] for index in choice.indices[:5]] == [0.05] * 5
    assert len(choice.indices) > 4


def test_equally_likely_leads_keep_the_order_of_the_list():
    long_shots = [index for index in choose(free=4).indices if LEVELS[index] == 0.05]
    assert long_shots == sorted(long_shots)
    assert long_shots[0] == 2


def test_no_lead_further_down_than_the_window_is_taken():
    assert max(choose(free=4).indices) < WINDOW


def test_each_lead_costs_at_most_the_price_and_the_limit_holds():
    choice = choose(free=3, price=0.2)
    assert all(risk <= 0.2 for risk in choice.risks)
    assert len(choose(free=5, limit=2).indices) == 2


@pytest.mark.parametrize("lead_level", [True, False])
def test_leads_are_chosen_only_where_it_is_switched_on(*, lead_level: bool):
    pacer = PredictivePacer(PacerSettings(lead_level=lead_level), PacingPrior())
    for number in range(300):
        probability = 0.6 if number % 3 == 0 else 0.2
        event = CallAnswered if number % 3 == 0 else CallFailed
        pacer.observe(event(at_s=0.0, attempt="", ring_s=9.0, answer_probability=probability))
    facts = PacingFacts(
        now_s=0.0,
        mode="predictive",
        agents=(
            AgentFacts(agent="a", state="ready", since_s=0.0),
            *(AgentFacts(agent=f"t{n}", state="talking", since_s=0.0) for n in range(5)),
        ),
        candidates=tuple(
            Candidate(lead=f"lead-{n}", answer_probability=level) for n, level in enumerate(LEVELS)
        ),
    )
    decision = pacer.decide(facts)
    assert decision.dial[0] == ("lead-1" if lead_level else "lead-0")


def test_a_model_off_by_a_constant_is_corrected():
    pacer = PredictivePacer(PacerSettings(lead_level=True), PacingPrior())
    for number in range(900):
        event = CallAnswered if number % 5 == 0 else CallFailed
        pacer.observe(event(at_s=0.0, attempt="", ring_s=9.0, answer_probability=0.4))
    assert pacer.estimators.ring.rate.ratio == pytest.approx(0.5, abs=0.06)
