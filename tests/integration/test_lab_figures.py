"""What hours of a simulated floor come to: too long for a unit, and too slow for the fast ring."""

import pytest
from bench.pacing.nonstationary import run_changes

from dialer.lab.comparison import find_optimum, known_maker, play, run_cell, summarise
from dialer.lab.policies import Progressive, Winback
from dialer.lab.scenario import Break, Scenario
from dialer.lab.simulation import Simulation

HOUR = 3600.0


def test_the_optimum_lies_above_progressive_and_its_price_gives_the_target():
    scenario, seeds = Scenario(agents=10, answer_rate=0.3), range(6)
    best = find_optimum(scenario, 0.03, seeds=seeds, hours=0.8)
    plain = summarise(play(scenario, Progressive, seeds=seeds, hours=0.8))
    assert plain.utilisation + 0.07 < best.utilisation < 0.90
    again = summarise(play(scenario, known_maker(scenario, 0.03, best.price), seeds=seeds, hours=0.8))
    assert again.abandonment == pytest.approx(0.03, abs=0.02)


def test_a_shift_is_compared_with_the_optimum_of_its_parts():
    result = run_changes(agents=4, target=0.03, seeds=1, cold=True, only="lunch", answers=400.0)
    row = result["changes"]["half leave for lunch and come back"]
    assert row["ratio"] == pytest.approx(row["utilisation"] / row["optimum"], abs=1e-4)
    assert 0.7 < row["utilisation"] < 0.95
    assert result["bars"] == {"abandonment": 0.033, "ratio": 0.985}


def test_knowing_when_wrap_ups_end_is_worth_utilisation():
    scenarios = [
        Scenario(agents=10, answer_rate=0.3, **more)
        for more in ({}, {"wrap_sign_share": 1.0, "wrap_sign_ahead_s": 12.0, "sign_shape": 400.0})
    ]
    played = [
        [
            Simulation(scenario, Winback(0.03), seed=seed).run(until_s=3 * HOUR, warm_up_s=HOUR)
            for seed in (1, 2)
        ]
        for scenario in scenarios
    ]
    without, told = (sum(tally.utilisation for tally in tallies) / 2 for tallies in played)
    assert told > without + 0.004


def test_predictive_pacing_hears_of_announced_breaks():
    pause = Break(start_s=HOUR, length_s=1800.0, agents=10, notice_s=600.0)
    simulation = Simulation(Scenario(agents=20, answer_rate=0.3, breaks=(pause,)), Winback(0.03), seed=4)
    tally = simulation.run(until_s=1.5 * HOUR)
    assert tally.answered == tally.connected + tally.abandoned + len(simulation.floor.waiting)
    assert tally.abandonment < 0.06


def test_promises_on_the_same_agents_do_not_cost_leads_more_than_the_target():
    scenario = Scenario(agents=10, answer_rate=0.3, promises_per_hour=30.0)
    tally = Simulation(scenario, Winback(0.03), seed=6).run(until_s=3 * HOUR)
    assert tally.abandonment < 0.05
    assert tally.promises_waited_s / tally.promises_rung < 60.0


def test_a_cell_of_another_world_says_what_became_of_callers_and_promises():
    scenario = Scenario(agents=4, answer_rate=0.3, spread=1.0, inbound_per_hour=20.0, promises_per_hour=6.0)
    only = frozenset({"progressive", "winback_lead_level"})
    cell = run_cell(
        agents=4, answer_rate=0.3, target=0.03, seeds=2, hours=1.0, only=only, tuned=False, scenario=scenario
    )
    for row in cell["policies"].values():
        assert row["callers"] > 20
        assert row["promises"] > 4
        assert 0.0 <= row["promise_wait_s"] < 600.0


def test_live_callers_are_served_before_leads():
    scenario = Scenario(agents=4, answer_rate=0.3, inbound_per_hour=20.0)
    simulation = Simulation(scenario, Winback(0.03), seed=3)
    tally = simulation.run(until_s=6 * 3600.0)
    assert tally.inbound > 60
    assert tally.inbound_lost < 0.1 * tally.inbound
    assert tally.abandonment < 0.05


def test_predictive_pacing_beats_progressive_and_keeps_to_its_target():
    scenario = Scenario(agents=10, answer_rate=0.3)
    ours = Simulation(scenario, Winback(0.03), seed=4).run(until_s=4 * 3600.0, warm_up_s=1800.0)
    plain = Simulation(scenario, Progressive(), seed=4).run(until_s=4 * 3600.0, warm_up_s=1800.0)
    assert ours.utilisation > plain.utilisation + 0.06
    assert ours.abandonment < 0.045


def test_choosing_leads_keeps_their_average():
    scenario = Scenario(agents=3, answer_rate=0.3, spread=1.06)
    tally = Simulation(scenario, Winback(0.03, lead_level=True), seed=1).run(until_s=5 * 3600.0)
    assert tally.answered / tally.dialed == pytest.approx(0.3, abs=0.04)
