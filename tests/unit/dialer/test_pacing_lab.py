"""The lab: nobody gets lost in it, the rules of baselines are what their sources say, results can be read."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from dialer.core.pacing.facts import (
    AgentFacts,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    PacingFacts,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.snapshot import Snapshot
from dialer.core.pacing.trace import record_decision, record_event, record_start
from dialer.lab.baselines.impact import play as rehearse
from dialer.lab.baselines.issabel import Issabel
from dialer.lab.baselines.ratio import FixedRatio
from dialer.lab.baselines.vicidial import Knobs, Vicidial
from dialer.lab.baselines.webitel import Webitel
from dialer.lab.comparison import Row, run_cell
from dialer.lab.dialing_policy import VisibleFloor
from dialer.lab.policies import Progressive, Winback
from dialer.lab.recorded import TraceUnusable, read_day
from dialer.lab.replay import read_trace, replay
from dialer.lab.report import write_report
from dialer.lab.scenario import Sampler, Scenario, ScenarioPhase, centre_for
from dialer.lab.simulation import Simulation

pytestmark = pytest.mark.slow


def floor(
    *, idle: int = 0, talking: int = 0, ringing: int = 0, waiting: int = 0, now: float = 0.0
) -> VisibleFloor:
    state = VisibleFloor(now=now)
    state.idle.extend(range(idle))
    state.talking.update({100 + n: now - 50.0 for n in range(talking)})
    state.ringing.update({200 + n: now - 5.0 for n in range(ringing)})
    state.waiting.extend(range(waiting))
    return state


def test_the_scenario_is_the_stated_one():
    chance = Sampler(Scenario(agents=1, answer_rate=0.3), 1)
    talks = [chance.talk_s() for _ in range(20000)]
    assert np.mean(talks) == pytest.approx(180.0, rel=0.03)
    assert np.std(talks) / np.mean(talks) == pytest.approx(0.8, rel=0.06)
    calls = [chance.call() for _ in range(20000)]
    assert np.mean([answered for answered, _ in calls]) == pytest.approx(0.3, abs=0.012)
    assert max(ring_s for _, ring_s in calls) == 27.0
    early = [ring_s for answered, ring_s in calls if not answered and ring_s < 27.0]
    assert len(early) / sum(not answered for answered, _ in calls) == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("rate", [0.15, 0.3, 0.6])
def test_differing_leads_answer_at_the_stated_rate_on_average(rate: float):
    odds = centre_for(rate, 1.06) + 1.06 * np.random.default_rng(1).standard_normal(200_000)
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(rate, abs=0.003)


def test_every_answer_is_connected_abandoned_or_still_there():
    simulation = Simulation(Scenario(agents=6, answer_rate=0.3), Winback(0.03), seed=2)
    tally = simulation.run(until_s=4 * 3600.0)
    assert tally.answered == tally.connected + tally.abandoned + len(simulation.floor.waiting)
    assert tally.dialed > tally.answered > 100


def test_the_same_seed_gives_the_same_day():
    results = [
        asdict(Simulation(Scenario(agents=4, answer_rate=0.3), Winback(0.02), seed=7).run(until_s=7200.0))
        for _ in range(2)
    ]
    assert results[0] == results[1]


def test_one_call_per_free_agent_abandons_nobody():
    tally = Simulation(Scenario(agents=10, answer_rate=0.5), Progressive(), seed=1).run(until_s=8 * 3600.0)
    assert tally.abandoned == 0
    assert tally.utilisation == pytest.approx(0.86, abs=0.03)


def test_agents_leave_for_lunch_when_their_talk_is_over_and_come_back():
    scenario = Scenario(
        agents=8,
        answer_rate=0.4,
        phases=(ScenarioPhase(start_s=3600.0, agents=3), ScenarioPhase(start_s=7200.0, agents=8)),
    )
    simulation = Simulation(scenario, Progressive(), seed=1)
    simulation.run(until_s=7100.0)
    assert simulation.floor.agents == 3
    simulation.run(until_s=7300.0)
    assert simulation.floor.agents == 8


def test_the_lab_and_the_engine_ask_the_same_pacer_the_same_question():
    pacer = PredictivePacer(PacerSettings(target=0.03, legal_limit=None), PacingPrior())
    facts = PacingFacts(
        now_s=100.0,
        mode="predictive",
        agents=(
            AgentFacts(agent="a", state="ready", since_s=90.0),
            AgentFacts(agent="b", state="talking", since_s=20.0),
            AgentFacts(agent="c", state="wrapping_up", since_s=95.0),
        ),
        calls=(CallInAir(attempt="wb-1", age_s=4.0),),
        candidates=tuple(Candidate(lead=str(n)) for n in range(50)),
    )
    pacer.decide(facts)
    for number in range(400):
        pacer.observe(
            CallFailed(at_s=0.0, attempt="", ring_s=27.0)
            if number % 4
            else CallAnswered(at_s=0.0, attempt="", ring_s=8.0)
        )
    verdict = pacer.weigh(
        Snapshot(
            free=1,
            ringing_s=np.array([4.0]),
            talking_s=np.array([80.0]),
            wrapping_s=np.array([5.0]),
            limit=50,
        )
    )
    decision = pacer.decide(facts)
    assert (len(decision.dial), decision.reason.numbers["next_risk"]) == (verdict.count, verdict.next_risk)


def test_fixed_ratio_counts_as_stated():
    assert FixedRatio(2.0, per_free=True).dial(floor(idle=3, talking=5, ringing=2)) == 4
    assert FixedRatio(1.5, per_free=False).dial(floor(idle=2, talking=8, ringing=3)) == 15 - 3 - 8


def test_vicidial_raises_its_level_while_agents_wait_and_drops_it_over_its_limit():
    dialer = Vicidial("hard", Knobs(drop_share=0.03))
    for second in range(1, 60):
        for half in (0.0, 0.5):
            dialer.dial(floor(idle=5, talking=5, now=second + half))
    assert dialer._level == pytest.approx(1.5**3, abs=0.6)
    assert dialer._level <= 3.0
    for _ in range(60):
        dialer.dialed(60.0, None)
        dialer.answered(60.0, 5.0, None)
        dialer.abandoned(60.0)
    for second in range(60, 140):
        for half in (0.0, 0.5):
            dialer.dial(floor(idle=5, talking=5, now=second + half))
    assert dialer._level == 1.0


def test_issabel_counts_agents_that_an_exponential_distribution_says_are_nearly_free():
    dialer = Issabel(overcommit=False)
    for _ in range(10):
        dialer.talk_ended(0.0, 1, 100.0)
    state = floor(idle=1, now=1000.0)
    state.talking.update({1: 1000.0 - 345.0, 2: 1000.0 - 300.0})  # 3.51 means less 8 s of ringing: 342.6 s
    assert dialer.dial(state) == 2


def test_webitel_dials_one_over_the_answer_share_and_falls_to_one_at_its_maximum():
    dialer = Webitel(0.03)
    for number in range(200):
        (dialer.answered if number % 4 == 0 else dialer.failed)(0.0, 5.0, None)
    assert dialer.dial(floor(idle=2, now=31.0)) == round(4.0 * 1.3 * 2)
    for _ in range(2):
        dialer.abandoned(32.0)
    assert dialer.dial(floor(idle=2, now=62.0)) == 2


def test_impact_rehearses_with_recorded_calls():
    share, drops = rehearse(1.0, 5, [True, False], [60.0])
    assert drops == 0.0
    assert 0.0 < share < 1.0
    assert rehearse(6.0, 5, [True], [60.0])[1] > 0.3


def test_a_cell_is_plain_json_with_what_the_table_needs():
    cell = run_cell(agents=3, answer_rate=0.3, target=0.03, seeds=2, hours=0.5, tuned=False)
    again = json.loads(json.dumps(cell))
    assert {"winback", "progressive", "vicidial_hard", "webitel", "issabel", "impact", "uccx_like"} <= set(
        again["policies"]
    )
    for row in again["policies"].values():
        assert set(row) == set(Row.__dataclass_fields__)
    assert again["scenario"]["target"] == 0.03


def test_the_report_is_one_file_that_needs_no_other(tmp_path):
    cell = run_cell(
        agents=3,
        answer_rate=0.3,
        target=0.03,
        seeds=2,
        hours=0.5,
        only=frozenset({"winback", "progressive"}),
        tuned=False,
    )
    page = tmp_path / "report.html"
    write_report(cell, page, scenario=Scenario(agents=3, answer_rate=0.3))
    text = page.read_text()
    assert text.count("<svg") == 3
    assert "http" not in text
    assert "winback" in text


def write_trace(path, *, calls: int = 300):
    settings, prior = PacerSettings(), PacingPrior()
    pacer = PredictivePacer(settings, prior)
    lines = [record_start("predictive", settings, prior)]
    agents = tuple(AgentFacts(agent=f"a{n}", state="ready", since_s=0.0) for n in range(4))
    for number in range(calls):
        events = (
            [
                CallAnswered(at_s=number, attempt="", ring_s=9.0),
                TalkEnded(
                    at_s=number, agent="a", talk_s=100.0 + number % 50, closing_s=None if number % 2 else 12.0
                ),
                WrapUpEnded(at_s=number, agent="a", wrap_s=15.0),
            ]
            if number % 3 == 0
            else [CallFailed(at_s=number, attempt="", ring_s=27.0)]
        )
        for event in events:
            pacer.observe(event)
            lines.append(record_event(event))
        facts = PacingFacts(
            now_s=float(number), mode="predictive", agents=agents, candidates=(Candidate(lead="x"),) * 9
        )
        lines.append(record_decision(facts, pacer.decide(facts)))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_trace_replays_without_a_difference(tmp_path):
    steps = list(replay(read_trace(write_trace(tmp_path / "day.jsonl"))))
    assert len(steps) == 300
    assert not any(step.differs for step in steps)


def test_a_recorded_day_becomes_a_world(tmp_path):
    scenario = read_day(read_trace(write_trace(tmp_path / "day.jsonl"))).scenario
    assert scenario.agents == 4
    assert scenario.answer_rate == pytest.approx(199 / 598, abs=0.01)
    assert (scenario.sign_share, scenario.sign_ahead_s) == (pytest.approx(0.5, abs=0.01), 12.0)
    assert scenario.wrap_sign_share == 0.0
    tally = Simulation(scenario, Winback(0.03), seed=1).run(until_s=3600.0)
    assert tally.answered > 20


def test_a_broken_trace_names_its_line(tmp_path):
    path = tmp_path / "day.jsonl"
    path.write_text('{"kind": "start"}\nnot json\n')
    with pytest.raises(TraceUnusable, match="line 2"):
        list(read_trace(path))
    with pytest.raises(TraceUnusable, match="only 2 calls"):
        read_day(read_trace(write_trace(path, calls=3)))
