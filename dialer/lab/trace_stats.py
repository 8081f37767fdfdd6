"""What a recorded stretch of a real day came to, read from the engine's own trace."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialer.core.pacing.trace import Record

BUSY = frozenset({"talking", "wrapping_up"})
AWAY = frozenset({"paused"})
SILENT_S = 60.0  # a trace keeps a decision each second: longer without one, nobody decided


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStats:
    """Figures of a trace between its first and its last decision; areas are agent-seconds."""

    seconds: float
    busy_s: float
    logged_in_s: float
    dialed: int
    answered: int
    abandoned: int
    connected: int
    talk_ended: int = 0  # calls of leads, live callers and promises that agents came to the end of

    @property
    def utilisation(self) -> float:
        """(talk + wrap-up) / logged-in time."""
        return self.busy_s / self.logged_in_s if self.logged_in_s else 0.0

    @property
    def abandonment(self) -> float:
        """Abandoned / answered by a person."""
        return self.abandoned / self.answered if self.answered else 0.0

    @property
    def idle_per_call_s(self) -> float:
        """Agents' waiting time for each call they had, whoever's, in seconds."""
        return (self.logged_in_s - self.busy_s) / max(1, self.talk_ended)


class Measure:
    """Measures a trace record by record.

    A trace holds a decision at least once a second, with every agent's state: between two of them the
    states of the first hold. Agents on a pause count as not logged in. Where nobody decided for a while,
    because the campaign rested or the engine was away, that while is left out.
    """

    def __init__(self) -> None:
        self._counts = {"dialed": 0, "answered": 0, "abandoned": 0, "connected": 0, "talk_ended": 0}
        self._busy_s = self._logged_in_s = 0.0
        self._busy = self._working = 0
        self.began_s: float | None = None
        self._last_s = 0.0

    def see(self, record: Record) -> None:
        """Take in one record."""
        kind = record["kind"]
        if kind in self._counts and self.began_s is not None and not record.get("for_promise", False):
            self._counts[kind] += 1
        if kind != "decide":
            return
        now = float(record["facts"]["now_s"])
        if self.began_s is None:
            self.began_s = self._last_s = now
        self.advance(now)
        states = [agent["state"] for agent in record["facts"]["agents"]]
        self._working = sum(state not in AWAY for state in states)
        self._busy = sum(state in BUSY for state in states)

    def advance(self, now: float) -> None:
        """The states hold until then."""
        elapsed = now - self._last_s
        if elapsed <= SILENT_S:
            self._busy_s += self._busy * elapsed
            self._logged_in_s += self._working * elapsed
        self._last_s = now

    def result(self) -> TraceStats:
        """What was seen so far."""
        seconds = 0.0 if self.began_s is None else self._last_s - self.began_s
        return TraceStats(seconds=seconds, busy_s=self._busy_s, logged_in_s=self._logged_in_s, **self._counts)


def read_trace_stats(records: Iterable[Record], *, until_s: float | None = None) -> TraceStats:
    """Measure a trace, at most `until_s` seconds of it from the first decision on."""
    measure = Measure()
    for record in records:
        if until_s is not None and measure.began_s is not None and record["kind"] == "decide":
            end_s = measure.began_s + until_s
            if float(record["facts"]["now_s"]) >= end_s:
                measure.advance(end_s)
                break
        measure.see(record)
    return measure.result()
