"""What the lab measures: days under a limit, shifts that change, the optimum, a real floor, what-if."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from bench.pacing.benchmark_cells import CELLS, Cell, heading, line_of, run_cells
from bench.pacing.daily_limit import Question, play_days, read_days, rules_version, run_days, upper_bound
from bench.pacing.engine_run import FloorPlan
from bench.pacing.engine_run_asterisk import customers
from bench.pacing.expected_floor import LabStage, compare, draw_plays, expect
from bench.pacing.nonstationary import CHANGES, sum_up

from churnmodel.reports.charts import Axis
from dialer.lab.comparison import summarise
from dialer.lab.intervals import MeanInterval
from dialer.lab.plots import point_with_label
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Tally
from dialer.lab.trace_stats import TraceStats, read_trace_stats
from dialer.lab.whatif import WhatIfAnswer, WhatIfChange, read_agents
from telephony.simulator.behaviour import SimulatedCustomer

pytestmark = pytest.mark.slow

QUESTION = Question(agents=3, answer_rate=0.3, target=0.03, limit=0.03, hours=0.5)


def test_days_go_on_where_the_file_ends(tmp_path):
    file = tmp_path / "days.jsonl"
    first = list(play_days(QUESTION, 3, jobs=1, keep=file))
    again = list(play_days(QUESTION, 5, jobs=1, keep=file))
    assert again[:3] == first
    assert [day.seed for day in read_days(file)] == [0, 1, 2, 3, 4]
    assert list(play_days(QUESTION, 2, jobs=1, keep=None)) == first[:2]


def test_days_of_other_rules_are_not_taken_for_these(tmp_path):
    file = tmp_path / "days.jsonl"
    list(play_days(replace(QUESTION, rules="another"), 2, jobs=1, keep=file))
    list(play_days(QUESTION, 2, jobs=1, keep=file))
    assert [day.question.rules for day in read_days(file)] == ["another"] * 2 + [rules_version()] * 2


def test_a_broken_file_of_days_names_its_line(tmp_path):
    file = tmp_path / "days.jsonl"
    file.write_text("{}\n")
    with pytest.raises(ValueError, match="line 1"):
        list(read_days(file))


def test_no_day_of_a_thousand_leaves_a_bound_of_three_in_a_thousand():
    assert upper_bound(0, 1000) == pytest.approx(1 - 0.05 ** (1 / 1000), rel=1e-9)
    assert upper_bound(4, 1000) < 0.01 < upper_bound(5, 1000)
    assert upper_bound(3, 3) == 1.0


def test_a_limit_is_kept_at_a_price():
    result = run_days(QUESTION, 0.03, days=4, compared=2)
    assert result["with_limit"]["days"] == 4
    assert result["without_limit"]["days"] == 2
    assert result["scenario"]["limit"] == 0.03
    assert -0.1 < result["cost"] < 0.1


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_parts_of_a_shift_make_up_its_time(change):
    scenario, parts = change.make(10, 1800.0)
    assert sum(part.share for part in parts) == pytest.approx(1.0)
    assert scenario.phases or scenario.breaks
    assert 0.0 < change.after_s < 4 * 3600.0


def test_stretches_sum_up():
    both = sum_up([Tally(busy_s=1.0, answered=3), Tally(busy_s=2.0, answered=4, abandoned=1)])
    assert (both.busy_s, both.answered, both.abandoned) == (3.0, 7, 1)


def test_the_table_prints_what_was_measured_and_says_what_was_not(tmp_path):
    file = tmp_path / "cells.jsonl"
    cells = [
        Cell(agents=3, answer_rate=0.3, target=0.03, seeds=2, hours=0.3, only=("progressive", "winback"))
    ]
    rows = list(run_cells(cells, jobs=1, keep=file))
    assert list(run_cells(cells, jobs=1, keep=file)) == json.loads(json.dumps(rows))
    line = line_of(rows[0])
    assert line.count("|") == heading().splitlines()[0].count("|")
    assert line.startswith("| 3, 0.3 | **0.")
    assert "not measured" in line
    assert len(CELLS) == 10


def record(now: float, *states: str) -> dict:
    agents = [{"agent": str(index), "state": state} for index, state in enumerate(states)]
    return {"kind": "decide", "facts": {"now_s": now, "agents": agents}}


def test_a_trace_is_measured_by_what_its_agents_did():
    seen = read_trace_stats(
        [
            {"kind": "start"},
            record(100.0, "ready", "talking", "paused"),
            {"kind": "dialed", "for_promise": False},
            {"kind": "answered", "for_promise": True},
            {"kind": "answered", "for_promise": False},
            record(110.0, "talking", "wrapping_up", "paused"),
            {"kind": "abandoned"},
            {"kind": "talk_ended"},
            record(130.0, "ready", "ready", "ready"),
        ]
    )
    assert seen == TraceStats(
        seconds=30.0,
        busy_s=50.0,
        logged_in_s=60.0,
        dialed=1,
        answered=1,
        abandoned=1,
        connected=0,
        talk_ended=1,
    )
    assert seen.idle_per_call_s == 10.0
    assert read_trace_stats([record(0.0, "talking"), record(50.0, "ready")], until_s=20.0).busy_s == 20.0


def test_a_number_behaves_on_every_pbx_as_the_lab_drew_it():
    plan = FloorPlan(agents=2, seconds=60.0)
    plays = plan.plays()
    assert plays == draw_plays(plan.scenario, list(plays), plan.seed)
    stage, text = LabStage(plays=plays), customers(plays)
    for number, play_ in plays.items():
        lived = stage.customer(f"+{number}", None)
        assert (lived.kind is SimulatedCustomer.ANSWERS) is play_.answers
        assert lived.ring_s == play_.ring_s
        lines = text.split(f"exten => {number},1,")[1].split("exten")[0]
        assert ("Answer()" in lines) is play_.answers
        assert f"Wait({play_.talk_s:.2f})" in lines or not play_.answers


def test_a_floor_is_within_the_lab_or_it_says_so():
    expected = expect(Scenario(agents=4, answer_rate=0.3), target=0.03, limit=0.03, seconds=600.0, seeds=5)
    floor = TraceStats(
        seconds=600.0, busy_s=0.0, logged_in_s=2400.0, dialed=9, answered=4, abandoned=4, connected=0
    )
    result = compare(floor, expected)
    assert result["utilisation"]["within"] is False
    assert result["abandonment"]["within"] is False
    assert MeanInterval.of([0.8, 0.82, 0.81]).holds(0.81)


@pytest.mark.parametrize(("text", "agents"), [("10", 10), ("+2", 8), ("-2", 4)])
def test_agents_are_a_number_or_a_change(text, agents):
    assert read_agents(text, 6) == agents


@pytest.mark.parametrize("text", ["two", "", "-6", "+-1"])
def test_a_number_of_agents_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="agents"):
        read_agents(text, 6)


def test_what_if_is_answered_in_words():
    row = summarise([Tally(busy_s=800.0, logged_in_s=1000.0, answered=5, abandoned=0, connected=4, dialed=9)])
    answer = WhatIfAnswer(
        recorded=TraceStats(
            seconds=1.0, busy_s=0.8, logged_in_s=1.0, dialed=1, answered=1, abandoned=0, connected=1
        ),
        was=WhatIfChange(agents=8, mode="predictive", target=0.03),
        then=WhatIfChange(agents=10, mode="predictive", target=0.02),
        as_it_was=row,
        utilisation=MeanInterval(mean=0.8, low=0.78, high=0.82),
        abandonment=MeanInterval(mean=0.0, low=0.0, high=0.01),
        answered=MeanInterval(mean=2.0, low=0.0, high=4.0),
        what_if=replace(row, idle_per_call_s=31.0),
        gain=0.012,
        gain_ci=0.004,
    )
    assert answer.reproduced
    assert "(+1.2 ± 0.4 points)" in answer.sentence()
    assert answer.sentence().startswith(
        "Two agents more and a target of 2.0% instead of 3.0%: an agent waits 31 s for a call instead of 50 s"
    )
    assert json.loads(json.dumps(answer.as_json()))["what_if"]["agents"] == 10


def test_ticks_are_round_and_names_do_not_cover_each_other():
    assert Axis(low=0.0, high=0.12, from_px=0.0, to_px=100.0).ticks(6) == pytest.approx(
        [0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.12]
    )
    taken: list[tuple[float, float, float]] = []
    for name in ("one", "two", "three"):
        point_with_label(100.0, 100.0, name, taken, colour="#000")
    heights = [at for _, _, at in taken]
    assert min(lower - upper for upper, lower in pairwise(heights)) >= 15.0
