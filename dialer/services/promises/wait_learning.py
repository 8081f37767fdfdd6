"""What a queue's own waits teach, brought up to the database whenever it is asked."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.wait_history import REMEMBERED, MethodScore, WaitHistory, WaitMethod
from dialer.db.queries import told_waits
from dialer.db.session import Database, Transaction

#: a fact may be written a moment after another that happened later; asked for this much of the past again
WRITTEN_WITHIN: Final = timedelta(minutes=1)
HOURS_A_DAY: Final = 24


class LearnedWaits:
    """The known waits of one queue. All of it is in the database, so that a restart forgets nothing."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._until: datetime | None = None
        self._latest: dict[str, datetime] = {}  # learned already, of what is asked for again
        self._history = WaitHistory()

    def history(self, tx: Transaction) -> WaitHistory:
        """All that is known by now, of everybody who waited on the line or at home."""
        after = self._until - WRITTEN_WITHIN if self._until is not None else None
        for known in told_waits.known_waits(tx, self._queue, after, REMEMBERED):
            if known.call in self._latest:
                continue
            self._history.learn(known.wait)
            self._latest[known.call] = known.known_at
            self._until = max(known.known_at, self._until or known.known_at)
        if self._until is not None:
            since = self._until - WRITTEN_WITHIN
            self._latest = {call: at for call, at in self._latest.items() if at > since}
        return self._history


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodHours:
    """A method, and the hours of the day, `first` to `last` inside, at which it is in use."""

    first: int
    last: int
    method: WaitMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitReport:
    """How good each method was on a queue's latest waits, the best first, and which is in use when.

    Both are empty before enough is known.
    """

    scores: tuple[MethodScore, ...]
    in_use: tuple[MethodHours, ...]


def wait_report(database: Database, queue: str) -> WaitReport:
    """What is known of telling this queue's waits."""
    with database.read() as tx:
        history = LearnedWaits(queue).history(tx)
    in_use: list[MethodHours] = []
    for hour in range(HOURS_A_DAY):
        method = history.in_use(hour)
        if method is None:
            continue
        if in_use and (in_use[-1].method, in_use[-1].last) == (method, hour - 1):
            in_use[-1] = replace(in_use[-1], last=hour)
        else:
            in_use.append(MethodHours(first=hour, last=hour, method=method))
    return WaitReport(scores=history.scores(), in_use=tuple(in_use))
