"""Traces are small, and what is read from them is to the last digit what was decided on."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.pacing.compact import Compactor, expand
from dialer.core.pacing.facts import AgentFacts, CallInAir, Candidate, Decision, Explanation, PacingFacts
from dialer.core.pacing.settings import PacerSettings
from dialer.core.pacing.trace import Record, record_decision
from dialer.engine.trace_files import Traces
from dialer.lab.replay import TraceUnusable, read_trace, replay
from dialer.lab.scenario import Break, Scenario
from tests.unit.dialer.recorded_day import CAMPAIGN, Recorder, record_day

pytestmark = pytest.mark.slow

BEGAN = datetime(2026, 11, 28, 9, tzinfo=UTC)
LEAST_FACTOR = 60  # by which a compact trace is smaller than a plain one of the same day
CALL = CallInAir(attempt="a", age_s=3.0)


class Counted(Traces):
    """Traces that also keep what a trace of before would have held."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, began=BEGAN)
        self.whole: list[Record] = []

    def keep(self, campaign: int, record: Record) -> None:
        self.whole.append(plain(record))
        super().keep(campaign, record)

    def keep_decision(self, campaign: int, facts: PacingFacts, decision: Decision) -> None:
        self.whole.append(plain(record_decision(facts, decision)))
        super().keep_decision(campaign, facts, decision)


def plain(record: Record) -> Record:
    """As JSON gives it back."""
    read: Record = json.loads(json.dumps(record))
    return read


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def busy_world(agents: int) -> Scenario:
    return Scenario(
        agents=agents,
        answer_rate=0.3,
        promises_per_hour=40.0,
        inbound_per_hour=20.0,
        breaks=(Break(start_s=300.0, length_s=200.0, agents=2, notice_s=200.0),),
    )


def test_a_large_floors_trace_is_small_and_reads_as_the_day_was(tmp_path: Path) -> None:
    traces = Counted(tmp_path)
    record_day(Scenario(agents=100, answer_rate=0.3), Recorder(traces, PacerSettings()), hours=0.08, seed=1)
    traces.close()
    before = sum(len(json.dumps(record, separators=(",", ":"))) + 1 for record in traces.whole)
    assert the_file(tmp_path).stat().st_size * LEAST_FACTOR < before
    assert list(read_trace(the_file(tmp_path))) == traces.whole


def test_a_day_with_all_that_happens_replays_as_it_was(tmp_path: Path) -> None:
    traces = Counted(tmp_path)
    recorder = Recorder(traces, PacerSettings(), zero_s=12345.678901)
    record_day(busy_world(6), recorder, hours=0.3, seed=1)
    traces.close()
    assert list(read_trace(the_file(tmp_path))) == traces.whole
    steps = list(replay(read_trace(the_file(tmp_path))))
    assert [] == [step for step in steps if step.differs or step.sentence != step.again_sentence]
    assert len(steps) > 200


def test_a_trace_of_before_replays_as_it_was(tmp_path: Path) -> None:
    traces = Counted(tmp_path / "new")
    record_day(busy_world(4), Recorder(traces, PacerSettings()), hours=0.1, seed=1)
    old = tmp_path / "old.jsonl"
    old.write_text("".join(json.dumps(record) + "\n" for record in traces.whole))
    assert list(read_trace(old)) == traces.whole
    assert not any(step.differs for step in replay(read_trace(old)))


def test_a_trace_that_breaks_off_is_read_as_far_as_it_was_written(tmp_path: Path) -> None:
    traces = Counted(tmp_path)
    record_day(busy_world(4), Recorder(traces, PacerSettings()), hours=0.2, seed=1)
    traces.close()
    path = the_file(tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    read = list(read_trace(path))
    assert len(read) > 50
    assert read == traces.whole[: len(read)]


def test_a_trace_can_be_read_while_the_engine_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.engine.trace_files.FLUSHED_EVERY_S", 0.0)
    traces = Traces(tmp_path, began=BEGAN)
    traces.keep(CAMPAIGN, {"kind": "answered"})
    assert list(read_trace(the_file(tmp_path))) == [{"kind": "answered"}]
    traces.close()


def test_a_damaged_trace_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"kind": "start"}\n' * 1000)[:10] + b"\xff" * 40)
    with pytest.raises(TraceUnusable, match="damaged"):
        list(read_trace(path))
    path.write_bytes(gzip.compress(b'{"kind": "step", "facts": {}}\n'))
    with pytest.raises(TraceUnusable, match="line 1"):
        list(read_trace(path))


