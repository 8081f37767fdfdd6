"""What a queue's own waits teach, brought up to the database whenever it is asked."""

from datetime import datetime

from callbacks.wait_history import REMEMBERED, MethodScore, WaitHistory
from dialer.db.queries import told_waits
from dialer.db.session import Database, Transaction


class LearnedWaits:
    """The known waits of one queue. All of it is in the database, so that a restart forgets nothing."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._until: datetime | None = None
        self._history = WaitHistory()

    def history(self, tx: Transaction) -> WaitHistory:
        """All that is known by now."""
        for called in told_waits.first_called(tx, self._queue, self._until, REMEMBERED):
            self._history.learn(called.wait)
            self._until = called.called_at
        return self._history


def wait_scores(database: Database, queue: str) -> tuple[MethodScore, ...]:
    """How good each method was on this queue's latest waits, the best first; none before enough is known."""
    with database.read() as tx:
        return LearnedWaits(queue).history(tx).scores()
