"""Keeps every decision and what it rested on, one JSON object a line, for `winback lab replay`."""

import json
from datetime import datetime
from pathlib import Path
from typing import TextIO

from dialer.core.pacing.trace import Record


class Traces:
    """One file a campaign and term, in a folder; no folder keeps nothing."""

    def __init__(self, folder: Path | None, *, began: datetime) -> None:
        self._folder = folder
        self._began = began
        self._files: dict[int, TextIO] = {}

    def keep(self, campaign: int, record: Record) -> None:
        """Add a record to the campaign's trace."""
        if self._folder is None:
            return
        file = self._files.get(campaign)
        if file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"campaign-{campaign}-{self._began:%Y%m%dT%H%M%S}.jsonl"
            file = self._files[campaign] = path.open("a", encoding="utf-8", buffering=1)
        file.write(json.dumps(record, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """End every file."""
        for file in self._files.values():
            file.close()
        self._files.clear()
