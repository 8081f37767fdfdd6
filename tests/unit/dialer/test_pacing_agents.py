"""What pacing makes of single agents: their own pace, their plans to leave, their pauses."""

import math

import numpy as np
import pytest

from dialer.core.pacing.agent_effects import Handling
from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import (
    AgentFacts,
    CallAnswered,
    CallFailed,
    Candidate,
    PacingFacts,
    PauseEnded,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.forecast import MOMENTS, Busy, Estimators, draw_forecast
from dialer.core.pacing.pauses import KNOWN_ENDS, MOST_REASONS, Pauses
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior

LEADS = tuple(Candidate(lead=f"lead-{n}") for n in range(100))
NONE = Busy(ages_s=np.empty(0))


def taught(*, slow: str = "", pauses: int = 0) -> PredictivePacer:
    """A pacer that has seen a morning: ten agents, one of them three times as slow where named."""
    pacer, rng = (
        PredictivePacer(PacerSettings(target=0.03, legal_limit=0.03), PacingPrior()),
        np.random.default_rng(4),
    )
    pacer.decide(floor())
    for number in range(1600):
        if number % 4:
            pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
            continue
        agent = f"t{number // 4 % 10}"
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=float(rng.uniform(4.0, 18.0))))
        talk_s = float(rng.lognormal(4.9, 0.5)) * (3.0 if agent == slow else 1.0)
        pacer.observe(TalkEnded(at_s=0.0, agent=agent, talk_s=talk_s))
        pacer.observe(WrapUpEnded(at_s=0.0, agent=agent, wrap_s=float(rng.lognormal(2.9, 0.4))))
    for _ in range(pauses):
        pacer.observe(PauseEnded(at_s=0.0, agent="p", reason="coffee", pause_s=float(rng.uniform(290, 310))))
    return pacer


def floor(*agents: AgentFacts) -> PacingFacts:
    return PacingFacts(now_s=1000.0, mode="predictive", agents=agents, candidates=LEADS)


def talking(agent: str, for_s: float, leaves_in_s: float | None = None) -> AgentFacts:
    leaves_s = None if leaves_in_s is None else 1000.0 + leaves_in_s
    return AgentFacts(agent=agent, state="talking", since_s=1000.0 - for_s, leaves_s=leaves_s)


def ready(agent: str, leaves_in_s: float | None = None) -> AgentFacts:
    leaves_s = None if leaves_in_s is None else 1000.0 + leaves_in_s
    return AgentFacts(agent=agent, state="ready", since_s=900.0, leaves_s=leaves_s)


def paused(agent: str, for_s: float, reason: str | None = "coffee") -> AgentFacts:
    return AgentFacts(agent=agent, state="paused", since_s=1000.0 - for_s, reason=reason)


def placed(pacer: PredictivePacer, *agents: AgentFacts) -> int:
    return len(pacer.decide(floor(*agents)).dial)


# Their own pace


def test_agents_who_are_alike_all_get_the_campaigns_distribution():
    handling, rng = Handling.start(150.0), np.random.default_rng(9)
    for number in range(600):
        handling.learn(float(rng.lognormal(5.0, 0.7)), f"a{number % 12}")
    handling.agent_effects.settle()
    assert handling.agent_effects.stretches == (1.0,)
    assert handling.agent_effects.indices(["a1", "a2"]) is None


def test_an_agents_own_factor_is_found_and_drawn_towards_one():
    handling, rng = Handling.start(150.0), np.random.default_rng(9)
    for number in range(400):
        agent = f"a{number % 8}"
        handling.learn(float(rng.lognormal(5.0, 0.5)) * (2.0 if agent == "a3" else 1.0), agent)
        if number % 20 == 0:
            handling.agent_effects.settle()
    assert 1.5 < handling.agent_effects.stretch("a3") / handling.agent_effects.stretch("a4") < 2.1
    assert handling.agent_effects.stretch("nobody") == 1.0


def test_a_few_ends_do_not_make_an_agent_slow():
    handling, rng = Handling.start(150.0), np.random.default_rng(9)
    for number in range(300):
        handling.learn(float(rng.lognormal(5.0, 0.5)) * (1.6 if number % 2 else 1.0), f"a{number % 6}")
    handling.learn(3000.0, "new")
    handling.agent_effects.settle()
    assert handling.agent_effects.stretch("new") < 2.5


def test_the_campaigns_distribution_is_that_of_an_agent_whose_factor_is_one():
    handling, rng = Handling.start(150.0), np.random.default_rng(3)
    for number in range(3000):
        agent = number % 10
        handling.learn(float(rng.lognormal(5.0, 0.4)) * math.exp(0.25 * (agent - 4.5)), f"a{agent}")
        if number % 30 == 0:
            handling.agent_effects.settle()
    centre = handling.distribution.centre
    spread = math.sqrt(math.log(handling.distribution.mean_s) - centre) * math.sqrt(2.0)
    assert spread < 0.55  # pooled over unlike agents it would be 0.82


