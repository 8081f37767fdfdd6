"""The lab is fair: baselines are searched as finely as they can be set, and few runs give wide intervals."""

import statistics

import pytest

from dialer.lab.baselines.ratio import FixedRatio
from dialer.lab.comparison import judge_by, play, policies, run_cell, summarise
from dialer.lab.dialing_policy import VisibleFloor
from dialer.lab.intervals import MeanInterval, half_width
from dialer.lab.ratios import Ratio, tune_ratio
from dialer.lab.scenario import Scenario

pytestmark = pytest.mark.slow

CHANGES = 4000  # of the number of free agents, so that a share is known to 1 %


def free(agents: int) -> VisibleFloor:
    floor = VisibleFloor()
    floor.idle.extend(range(agents))
    return floor


def lines(dialer: FixedRatio, agents: int) -> int:
    """Lines for so many free agents, after there was none."""
    dialer.dial(free(0))
    return dialer.dial(free(agents))


def test_a_ratio_between_two_steps_of_the_stair_is_kept_on_average():
    dialer = FixedRatio(1.4, per_free=True, by_chance=True)
    seen = [lines(dialer, 1) for _ in range(CHANGES)]
    assert set(seen) == {1, 2}
    assert statistics.fmean(seen) == pytest.approx(1.4, abs=0.03)


def test_looking_again_draws_no_second_lot():
    dialer = FixedRatio(1.4, per_free=True, by_chance=True)
    floor = free(1)
    assert len({dialer.dial(floor) for _ in range(100)}) == 1


def test_two_ratios_in_turns_each_have_their_share_of_the_time():
    dialer = FixedRatio(1.0, per_free=True, other=2.0, share=0.25)
    seen = []
    for minute in range(0, 24 * 60, 10):
        floor = free(4)
        floor.now = 60.0 * minute
        seen.append(dialer.dial(floor))
    assert seen.count(8) == seen.count(4) / 3


def test_a_small_teams_ratio_is_found_between_the_steps_that_whole_lines_allow():
    judge = judge_by(Scenario(agents=10, answer_rate=0.3), seeds=range(3), hours=2.0)
    found = tune_ratio(0.03, roughly=judge, finally_=judge)
    row = judge(found.make)
    steps = [judge(Ratio(lines=1.0 + step / 10.0).make) for step in range(12)]
    stair = max(step.utilisation for step in steps if step.abandonment <= 0.03)
    assert row.abandonment <= 0.03
    assert row.utilisation > stair + 0.01
    assert found.by_chance or found.share > 0.0


def test_only_the_rivals_asked_for_are_searched(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("nobody asked for this one")

    monkeypatch.setattr("dialer.lab.comparison.tune_vicidial", refuse)
    cell = run_cell(
        agents=3, answer_rate=0.3, target=0.03, seeds=1, hours=0.2, only=frozenset({"ratio_tuned"})
    )
    assert set(cell["policies"]) == {"ratio_tuned"}
    assert "ratio_tuned" not in policies(Scenario(agents=3, answer_rate=0.3), 0.03, searched=())


@pytest.mark.parametrize(("runs", "factor"), [(2, 12.706), (3, 4.303), (20, 2.093)])
def test_the_fewer_runs_the_wider_the_interval_of_their_mean(runs, factor):
    values = [0.8 + 0.01 * (number % 2) for number in range(runs)]
    error = statistics.stdev(values) / runs**0.5
    assert half_width(values) == pytest.approx(factor * error, rel=1e-3)


def test_two_seeds_of_a_cell_give_students_interval():
    scenario = Scenario(agents=3, answer_rate=0.3)
    tallies = play(scenario, Ratio().make, seeds=range(2), hours=0.5)
    uses = [tally.utilisation for tally in tallies]
    assert summarise(tallies).utilisation_ci == pytest.approx(12.706 * abs(uses[0] - uses[1]) / 2.0, rel=1e-3)


def test_one_run_says_nothing_of_the_next():
    assert MeanInterval.of([0.8]) == MeanInterval(mean=0.8, low=0.0, high=1.0)
    assert half_width([0.8]) == 0.0
