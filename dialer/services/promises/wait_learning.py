"""What a queue's own waits teach, brought up to the database whenever it is asked."""

from datetime import datetime, timedelta
from typing import Final

from callbacks.wait_history import REMEMBERED, MethodScore, WaitHistory
from dialer.db.queries import told_waits
from dialer.db.session import Database, Transaction

#: a fact may be written a moment after another that happened later; asked for this much of the past again
WRITTEN_WITHIN: Final = timedelta(minutes=1)


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


def wait_scores(database: Database, queue: str) -> tuple[MethodScore, ...]:
    """How good each method was on this queue's latest waits, the best first; none before enough is known."""
    with database.read() as tx:
        return LearnedWaits(queue).history(tx).scores()
