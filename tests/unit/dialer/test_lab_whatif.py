"""What-if: the recorded day itself is played again, and only what can be reproduced is answered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from dialer.core.pacing.facts import CallAnswered, Mode
from dialer.core.pacing.settings import PacerSettings
from dialer.core.pacing.trace import Record, record_event
from dialer.engine.trace_files import Traces
from dialer.lab.policies import Progressive
from dialer.lab.recorded import RecordedDay, TraceUnusable, read_day
from dialer.lab.replay import read_trace
from dialer.lab.scenario import Break, Scenario, ScenarioPhase
from dialer.lab.simulation import Simulation
from dialer.lab.whatif import ask, recorded_pacer, with_more
from tests.unit.dialer.recorded_day import Recorder, record_day

pytestmark = pytest.mark.slow

LIMITED = PacerSettings(target=0.03, legal_limit=0.03)
# two breaks, a colleague who comes and two who go, a quarter of an hour in which nobody may be rung
AFTERNOON = Scenario(
    agents=6,
    answer_rate=0.3,
    promises_per_hour=12.0,
    breaks=(
        Break(start_s=1200.0, length_s=900.0, agents=1, notice_s=600.0),
        Break(start_s=1300.0, length_s=600.0, agents=1, announced=False),
    ),
    phases=(
        ScenarioPhase(start_s=1800.0, agents=7),
        ScenarioPhase(start_s=2700.0, dialling=False),
        ScenarioPhase(start_s=3600.0, dialling=True),
        ScenarioPhase(start_s=4500.0, agents=5),
    ),
)


def trace_of(
    folder: Path,
    scenario: Scenario,
    *,
    hours: float = 1.5,
    mode: Mode = "progressive",
    lines: int | None = None,
) -> Path:
    """The trace of a day in this scenario."""
    traces = Traces(folder, began=datetime(2026, 11, 28, 9, tzinfo=UTC))
    more = {} if lines is None else {"lines": lines}
    record_day(scenario, Recorder(traces, LIMITED, mode=mode, zero_s=500.0, **more), hours=hours, seed=7)
    traces.close()
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trace_of(tmp_path_factory.mktemp("afternoon"), AFTERNOON)


def staff(day: RecordedDay) -> list[tuple[float, int]]:
    return [(phase.start_s, phase.agents) for phase in day.scenario.phases if phase.agents is not None]


def test_staffing_hours_breaks_and_promises_are_read_as_they_were(afternoon: Path) -> None:
    day = read_day(read_trace(afternoon))
    scenario = day.scenario
    assert scenario.agents == 6
    (at_s, come), *gone = staff(day)
    assert (come, at_s) == (7, pytest.approx(1800.0, abs=30.0))
    assert [count for _, count in gone] == [6, 5]
    assert all(4500.0 <= at_s < 5400.0 for at_s, _ in gone)
    closed, opened = (phase for phase in scenario.phases if phase.dialling is not None)
    assert (closed.dialling, closed.start_s) == (False, pytest.approx(2700.0, abs=60.0))
    assert (opened.dialling, opened.start_s) == (True, pytest.approx(3600.0, abs=2.0))
    lengths = sorted(pause.length_s for pause in scenario.breaks)
    assert lengths == pytest.approx([600.0, 900.0], abs=2.0)
    assert {pause.announced for pause in scenario.breaks} == {True, False}
    assert scenario.recorded is not None
    assert len(scenario.recorded.promises) > 5
    assert scenario.inbound_per_hour == 0.0
    assert all(phase.inbound_per_hour is None for phase in scenario.phases)


def test_a_day_with_breaks_hours_and_promises_is_reproduced_before_a_change_is_answered(
    afternoon: Path,
) -> None:
    answer = ask(read_trace(afternoon), agents="+1", target=None, mode=None, seeds=6, hours=None)
    assert answer.reproduced
    assert answer.as_it_was.utilisation == pytest.approx(answer.recorded.utilisation, abs=0.03)
    assert answer.as_it_was.abandonment == answer.recorded.abandonment == 0.0
    assert answer.what_if is not None
    assert answer.sentence().startswith("One agent more: an agent waits")
    flat = replace(read_day(read_trace(afternoon)).scenario, breaks=(), phases=())
    assert abs(utilisation(flat) - answer.recorded.utilisation) > 0.03  # which is what was played before


def utilisation(scenario: Scenario) -> float:
    return Simulation(scenario, Progressive(), seed=1).run(until_s=5400.0).utilisation


def test_the_recorded_days_limit_beliefs_and_counts_are_its_pacers_again(tmp_path: Path) -> None:
    path = trace_of(tmp_path, Scenario(agents=4, answer_rate=0.3), hours=0.8, mode="predictive")
    start, *rest = read_trace(path)
    lesson = record_event(CallAnswered(at_s=0.0, attempt="", ring_s=9.0))
    assert start["settings"]["legal_limit"] == 0.03
    start["prior"]["talk_mean_s"] = 321.0
    first = next(record for record in rest if record["kind"] == "decide")
    first["facts"]["budget"] = {"answered_today": 100, "abandoned_today": 1}
    day = read_day([start, lesson, *rest])
    pacer, lawless = (
        recorded_pacer(day, 0.03),
        recorded_pacer(
            replace(day, start=start | {"settings": start["settings"] | {"legal_limit": None}}), 0.03
        ),
    )
    assert pacer.estimators.talk.distribution.mean_s == pytest.approx(321.0)
    assert pacer.estimators.ring.rate.seen == 1
    assert pacer.budget.credit < lawless.budget.credit  # what the legal limit keeps in reserve
    assert pacer.budget.credit == pytest.approx(recorded_pacer(day, 0.03).budget.credit)
    earlier = replace(day, answered_today=0, abandoned_today=0)
    assert pacer.budget.credit - recorded_pacer(earlier, 0.03).budget.credit == pytest.approx(
        0.15 * (0.03 * 100 - 1)
    )


def test_lines_are_as_few_as_they_were(tmp_path: Path) -> None:
    path = trace_of(tmp_path, Scenario(agents=6, answer_rate=0.3, lines=4), lines=4)
    day = read_day(read_trace(path))
    assert day.scenario.lines == 4
    answer = ask(read_trace(path), agents=None, target=None, mode=None, seeds=4, hours=None)
    assert answer.reproduced
    assert answer.recorded.utilisation < 0.65  # 0.77 with lines enough


def frozen(records: Iterator[Record]) -> Iterator[Record]:
    """The same day, but its agents never had anything to do."""
    for record in records:
        if record["kind"] == "decide":
            idle = [agent | {"state": "ready"} for agent in record["facts"]["agents"]]
            yield record | {"facts": record["facts"] | {"agents": idle}}
        else:
            yield record


def test_a_day_that_cannot_be_reproduced_is_not_compared_with(afternoon: Path) -> None:
    answer = ask(frozen(read_trace(afternoon)), agents="+2", target=None, mode=None, seeds=3, hours=None)
    assert not answer.reproduced
    assert answer.what_if is None
    assert "agents were busy 0.0% of their time, in the lab" in answer.sentence()
    assert answer.as_json()["what_if"] is None


def test_of_a_day_in_parts_the_longest_is_played(afternoon: Path) -> None:
    records = list(read_trace(afternoon))
    day = read_day(chain(records[: len(records) // 5], records))
    assert day.parts == 2
    assert day.seconds == pytest.approx(5400.0, abs=5.0)


def test_agents_come_to_every_moment_at_which_there_are_some() -> None:
    scenario = with_more(AFTERNOON, -5)
    assert scenario.agents == 1
    assert [phase.agents for phase in scenario.phases] == [2, None, None, 0]
    assert with_more(replace(AFTERNOON, agents=0), 2).agents == 0


def test_a_trace_that_says_too_little_is_refused(afternoon: Path) -> None:
    with pytest.raises(TraceUnusable, match="calls and"):
        read_day(read_trace(afternoon), until_s=60.0)
    with pytest.raises(TraceUnusable, match="`start`"):
        read_day([{"kind": "dialed"}])
    with pytest.raises(ValueError, match="two seeds"):
        ask(read_trace(afternoon), agents=None, target=None, mode=None, seeds=1, hours=None)