def made(now_s: float, dialed: str = "") -> tuple[PacingFacts, Decision]:
    facts = PacingFacts(now_s=now_s, agents=(AgentFacts(agent="anna", state="ready", since_s=0.0),))
    reason = Explanation(numbers={"placed": float(len(dialed))}, sentence=dialed)
    return facts, Decision(dial=tuple(dialed), promises=0, reason=reason)


def round_trip(*decisions: tuple[PacingFacts, Decision]) -> list[str]:
    """Keeps and reads these; the kinds of their records."""
    compactor = Compactor()
    records = [plain(compactor.decision(*each)) for each in decisions]
    assert list(expand(records)) == [plain(record_decision(*each)) for each in decisions]
    return [record["kind"] for record in records]


def test_names_that_are_not_unique_are_kept_whole() -> None:
    facts, decision = made(1.0)
    twice = replace(facts, candidates=(Candidate(lead="x"),) * 2)
    assert ["decide", "decide", "decide", "step"] == round_trip(
        (facts, decision), (twice, decision), (facts, decision), (facts, decision)
    )


def test_a_lead_that_comes_in_between_and_one_that_goes_up_keep_their_order() -> None:
    facts, decision = made(1.0)
    lists = ("abcd", "abxcd", "dabxc", "xy", "")
    told = [(replace(facts, candidates=tuple(map(lead_of, leads))), decision) for leads in lists]
    assert round_trip(*told) == ["decide", "step", "step", "step", "step"]


def lead_of(lead: str) -> Candidate:
    return Candidate(lead=lead)


@pytest.mark.parametrize("speed", [1.0, 12.0, 7.3])
def test_ages_are_exact_whatever_the_clocks_speed(speed: float) -> None:
    zero, placed = BEGAN, BEGAN + timedelta(seconds=1.234567)
    told = []
    for tick in range(200):
        now = placed + timedelta(microseconds=311_111 * tick)
        age_s, now_s = ((now - then).total_seconds() * speed for then in (placed, zero))
        told.append((replace(made(now_s)[0], calls=(replace(CALL, age_s=age_s),)), made(now_s)[1]))
    assert round_trip(*told)[1:] == ["step"] * 199


seconds = st.integers(0, 10**11).map(lambda micro: micro / 1e6) | st.floats(0.0, 1e6)
maybe = st.none() | seconds
agents = st.builds(
    AgentFacts,
    agent=st.sampled_from("abcdef"),
    state=st.sampled_from(["ready", "talking", "paused"]),
    since_s=seconds,
    leaves_s=maybe,
    closing_s=maybe,
)
calls = st.builds(CallInAir, attempt=st.sampled_from("abcdef"), age_s=seconds, answered=st.booleans())
leads = st.builds(Candidate, lead=st.sampled_from("abcdefgh"), value=seconds)
facts_of = st.builds(
    PacingFacts,
    now_s=seconds,
    agents=st.lists(agents, max_size=4).map(tuple),
    calls=st.lists(calls, max_size=4).map(tuple),
    candidates=st.lists(leads, max_size=6).map(tuple),
    waiting_callers=st.integers(0, 3),
    inbound_per_s=seconds,
)
decisions_of = st.builds(
    Decision,
    dial=st.lists(st.sampled_from("abc"), max_size=3).map(tuple),
    promises=st.integers(0, 2),
    reason=st.builds(
        Explanation,
        numbers=st.dictionaries(st.sampled_from(["placed", "price"]), seconds),
        sentence=st.sampled_from(["", "No agent is free."]),
    ),
    fresh=st.booleans(),
)


@given(st.lists(st.tuples(facts_of, decisions_of), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_is_decided_on_is_read_back(told: list[tuple[PacingFacts, Decision]]) -> None:
    round_trip(*told)
