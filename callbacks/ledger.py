"""The ledger of promises by day and queue: made = kept + settled + cancelled + closed + open.

What was made and what ended is counted in the history, where the promises stand in the promises themselves.
So a lost row, a double end and an end without a step all show, each with the promise that it happened to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from callbacks.lifecycle import PROMISE, PromiseState

ENDS: Final = (PromiseState.KEPT, PromiseState.SETTLED, PromiseState.CANCELLED, PromiseState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRecord:
    """One promise beside its history: what it says of itself, and what its steps say.

    `state` is None for a history whose promise is gone. `begun` and `ends` count steps.
    """

    promise: int
    queue: str
    made_at: datetime
    state: PromiseState | None
    ended_at: datetime | None
    begun: int
    ends: int
    last_state: PromiseState | None
    stuck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One day's promises of one queue, by the day they were made on."""

    day: date
    queue: str
    made: int = 0
    kept: int = 0
    settled: int = 0
    cancelled: int = 0
    closed: int = 0
    open: int = 0
    ended: int = 0

    @property
    def error(self) -> int:
        """0, or how far the sums are apart."""
        ends = self.kept + self.settled + self.cancelled + self.closed
        return abs(self.made - ends - self.open) + abs(self.ended - ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFault:
    """A promise that does not add up, and what is wrong with it."""

    promise: int
    queue: str
    day: date
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAudit:
    """The lines in order of day and queue, and every promise that does not add up."""

    lines: tuple[LedgerLine, ...]
    faults: tuple[LedgerFault, ...]

    @property
    def error(self) -> int:
        """0, or how far the lines' sums are apart."""
        return sum(line.error for line in self.lines)

    @property
    def adds_up(self) -> bool:
        """Every sum holds, and no promise is at fault."""
        return not self.error and not self.faults


def audit_ledger(records: Iterable[PromiseRecord], zone: str) -> LedgerAudit:
    """Add the promises up; days are those of `zone`."""
    clock = ZoneInfo(zone)
    sums: dict[tuple[date, str], dict[str, int]] = {}
    faults = []
    for record in records:
        day = record.made_at.astimezone(clock).date()
        counted = sums.setdefault((day, record.queue), dict.fromkeys(("made", "open", "ended", *ENDS), 0))
        counted["made"] += record.begun
        counted["ended"] += record.ends
        if record.state is not None:
            counted[record.state.value if record.state in PROMISE.ends else "open"] += 1
        what = fault_of(record)
        if what is not None:
            faults.append(LedgerFault(promise=record.promise, queue=record.queue, day=day, what=what))
    lines = tuple(
        LedgerLine(day=day, queue=queue, **counted) for (day, queue), counted in sorted(sums.items())
    )
    return LedgerAudit(lines=lines, faults=tuple(sorted(faults, key=lambda fault: fault.promise)))


def fault_of(record: PromiseRecord) -> str | None:
    """What is wrong with this promise, in words; None where row and history agree and it has a future."""
    state = record.state
    if state is None:
        return "its history is there and it is not"
    if record.begun != 1:
        return "its history has no beginning" if not record.begun else "it was begun more than once"
    if record.ends > 1:
        return "it ended more than once"
    over = state in PROMISE.ends
    if over != bool(record.ends) or record.last_state is not state:
        return f"it is {state.value}, and its history says {record.last_state or 'nothing'}"
    if over != (record.ended_at is not None):
        return "it is over and has no time of its end" if over else "it is open and has a time of its end"
    return "nothing would ever move it" if record.stuck else None
