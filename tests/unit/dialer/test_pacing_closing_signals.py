"""What agents say before a talk or a wrap-up ends: how pacing learns it, and how far it goes by it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaincc, log_ndtr

from dialer.core.pacing.agent_effects import AgentEffects, Handling
from dialer.core.pacing.closing_signals import KNOWN_CLOSINGS, ClosingSignals
from dialer.core.pacing.facts import (
    AgentFacts,
    AgentState,
    CallAnswered,
    CallFailed,
    Candidate,
    PacingFacts,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.forecast import Busy, ToldEnding, draw_forecast
from dialer.core.pacing.oracle import KnownClosings, KnownLength
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.trace import (
    read_event,
    read_facts,
    record_decision,
    record_event,
    record_start,
    start_pacer,
)

SILENT = Busy(ages_s=np.empty(0))
SINCE_S: dict[AgentState, float] = {"talking": -20.0, "wrapping_up": 90.0}
TEAM = tuple(f"t{number}" for number in range(12))


def taught(*, said_s: float | None, times: int = 300, wrap_said_s: float | None = None) -> PredictivePacer:
    """A pacer whose agents said so many seconds before the end of each talk that it is about to end."""
    pacer = PredictivePacer(PacerSettings(target=0.03, legal_limit=None), PacingPrior())
    rng = np.random.default_rng(1)
    for number in range(times):
        agent = TEAM[number % len(TEAM)]
        for _ in range(3):
            pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=float(rng.uniform(4.0, 18.0))))
        talk_s = float(rng.lognormal(5.0, 0.7))
        wrap_s = float(rng.lognormal(1.0, 0.3)) if wrap_said_s is None else float(rng.lognormal(3.0, 0.6))
        pacer.observe(TalkEnded(at_s=0.0, agent=agent, talk_s=talk_s, closing_s=said_s))
        pacer.observe(WrapUpEnded(at_s=0.0, agent=agent, wrap_s=wrap_s, closing_s=wrap_said_s))
    return pacer


def floor(closing_s: float | None, *, state: AgentState = "talking", busy: int = 8) -> PacingFacts:
    """One agent ready, and the others for some while in a state, having said so for so long."""
    agents = [AgentFacts(agent="r", state="ready", since_s=0.0)]
    agents += [
        AgentFacts(agent=agent, state=state, since_s=SINCE_S[state], closing_s=closing_s)
        for agent in TEAM[:busy]
    ]
    return PacingFacts(
        now_s=100.0,
        mode="predictive",
        agents=tuple(agents),
        candidates=tuple(Candidate(lead=f"lead-{number}") for number in range(90)),
    )


def placed(pacer: PredictivePacer, facts: PacingFacts) -> int:
    return len(pacer.decide(facts).dial)


def test_more_calls_are_placed_once_agents_say_that_their_talks_are_about_to_end():
    pacer = taught(said_s=6.0)
    assert placed(pacer, floor(1.0)) > placed(pacer, floor(None))


def test_a_call_is_a_greater_risk_while_agents_who_always_say_so_have_not():
    risks = [
        taught(said_s=said_s).decide(floor(None, busy=12)).reason.numbers["next_risk"]
        for said_s in (None, 15.0)
    ]
    assert risks[1] > 1.1 * risks[0]


def test_the_same_holds_of_wrap_ups():
    pacer = taught(said_s=None, wrap_said_s=6.0)
    assert placed(pacer, floor(1.0, state="wrapping_up")) > placed(pacer, floor(None, state="wrapping_up"))
    assert pacer.estimators.wrap_closings.known
    assert not pacer.estimators.talk_closings.known


def test_too_few_words_change_nothing():
    pacer = taught(said_s=None)
    for number in range(KNOWN_CLOSINGS - 1):
        pacer.observe(TalkEnded(at_s=0.0, agent=TEAM[number % 12], talk_s=150.0, closing_s=6.0))
    assert not pacer.estimators.talk_closings.known
    assert pacer.decide(floor(1.0)).dial == pacer.decide(floor(None)).dial


def test_the_dashboard_counts_the_words_that_pacing_goes_by():
    decision = taught(said_s=6.0).decide(floor(1.0))
    assert decision.reason.numbers["agents_closing"] == 8.0
    assert "Agents who say that they are nearly done: 8." in decision.reason.sentence
    unheard = taught(said_s=None).decide(floor(1.0))
    assert unheard.reason.numbers["agents_closing"] == 0.0
    assert "nearly done" not in unheard.reason.sentence


def test_an_agent_who_never_says_so_is_taken_as_if_nobody_did():
    pacer = taught(said_s=6.0)
    for _ in range(40):
        pacer.observe(TalkEnded(at_s=0.0, agent="silent", talk_s=150.0))
    pacer.decide(floor(None))
    estimators, talking = pacer.estimators, np.linspace(0.0, 600.0, 13)
    forecast = draw_forecast(estimators, rate=0.3, patience_s=2.0, talking=SILENT, wrapping=SILENT)
    shares = estimators.talk_closings.shares(["silent"] * len(talking))
    told = forecast.told_talking
    assert told is not None
    rows = told.rows(forecast.still_talking, Busy(ages_s=talking, shares=shares))
    assert np.allclose(rows, forecast.still_talking.rows(talking), atol=1e-12)


def test_who_stops_saying_so_is_no_longer_expected_to_within_a_morning():
    closings = ClosingSignals()
    for _ in range(60):
        closings.learn("a", 10.0)
    assert closings.shares(["a", "new"]) == pytest.approx([0.98, 0.0], abs=0.03)
    for _ in range(100):
        closings.learn("a", None)
    assert closings.shares(["a"])[0] < 0.15


def test_agents_who_say_so_early_and_late_are_told_apart():
    closings, rng = ClosingSignals(), np.random.default_rng(2)
    for number in range(900):
        agent = f"a{number % 3}"
        length_s = float(rng.lognormal(0.0, 0.4)) * (5.0 if agent == "a0" else 25.0)
        closings.learn(agent, length_s)
        closings.ahead.agent_effects.settle()
    early, late = (closings.ahead.agent_effects.stretch(agent) for agent in ("a1", "a0"))
    assert early > 3.0 * late


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_what_silence_says_is_what_half_a_million_talks_say(share: float):
    rng = np.random.default_rng(5)
    talks = rng.lognormal(4.9, 0.7, 500_000)
    wraps = rng.exponential(6.0, talks.size)
    leads = np.where(rng.random(talks.size) < share, rng.gamma(4.0, 3.0, talks.size), 0.0)
    for age in (60.0, 200.0):
        silent = (talks > age) & (talks - leads > age)
        moments, rows = told_rows(share, np.array([age]))
        free = (talks + wraps)[silent] - age
        seen = [(free > by).mean() for by in moments + 2.0]
        assert rows[0] == pytest.approx(seen, abs=0.006)


def told_rows(share: float, ages_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The moments, and the chance not to be free after each, of talks without a word in a known scenario."""
    pacer = taught(said_s=None)
    lognormal = KnownLength(mean_s=170.0, hazard=lognormal_hazard)
    exponential = KnownLength(mean_s=6.0, hazard=lambda ages: ages / 6.0)
    gamma = KnownLength(
        mean_s=12.0, hazard=lambda ages: -np.log(np.maximum(1e-12, gammaincc(4.0, ages / 3.0)))
    )
    estimators = replace(
        pacer.estimators,
        talk=Handling(lognormal, AgentEffects()),
        wrap=Handling(exponential, AgentEffects()),
        talk_closings=KnownClosings(gamma, share),
    )
    forecast = draw_forecast(estimators, rate=0.3, patience_s=2.0, talking=SILENT, wrapping=SILENT)
    told: ToldEnding | None = forecast.told_talking
    assert told is not None
    busy = Busy(ages_s=ages_s, shares=np.full(len(ages_s), share))
    return forecast.moments_s, told.rows(forecast.still_talking, busy)


