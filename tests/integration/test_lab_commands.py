"""The lab's commands as a manager types them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from dialer.core.pacing.facts import AgentFacts, CallAnswered, CallFailed, PacingFacts, TalkEnded, WrapUpEnded
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.trace import record_decision, record_event, record_start
from dialer.engine.trace_files import Traces
from dialer.lab.scenario import Scenario
from tests.unit.dialer.recorded_day import Recorder, record_day

Type = Callable[..., Result]
AGENTS = 4


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Four agents, an hour, three in ten answered."""
    traces = Traces(tmp_path, began=datetime(2026, 11, 28, 9, tzinfo=UTC))
    scenario = Scenario(agents=AGENTS, answer_rate=0.3)
    record_day(scenario, Recorder(traces, PacerSettings(target=0.03)), hours=1.0, seed=4)
    traces.close()
    return next(tmp_path.iterdir())


@pytest.fixture
def senseless(tmp_path: Path) -> Path:
    """Four agents who never do anything, and a call every second, three in ten answered."""
    settings, prior = PacerSettings(target=0.03), PacingPrior()
    pacer = PredictivePacer(settings, prior)
    agents = tuple(AgentFacts(agent=f"a{n}", state="ready", since_s=0.0) for n in range(AGENTS))
    records = [record_start("predictive", settings, prior)]
    for second in range(300):
        facts = PacingFacts(now_s=float(second), mode="predictive", agents=agents)
        records.append(record_decision(facts, pacer.decide(facts)))
        if second % 10 < 3:
            records.append(record_event(CallAnswered(at_s=second, attempt="", ring_s=9.0)))
            records.append(record_event(TalkEnded(at_s=second, agent="a1", talk_s=60.0 + second % 90)))
            records.append(record_event(WrapUpEnded(at_s=second, agent="a1", wrap_s=15.0)))
        else:
            records.append(record_event(CallFailed(at_s=second, attempt="", ring_s=27.0)))
    path = tmp_path / "day.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def last_line(result: Result) -> dict:
    return json.loads(result.output.splitlines()[-1])


def test_two_agents_more_is_answered_in_a_sentence_and_as_json(type_in: Type, trace: Path) -> None:
    short = ("--seeds", "4")
    words = " ".join(type_in("lab", "what-if", str(trace), "--agents", "+2", *short).output.split())
    assert "Recorded: 1.0 h, 4 agents, predictive, target 3.0%" in words
    assert "Two agents more: an agent waits" in words
    answer = last_line(type_in("lab", "what-if", str(trace), "--mode", "progressive", "--json", *short))
    assert answer["as_it_was"]["agents"] == answer["what_if"]["agents"] == AGENTS
    assert answer["what_if"]["abandonment"] == 0.0
    low, high = answer["as_it_was"]["utilisation_within"]
    assert low <= answer["recorded"]["utilisation"] <= high
    assert answer["sentence"].startswith("Progressive instead of predictive: ")
    assert "neither a number" in type_in("lab", "what-if", str(trace), "--agents", "some", code=2).output


def test_what_if_says_so_and_fails_where_the_day_cannot_be_played_again(
    type_in: Type, senseless: Path
) -> None:
    shown = type_in("lab", "what-if", str(senseless), "--agents", "+2", "--seeds", "2", code=1)
    words = " ".join(shown.output.split())
    assert "cannot play this day again" in words
    assert "90 customers answered, in the lab 0 to 0." in words
    told = last_line(
        type_in("lab", "what-if", str(senseless), "--agents", "+2", "--seeds", "2", "--json", code=1)
    )
    assert (told["reproduced"], told["what_if"]) == (False, None)


def test_days_end_with_one_json_object_and_go_on_where_they_ended(
    type_in_bench: Type, tmp_path: Path
) -> None:
    file = tmp_path / "days.jsonl"
    days = (
        "pacing",
        "days",
        "-n",
        "3",
        "--days",
        "3",
        "--compared",
        "2",
        "--hours",
        "0.5",
        "--keep",
        str(file),
    )
    first = last_line(type_in_bench(*days, "--json"))
    assert first["with_limit"]["days"] == 3
    assert len(file.read_text().splitlines()) == 5
    assert last_line(type_in_bench(*days, "--json")) == first
    assert "days above 3.0%" in " ".join(type_in_bench(*days).output.split())


def test_a_cell_of_a_stated_scenario_ends_with_one_json_object(type_in: Type, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"promises_per_hour": 12, "agent_spread": 0.3}')
    cell = ("lab", "pacing", "-n", "3", "--seeds", "2", "--hours", "0.5", "--only", "progressive", "--json")
    row = last_line(type_in(*cell, "--scenario", str(scenario)))["policies"]["progressive"]
    assert row["promises"] > 0
    assert row["abandonment"] == 0.0
    scenario.write_text('{"colour": "red"}')
    assert "colour" in type_in(*cell, "--scenario", str(scenario), code=2).output


def test_a_burst_of_no_answers_is_shown_as_a_table_and_as_json(type_in: Type) -> None:
    short = ("lab", "burst", "-n", "3", "--seeds", "1", "--bursts", "1", "--length", "60")
    row = last_line(type_in(*short, "--json"))["bursts"]["60"]
    assert row["bursts"] == 1
    assert row["peak"] >= 3
    words = " ".join(type_in(*short).output.split())
    assert "1 bursts of no answers each" in words
    assert "60 s" in words


def test_campaigns_on_the_same_agents_are_told_apart_in_sentences_and_as_json(type_in: Type) -> None:
    short = ("lab", "sharing", "-n", "3", "--seeds", "1", "--hours", "0.2")
    result = last_line(type_in(*short, "--json"))
    assert [each["answer_rate"] for each in result["campaigns"]] == [0.2, 0.4]
    assert "50.0% wanted" in " ".join(type_in(*short).output.split())
    assert "no two of the same" in type_in(*short, "--answer-rate", "0.3", code=2).output
