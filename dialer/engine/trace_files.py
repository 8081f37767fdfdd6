"""Keeps every decision and what it rested on, compressed, for `winback lab replay` and `what-if`."""

import gzip
import json
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Final

from dialer.core.pacing.compact import Compactor
from dialer.core.pacing.facts import Decision, PacingFacts
from dialer.core.pacing.trace import Record

FLUSHED_EVERY_S: Final = 1.0  # what a crash may cost of a trace; at every record it would be a half larger


class _TraceFile:
    """One campaign's trace as it is written; readable at any time but for its last second."""

    def __init__(self, path: Path) -> None:
        self.compactor = Compactor()
        self._file = gzip.open(path, "ab")  # noqa: SIM115 - open as long as the term
        self._flushed_at = monotonic()

    def write(self, record: Record) -> None:
        self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
        now = monotonic()
        if now - self._flushed_at >= FLUSHED_EVERY_S:
            self._file.flush()
            self._flushed_at = now

    def close(self) -> None:
        self._file.close()


class Traces:
    """One file a campaign and term, in a folder; no folder keeps nothing."""

    def __init__(self, folder: Path | None, *, began: datetime) -> None:
        self._folder = folder
        self._began = began
        self._files: dict[int, _TraceFile] = {}

    def keep(self, campaign: int, record: Record) -> None:
        """Add a start or an event to the campaign's trace."""
        file = self._file(campaign)
        if file is not None:
            if record["kind"] == "start":
                file.compactor.begin()
            file.write(record)

    def keep_decision(self, campaign: int, facts: PacingFacts, decision: Decision) -> None:
        """Add a decision and what it rested on, as what changed since the one before."""
        file = self._file(campaign)
        if file is not None:
            file.write(file.compactor.decision(facts, decision))

    def _file(self, campaign: int) -> _TraceFile | None:
        if self._folder is None:
            return None
        if campaign not in self._files:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"campaign-{campaign}-{self._began:%Y%m%dT%H%M%S}.jsonl.gz"
            self._files[campaign] = _TraceFile(path)
        return self._files[campaign]

    def close(self) -> None:
        """End every file."""
        for file in self._files.values():
            file.close()
        self._files.clear()