def lognormal_hazard(ages: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return -log_ndtr((4.9 - np.log(ages)) / 0.7)


def test_large_teams_go_by_the_word_too():
    pacer = taught(said_s=6.0)
    many = [floor(closing_s, busy=12) for closing_s in (None, 1.0)]
    many = [replace(facts, agents=facts.agents * 8) for facts in many]
    silent, said = (placed(pacer, facts) for facts in many)
    assert said > silent


def test_a_trace_holds_what_agents_said_and_replays():
    settings, prior = PacerSettings(target=0.03), PacingPrior()
    pacer = PredictivePacer(settings, prior)
    records = [record_start("predictive", settings, prior)]
    for number in range(400):
        event = (
            TalkEnded(
                at_s=0.0, agent=TEAM[number % 12], talk_s=90.0 + number % 70, closing_s=8.0 + number % 5
            )
            if number % 2
            else CallAnswered(at_s=0.0, attempt="", ring_s=9.0)
            if number % 8 == 0
            else CallFailed(at_s=0.0, attempt="", ring_s=27.0)
        )
        pacer.observe(event)
        records.append(record_event(event))
    decision = pacer.decide(floor(2.0))
    records.append(record_decision(floor(2.0), decision))
    again = start_pacer(records[0])
    for record in records[1:-1]:
        again.observe(read_event(record))
    assert again.decide(read_facts(records[-1])) == decision
    assert decision.reason.numbers["agents_closing"] == 8.0


def test_a_trace_from_before_agents_said_anything_is_read():
    record = record_event(TalkEnded(at_s=1.0, agent="a", talk_s=90.0))
    del record["closing_s"]
    assert read_event(record) == TalkEnded(at_s=1.0, agent="a", talk_s=90.0)
    kept = record_decision(floor(None), taught(said_s=None).decide(floor(None)))
    for agent in kept["facts"]["agents"]:
        del agent["closing_s"]
    assert read_facts(kept) == floor(None)
