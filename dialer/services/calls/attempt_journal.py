"""What was dialled, kept outside the database: a file a day, one JSON object a line.

A database that was restored from an older copy does not know what was dialled since; this file does.
It is a mark and a memory, never asked while the database has the answer (invariant 1).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

import structlog

from dialer.services.calls.open_attempt import AttemptOrder
from telephony.calls.events import CallFact, Connected, Finished, Outcome

log = structlog.get_logger()

KEPT_DAYS: Final = 35  # spacing and caps look back thirty days; a copy older than that is no copy
NEWEST: Final = 200  # calls that are compared with the database at every start
FOLDER: Final = "dialled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """One call that was placed, and what was heard of it."""

    attempt: str
    at: datetime
    pbx: str
    e164: str
    queue: str
    trunk: str
    ring_s: int
    lead: int | None = None
    promise: int | None = None
    agent: str | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    talk_s: float = 0.0


class Journal:
    """Writes what is dialled at one PBX, from one process."""

    def __init__(self, data_dir: Path, pbx: str) -> None:
        self._folder, self._pbx = data_dir / FOLDER, pbx
        self._day, self._file = "", None  # type: tuple[str, TextIO | None]
        self._failed = False
        self.last: str | None = None  # the attempt placed last

    def placed(self, order: AttemptOrder, at: datetime) -> None:
        """An attempt is committed, and its call is about to be asked for."""
        values = {key: value for key, value in asdict(order).items() if value is not None}
        self._write(at, {**values, "pbx": self._pbx})
        self.last = order.attempt

    def heard(self, fact: CallFact) -> None:
        """A call was connected or ended."""
        if isinstance(fact, Connected):
            self._write(fact.at, {"attempt": fact.attempt, "connected": True, "agent": fact.agent})
        elif isinstance(fact, Finished):
            ended = {"outcome": fact.outcome.value, "talk_s": fact.talk_s, "agent": fact.agent}
            self._write(fact.at, {"attempt": fact.attempt, **ended})

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()
        self._day, self._file = "", None

    def _write(self, at: datetime, values: dict[str, object]) -> None:
        try:
            self._of_day(at).write(json.dumps({"at": at.isoformat(), **values}) + "\n")
            self._failed = False
        except OSError as error:  # the database has it all the same
            if not self._failed:
                log.warning("dialled_not_noted", error=repr(error))
            self._failed = True

    def _of_day(self, at: datetime) -> TextIO:
        day = f"{at:%Y-%m-%d}"
        if self._file is None or day != self._day:
            self.close()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            for file in files(self._folder.parent):
                if file.stem < f"{at - timedelta(days=KEPT_DAYS):%Y-%m-%d}":
                    file.unlink(missing_ok=True)
            self._file = (self._folder / f"{day}.jsonl").open("a", encoding="utf-8", buffering=1)
            self._day = day
        return self._file


def files(data_dir: Path) -> list[Path]:
    """The days on record, oldest first."""
    return sorted((data_dir / FOLDER).glob("*.jsonl"))


def read_dialled(data_dir: Path) -> list[Dialled]:
    """Every call on record with what was heard of it, in the order they were placed."""
    return list(_gather(line for file in files(data_dir) for line in _lines(file)).values())


def newest_dialled(data_dir: Path) -> list[str]:
    """The attempts placed last, newest first."""
    newest = (
        str(line["attempt"])
        for file in reversed(files(data_dir))
        for line in reversed(list(_lines(file)))
        if "e164" in line
    )
    return list(islice(newest, NEWEST))


def _lines(file: Path) -> Iterator[dict[str, object]]:
    """A day's lines; one that was cut off by a crash is left out."""
    for text in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue
        if isinstance(line, dict) and "attempt" in line and "at" in line:
            yield line


def _gather(lines: Iterator[dict[str, object]]) -> dict[str, Dialled]:
    found: dict[str, dict[str, object]] = {}
    for line in lines:
        at = datetime.fromisoformat(str(line.pop("at")))
        known = found.setdefault(str(line["attempt"]), {})
        if "e164" in line:
            known |= {**line, "at": at}
        elif line.pop("connected", False):
            known |= {"connected_at": at, "agent": line.get("agent")}
        else:
            known |= {"ended_at": at, "outcome": Outcome(str(line["outcome"])), "talk_s": line["talk_s"]}
    return {attempt: Dialled(**known) for attempt, known in found.items() if "e164" in known}  # type: ignore[arg-type]