def test_a_slow_agent_is_not_expected_free_as_soon_as_the_others():
    pacer = taught(slow="t3")
    pacer.decide(floor(ready("r"), talking("t1", 10.0)))
    estimators = pacer.estimators
    forecast = draw_forecast(estimators, rate=0.3, patience_s=2.0, talking=NONE, wrapping=NONE)
    ages = np.array([150.0, 150.0])
    quick, slow = forecast.still_talking.rows(ages, estimators.talk.agent_effects.indices(["t1", "t3"]))
    assert 1.0 - slow[-1] < 0.5 * (1.0 - quick[-1])


def test_more_calls_are_placed_ahead_of_quick_agents_than_of_slow_ones():
    pacer = taught(slow="t3")
    quick = [talking("t1", 170.0) for _ in range(12)]
    slow = [talking("t3", 170.0) for _ in range(12)]
    assert placed(pacer, ready("r"), *slow) < placed(pacer, ready("r"), *quick)


# Their plans


def test_an_agent_who_leaves_while_the_call_would_ring_gets_none():
    for mode in ("progressive", "reserved", "predictive"):
        pacer = pacer_for(mode, PacerSettings(), PacingPrior())
        assert len(pacer.decide(floor(ready("a"), ready("b", leaves_in_s=12.0))).dial) == 1
        assert len(pacer.decide(floor(ready("a"), ready("b", leaves_in_s=600.0))).dial) == 2


def test_a_promise_is_not_rung_on_an_agent_who_is_about_to_leave():
    facts = PacingFacts(now_s=1000.0, agents=(ready("b", leaves_in_s=12.0),), due_promises=1)
    pacer = pacer_for("progressive", PacerSettings(), PacingPrior())
    assert pacer.decide(facts).promises == 0


def test_talking_agents_with_a_plan_do_not_come_back():
    pacer = taught()
    staying = [talking(f"t{n}", 200.0) for n in range(10)]
    leaving = [talking(f"t{n}", 200.0, leaves_in_s=1.0) for n in range(10)]
    assert placed(pacer, ready("r"), *leaving) == placed(pacer, ready("r"))
    assert placed(pacer, ready("r"), *leaving) < placed(pacer, ready("r"), *staying)


def test_the_dashboard_says_who_leaves():
    decision = taught().decide(
        floor(ready("a"), ready("b", leaves_in_s=20.0), talking("t1", 90.0, leaves_in_s=40.0))
    )
    assert "2 agents leave within a minute: not counted on." in decision.reason.sentence
    assert decision.reason.numbers["agents_leaving"] == 2.0


# Their pauses


def test_nobody_is_expected_back_from_a_pause_of_which_too_little_is_known():
    pacer = taught(pauses=KNOWN_ENDS - 1)
    away = [paused(f"p{n}", 298.0) for n in range(6)]
    assert placed(pacer, ready("r"), *away) == placed(pacer, ready("r"))


def test_agents_are_expected_back_when_pauses_of_that_reason_use_to_end():
    pacer = taught(pauses=60)
    about_to_end = [paused(f"p{n}", 298.0) for n in range(6)]
    just_begun = [paused(f"p{n}", 5.0) for n in range(6)]
    alone = placed(pacer, ready("r"), talking("t1", 5.0))
    assert placed(pacer, ready("r"), talking("t1", 5.0), *about_to_end) > alone
    assert placed(pacer, ready("r"), talking("t1", 5.0), *just_begun) == alone
    assert "Expected back from a pause" in pacer.decide(floor(ready("r"), *about_to_end)).reason.sentence


def test_a_pause_without_a_reason_or_for_another_one_brings_nobody_back():
    pacer = taught(pauses=60)
    alone = placed(pacer, ready("r"))
    assert placed(pacer, ready("r"), paused("p", 298.0, reason=None), paused("q", 298.0, "lunch")) == alone


def test_the_floor_counts_only_agents_who_are_there():
    pacer = pacer_for("progressive", PacerSettings(), PacingPrior())
    assert pacer.decide(floor(*[paused(f"p{n}", 298.0) for n in range(6)])).dial == ()


def test_no_more_than_so_many_reasons_are_told_apart():
    pauses = Pauses()
    for number in range(3 * MOST_REASONS):
        for _ in range(KNOWN_ENDS):
            pauses.learn(f"reason {number}", 100.0)
    assert len(list(pauses.known())) == MOST_REASONS


@pytest.mark.parametrize("stay_s", [3.0, 9.0, 25.0])
def test_large_teams_are_treated_as_small_ones_are(stay_s: float):
    """Above some seventy calls and agents moments stand in for the exact sum: leaves count there too."""
    pacer = taught()
    staying = [talking(f"t{n}", 100.0 + n) for n in range(90)]
    leaving = [talking(f"x{n}", 100.0, leaves_in_s=stay_s) for n in range(6)]
    decision = pacer.decide(floor(*staying, *leaving))
    without = pacer.decide(floor(*staying))
    everybody = pacer.decide(floor(*staying, *[talking(f"x{n}", 100.0) for n in range(6)]))
    assert len(without.dial) <= len(decision.dial) <= len(everybody.dial)


def test_nothing_known_means_every_table_has_the_same_shape():
    forecast = draw_forecast(
        Estimators.start(PacerSettings(), PacingPrior()),
        rate=0.3,
        patience_s=2.0,
        talking=NONE,
        wrapping=NONE,
    )
    assert forecast.still_talking.rows(np.array([1.0])).shape == (1, MOMENTS)
    assert forecast.still_paused == {}
