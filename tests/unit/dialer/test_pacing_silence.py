"""Nobody picks up for a while: what pacing makes of it, and what it does when people do again."""

import numpy as np
import pytest

from dialer.core.pacing.answer_rate import AnswerRate
from dialer.core.pacing.facts import AgentFacts, CallAnswered, CallFailed, Candidate, Dialed, PacingFacts
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.lab.burst import play_bursts
from dialer.lab.policies import Progressive
from dialer.lab.scenario import Outage, Scenario, read_scenario
from dialer.lab.simulation import Simulation

pytestmark = pytest.mark.slow

USUAL = 0.3
LEADS = tuple(Candidate(lead=f"lead-{n}") for n in range(500))
SILENT_CALLS = 300  # of ten agents in ten minutes, at one call each


def learned(rate: AnswerRate, answer_rate: float, calls: int, *, seed: int = 1) -> AnswerRate:
    """The rate after so many calls more, answered by chance."""
    for luck in np.random.default_rng(seed).random(calls):
        rate.learn(answered=bool(luck < answer_rate), expected=None)
    return rate


@pytest.fixture
def usual() -> AnswerRate:
    return learned(AnswerRate(0.35), USUAL, 600)


@pytest.fixture
def pacer() -> PredictivePacer:
    """A pacer that has seen 400 calls, three in ten of them answered."""
    pacer = PredictivePacer(PacerSettings(target=0.03, legal_limit=None), PacingPrior())
    pacer.decide(floor(ready=0))
    for number in range(400):
        pacer.observe(
            CallAnswered(at_s=0.0, attempt="", ring_s=9.0)
            if number % 10 in {0, 3, 6}
            else CallFailed(at_s=0.0, attempt="", ring_s=27.0)
        )
    return pacer


def floor(*, ready: int) -> PacingFacts:
    return PacingFacts(
        now_s=100.0,
        mode="predictive",
        agents=tuple(AgentFacts(agent=f"a{n}", state="ready", since_s=0.0) for n in range(ready)),
        candidates=LEADS,
    )


def fail(pacer: PredictivePacer, calls: int) -> None:
    for _ in range(calls):
        pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))


def test_a_silence_leaves_the_answer_rate_as_it_was(usual: AnswerRate) -> None:
    before = usual.value
    learned(usual, 0.0, SILENT_CALLS)
    assert usual.silent_calls >= SILENT_CALLS
    assert usual.value == pytest.approx(before, abs=0.01)


def test_a_silence_is_over_within_thirty_calls_of_people_picking_up(usual: AnswerRate) -> None:
    learned(usual, 0.0, SILENT_CALLS)
    learned(usual, USUAL, 30, seed=2)
    assert usual.silent_calls == 0
    assert usual.value == pytest.approx(USUAL, abs=0.03)


def test_a_rate_that_falls_for_good_is_believed_once_twenty_people_have_answered(usual: AnswerRate) -> None:
    learned(usual, 0.03, 500, seed=5)
    assert usual.value > 0.2
    learned(usual, 0.03, 500, seed=6)
    assert usual.silent_calls == 0
    assert usual.value == pytest.approx(0.03, abs=0.012)


def test_a_halved_rate_is_no_silence_and_is_noticed_as_before(usual: AnswerRate) -> None:
    learned(usual, USUAL / 2, 400, seed=3)
    assert usual.silent_calls == 0
    assert usual.value == pytest.approx(USUAL / 2, abs=0.04)


@pytest.mark.parametrize("answer_rate", [0.05, 0.15, 0.3, 0.6])
def test_chance_seldom_passes_for_a_silence_and_does_not_bend_the_rate(answer_rate: float) -> None:
    rate, silent, values = AnswerRate(0.35), 0, []
    for luck in np.random.default_rng(4).random(20_000):
        rate.learn(answered=bool(luck < answer_rate), expected=None)
        silent += rate.silent_calls > 0
        values.append(rate.value)
    assert silent / 20_000 < 0.03
    assert np.mean(values[2000:]) == pytest.approx(answer_rate, rel=0.04)


def test_while_nobody_picks_up_one_call_rings_for_each_free_agent_and_the_page_says_so(
    pacer: PredictivePacer,
) -> None:
    assert len(pacer.decide(floor(ready=10)).dial) > 10
    fail(pacer, SILENT_CALLS)
    decision = pacer.decide(floor(ready=10))
    assert len(decision.dial) == 10
    assert decision.reason.sentence.startswith("Hardly anybody picks up (30")
    assert decision.reason.numbers["silent_calls"] >= SILENT_CALLS


def test_calls_that_nobody_could_answer_do_not_move_the_price(pacer: PredictivePacer) -> None:
    fail(pacer, 40)
    before = pacer.budget.price
    for _ in range(SILENT_CALLS):
        pacer.decide(floor(ready=1))
        pacer.observe(Dialed(at_s=0.0, attempt=""))
        fail(pacer, 1)
    assert pacer.budget.price == before


def test_a_day_that_begins_with_a_silence_begins_once_people_answer() -> None:
    pacer = PredictivePacer(PacerSettings(target=0.03, legal_limit=None), PacingPrior())
    fail(pacer, SILENT_CALLS)
    assert len(pacer.decide(floor(ready=10)).dial) == 10
    for number in range(20):
        pacer.observe(
            CallFailed(at_s=0.0, attempt="", ring_s=27.0)
            if number % 3
            else CallAnswered(at_s=0.0, attempt="", ring_s=9.0)
        )
    assert 10 <= len(pacer.decide(floor(ready=10)).dial) <= 14


def test_nobody_picks_up_in_an_outage_and_people_do_from_its_end_on() -> None:
    scenario = Scenario(agents=10, answer_rate=1.0, outages=(Outage(start_s=0.0, length_s=600.0),))
    simulation = Simulation(scenario, Progressive(), seed=1)
    assert simulation.run(until_s=600.0).answered == 0
    assert simulation.run(until_s=660.0).answered == 10


def test_a_world_is_read_with_its_outages() -> None:
    given = '{"outages": [{"start_s": 60, "length_s": 180}]}'
    assert read_scenario(given, agents=3, answer_rate=0.3).outages == (Outage(start_s=60, length_s=180),)


def test_no_more_calls_than_usual_are_in_the_air_when_people_pick_up_again() -> None:
    bursts = play_bursts(Scenario(agents=10, answer_rate=0.3), 0.03, length_s=180.0, count=3, seed=1)
    assert max(burst.peak for burst in bursts) <= 24
    assert sum(burst.after.abandoned for burst in bursts) <= 0.06 * sum(b.after.answered for b in bursts)
