"""The lab's scenarios: what may happen in them, and that the reference scenario stays what it was."""

import numpy as np
import pytest

from dialer.lab.dialing_policy import VisibleFloor
from dialer.lab.policies import Progressive
from dialer.lab.scenario import Break, Sampler, Scenario, read_scenario
from dialer.lab.simulation import Simulation

HOUR = 3600.0


def test_the_reference_scenario_is_the_same_to_the_last_digit():
    tally = Simulation(Scenario(agents=10, answer_rate=0.3), Progressive(), seed=1).run(until_s=2 * HOUR)
    assert (tally.dialed, tally.answered, tally.connected) == (937, 277, 277)
    assert tally.busy_s == pytest.approx(55136.39675325078, abs=1e-6)


def test_what_agents_say_beforehand_changes_nothing_for_who_does_not_listen():
    said = Scenario(agents=10, answer_rate=0.3, sign_share=0.8, wrap_sign_share=1.0)
    tallies = [
        Simulation(scenario, Progressive(), seed=1).run(until_s=2 * HOUR)
        for scenario in (said, Scenario(agents=10, answer_rate=0.3))
    ]
    counts = [(tally.dialed, tally.answered, tally.connected) for tally in tallies]
    assert counts[0] == counts[1]
    assert tallies[0].busy_s == pytest.approx(tallies[1].busy_s, abs=1e-6)


def test_agents_say_so_as_often_and_as_early_as_the_scenario_states():
    chance = Sampler(Scenario(agents=1, answer_rate=0.3, sign_share=0.8, sign_ahead_s=15.0), 1)
    said = [chance.sign_s(1000.0) for _ in range(5000)]
    leads = [lead for lead in said if lead is not None]
    assert len(leads) / len(said) == pytest.approx(0.8, abs=0.02)
    assert np.mean(leads) == pytest.approx(15.0, abs=0.5)
    assert np.std(leads) == pytest.approx(7.5, abs=0.4)
    assert all(lead is None or lead <= 3.0 for lead in (chance.sign_s(3.0) for _ in range(200)))


def test_agents_who_differ_keep_the_mean_pace():
    chance = Sampler(Scenario(agents=1, answer_rate=0.3, agent_spread=0.5), 1)
    pacers = [chance.pace(agent) for agent in range(4000)]
    assert np.mean(pacers) == pytest.approx(1.0, abs=0.03)
    assert np.std(np.log(pacers)) == pytest.approx(0.5, abs=0.03)
    assert chance.pace(7) == chance.pace(7)


def test_answering_machines_take_little_of_an_agents_time():
    days = [
        Simulation(Scenario(agents=8, answer_rate=0.4, machine_share=share), Progressive(), seed=2).run(
            until_s=4 * HOUR
        )
        for share in (0.0, 0.5)
    ]
    per_call = [tally.busy_s / tally.connected for tally in days]
    assert per_call[1] == pytest.approx(0.5 * (180.0 + 8.0) + 20.0, rel=0.12)
    assert per_call[0] == pytest.approx(200.0, rel=0.1)


def test_the_answer_rate_follows_the_hours():
    scenario = Scenario(agents=1, answer_rate=0.9, rate_by_hour=(0.2, 0.4, 0.1))
    assert [scenario.rate_at(at * HOUR) for at in (0.0, 0.5, 1.0, 1.5, 2.0, 9.0)] == pytest.approx(
        [0.2, 0.3, 0.4, 0.25, 0.1, 0.1]
    )
    simulation = Simulation(
        Scenario(agents=10, answer_rate=0.9, rate_by_hour=(0.2, 0.2)), Progressive(), seed=1
    )
    tally = simulation.run(until_s=3 * HOUR)
    assert tally.answered / tally.dialed == pytest.approx(0.2, abs=0.04)


class Watching(Progressive):
    """One call per free agent, remembering what it saw."""

    def __init__(self) -> None:
        self.leaves: list[float] = []
        self.reserved: list[tuple[int, int]] = []

    def dial(self, floor: VisibleFloor) -> int:
        self.leaves += floor.leaves.values()
        self.reserved.append((len(floor.reserved), floor.due))
        return super().dial(floor)


@pytest.mark.parametrize("announced", [True, False])
def test_agents_go_on_their_break_and_come_back(announced):
    pause = Break(start_s=HOUR, length_s=1800.0, agents=5, announced=announced)
    watching = Watching()
    simulation = Simulation(Scenario(agents=8, answer_rate=0.5, breaks=(pause,)), watching, seed=1)
    simulation.run(until_s=HOUR + 1500.0)
    assert len(simulation.floor.paused) == 5
    assert simulation.floor.agents == 3
    simulation.run(until_s=HOUR + 1800.0 + 1500.0)
    assert not simulation.floor.paused
    assert simulation.floor.agents == 8
    assert bool(watching.leaves) is announced
    assert set(watching.leaves) <= {HOUR}


def test_every_promise_has_an_agent_of_its_own_and_none_is_abandoned():
    scenario = Scenario(agents=6, answer_rate=0.3, promises_per_hour=20.0)
    watching = Watching()
    simulation = Simulation(scenario, watching, seed=5)
    tally = simulation.run(until_s=6 * HOUR)
    assert tally.abandoned == 0
    assert tally.promises > 80
    ringing = len(simulation.floor.reserved)
    assert tally.promises == tally.promises_rung + simulation.floor.due
    assert tally.promises_kept / (tally.promises_rung - ringing) == pytest.approx(0.85, abs=0.12)
    assert max(reserved for reserved, _ in watching.reserved) <= 6


def test_agents_left_for_promises_within_a_ring_time_halve_the_wait_of_those_who_are_due():
    """What the engine does: `Dispatcher._coming` tells the pacers of them before they are due."""
    waits, busy = [], []
    for notice_s in (0.0, 25.0):
        scenario = Scenario(agents=6, answer_rate=0.3, promises_per_hour=20.0, promise_notice_s=notice_s)
        simulation = Simulation(scenario, Progressive(), seed=5)
        tally = simulation.run(until_s=12 * HOUR)
        waits.append(tally.promises_waited_s / tally.promises_rung)
        busy.append(tally.utilisation)
        assert simulation.floor.soon >= 0

    assert waits[1] < 0.7 * waits[0]
    assert busy[1] > busy[0] - 0.03


def test_a_scenario_is_read_from_json():
    text = (
        '{"agent_spread": 0.3, "phases": [{"start_s": 60, "agents": 2}], "breaks": [], "rate_by_hour": [0.2]}'
    )
    scenario = read_scenario(text, agents=5, answer_rate=0.3)
    assert (scenario.agents, scenario.agent_spread, scenario.phases[0].agents) == (5, 0.3, 2)
    assert read_scenario("{}", agents=5, answer_rate=0.3) == Scenario(agents=5, answer_rate=0.3)


@pytest.mark.parametrize("text", ["[]", "{", '{"colour": 1}', '{"breaks": [{"when": 3}]}'])
def test_what_is_no_scenario_is_refused(text):
    with pytest.raises(ValueError, match="."):
        read_scenario(text, agents=5, answer_rate=0.3)
