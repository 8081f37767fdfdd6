"""What a recorded stretch of a real day came to, read from the engine's own trace."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialer.core.pacing.trace import Record

BUSY = frozenset({"talking", "wrapping_up"})
AWAY = frozenset({"paused"})


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


def read_trace_stats(records: Iterable[Record], *, until_s: float | None = None) -> TraceStats:
    """Measure a trace, at most `until_s` seconds of it from the first decision on.

    A trace holds a decision at least once a second, with every agent's state: between two of them the
    states of the first hold. Agents on a pause count as not logged in.
    """
    counts = {"dialed": 0, "answered": 0, "abandoned": 0, "connected": 0, "talk_ended": 0}
    busy_s = logged_in_s = 0.0
    began = last = 0.0
    busy = working = 0
    started = False
    for record in records:
        kind = record["kind"]
        if kind in counts and started and not record.get("for_promise", False):
            counts[kind] += 1
        if kind != "decide":
            continue
        now = float(record["facts"]["now_s"])
        if not started:
            began, started = now, True
        elif until_s is not None and now - began > until_s:
            now = began + until_s
        busy_s += busy * (now - last) if now > began else 0.0
        logged_in_s += working * (now - last) if now > began else 0.0
        last = now
        if until_s is not None and now - began >= until_s:
            break
        states = [agent["state"] for agent in record["facts"]["agents"]]
        working = sum(state not in AWAY for state in states)
        busy = sum(state in BUSY for state in states)
    return TraceStats(seconds=last - began, busy_s=busy_s, logged_in_s=logged_in_s, **counts)
