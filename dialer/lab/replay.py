"""Replaying a trace: the same facts to a fresh pacer."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.core.pacing.compact import expand
from dialer.core.pacing.facts import Pacer
from dialer.core.pacing.trace import Record, read_decision, read_event, read_facts, start_pacer
from dialer.lab.recorded import TraceUnusable

__all__ = ["ReplayStep", "TraceUnusable", "read_trace", "replay"]

GZIP = b"\x1f\x8b"  # a compressed file begins so


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
