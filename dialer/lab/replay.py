"""Replaying a trace: the same facts to a fresh pacer, and what a recorded day teaches the lab."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dialer.core.pacing.compact import expand
from dialer.core.pacing.facts import Pacer
from dialer.core.pacing.trace import Record, read_decision, read_event, read_facts, start_pacer
from dialer.lab.scenario import RecordedDay, Scenario

GZIP = b"\x1f\x8b"  # a compressed file begins so
LEAST_CALLS = 100  # a recorded day with fewer calls says too little to play it again


class TraceUnusable(ValueError):
    """The file is no trace, or too little happened in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStep:
    """One decision of a trace, taken again."""

    at_s: float
    dialed: int
    again: int
    sentence: str
    again_sentence: str

    @property
    def differs(self) -> bool:
        """The pacer of this version would have placed another number of calls."""
        return self.dialed != self.again


def read_trace(path: Path) -> Iterator[Record]:
    """The records of a trace file, decisions whole; plain or compressed, one JSON object a line.

    A compressed trace that an engine still writes, or was killed over, ends where it was last flushed.
    Raises TraceUnusable with the line at fault.
    """
    line = 0

    def lines() -> Iterator[Record]:
        nonlocal line
        for line, text in enumerate(read_lines(path), start=1):
            if text.strip():
                yield read_record(text, path, line)

    try:
        yield from expand(lines())
    except (KeyError, TypeError) as wrong:
        raise TraceUnusable(f"{path}, line {line}: not a record of a trace ({wrong})") from wrong


def read_record(text: str, path: Path, line: int) -> Record:
    """One line of a trace. Raises TraceUnusable if it is none."""
    try:
        record = json.loads(text)
    except ValueError as wrong:
        raise TraceUnusable(f"{path}, line {line}: not JSON ({wrong})") from wrong
    if not isinstance(record, dict) or "kind" not in record:
        raise TraceUnusable(f"{path}, line {line}: a record needs a `kind`")
    return record


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file, plain or compressed; of one that breaks off, those that are whole."""
    with path.open("rb") as start:
        compressed = start.read(len(GZIP)) == GZIP
    if not compressed:
        with path.open(encoding="utf-8") as lines:
            yield from lines
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        try:
            yield from lines
        except EOFError:
            return
        except (zlib.error, gzip.BadGzipFile) as wrong:
            raise TraceUnusable(f"{path}: damaged ({wrong})") from wrong


def replay(records: Iterable[Record]) -> Iterator[ReplayStep]:
    """Take every decision of the trace again. Raises TraceUnusable if it does not begin with a start."""
    pacer: Pacer | None = None
    for record in records:
        if record["kind"] == "start":
            pacer = start_pacer(record)
        elif pacer is None:
            raise TraceUnusable("a trace begins with a `start` record")
        elif record["kind"] == "decide":
            facts, decision = read_facts(record), read_decision(record)
            again = pacer.decide(facts)
            yield ReplayStep(
                at_s=facts.now_s,
                dialed=len(decision.dial),
                again=len(again.dial),
                sentence=decision.reason.sentence,
                again_sentence=again.reason.sentence,
            )
        else:
            pacer.observe(read_event(record))


def learn_scenario(records: Iterable[Record]) -> Scenario:
    """The scenario a trace was recorded in: its own ring times, talks and wrap-ups, drawn again at random.

    Raises TraceUnusable if fewer than 100 calls ended in it.
    """
    answers: list[float] = []
    failures: list[float] = []
    talks: list[float] = []
    wraps: list[float] = []
    lists = {"answered": answers, "failed": failures, "talk_ended": talks, "wrap_up_ended": wraps}
    lengths = {"answered": "ring_s", "failed": "ring_s", "talk_ended": "talk_s", "wrap_up_ended": "wrap_s"}
    said: dict[str, list[float]] = {"talk_ended": [], "wrap_up_ended": []}
    agents: list[int] = []
    callers: list[float] = []
    for record in records:
        kind = record["kind"]
        if kind in lists:
            lists[kind].append(float(record[lengths[kind]]))
            if record.get("closing_s") is not None:
                said[kind].append(float(record["closing_s"]))
        elif kind == "decide":
            agents.append(count_agents(record["facts"]))
            callers.append(float(record["facts"].get("inbound_per_s", 0.0)))
    calls = len(answers) + len(failures)
    if calls < LEAST_CALLS or not all((answers, failures, talks, wraps, agents)):
        raise TraceUnusable(f"only {calls} calls and {len(talks)} conversations ended in this trace")
    recorded = RecordedDay(
        answers=tuple(answers), failures=tuple(failures), talks=tuple(talks), wraps=tuple(wraps)
    )
    return replace(
        Scenario(agents=max(1, round(sum(agents) / len(agents))), answer_rate=len(answers) / calls),
        inbound_per_hour=3600.0 * sum(callers) / len(callers),
        talk_mean_s=sum(talks) / len(talks),
        wrap_mean_s=sum(wraps) / len(wraps),
        sign_share=len(said["talk_ended"]) / len(talks),
        sign_ahead_s=mean_of(said["talk_ended"]),
        wrap_sign_share=len(said["wrap_up_ended"]) / len(wraps),
        wrap_sign_ahead_s=mean_of(said["wrap_up_ended"]),
        recorded=recorded,
    )


def mean_of(lengths: list[float]) -> float:
    """Their mean; 0 where there are none."""
    return sum(lengths) / max(1, len(lengths))


def count_agents(facts: dict[str, Any]) -> int:
    """Agents at work in these facts."""
    return sum(1 for agent in facts["agents"] if agent["state"] != "paused")
