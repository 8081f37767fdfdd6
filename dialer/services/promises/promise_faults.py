"""What must not be: promises that nothing would ever move, and promises that were overtaken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import PromiseEvent
from callbacks.queue_position import PromiseWait, find_overtaken
from dialer.db.queries import promises
from dialer.db.session import Database, Transaction

LOOKED_BACK: Final = timedelta(days=1)  # a fault of yesterday was seen, or is in yesterday's metrics
LATEST: Final = 2_000  # promises; more in a day are told by the latest of them
ONE_LOOK: Final = timedelta(seconds=30)  # the longest that an engine rings by what it read at once
READ_EVERY: Final = timedelta(seconds=5)  # a fault of the program is early enough after five seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFaults:
    """Promises, by id, that invariant 6 forbids; none of either kind, or it is broken.

    Stuck: open, and nothing would ever move it. Overtaken: somebody who joined later was rung first, within
    the last day.
    """

    stuck: tuple[int, ...] = ()
    overtaken: tuple[int, ...] = ()


class PromiseWatch:
    """Looks for faults when asked, and at most every few seconds; between two looks says the last one's."""

    def __init__(self) -> None:
        self._last: tuple[datetime, PromiseFaults] | None = None

    def faults(self, tx: Transaction, now: datetime) -> PromiseFaults:
        """What is wrong with promises, as seen at most `READ_EVERY` ago."""
        last = self._last
        if last is not None and last[0] <= now < last[0] + READ_EVERY:
            return last[1]
        found = faults_of(tx, now)
        self._last = now, found
        return found


def promise_faults(database: Database, now: datetime) -> PromiseFaults:
    """What is wrong with promises at this moment."""
    with database.read() as tx:
        return faults_of(tx, now)


def faults_of(tx: Transaction, now: datetime) -> PromiseFaults:
    """The same inside a transaction."""
    return PromiseFaults(stuck=tuple(promises.stuck(tx)), overtaken=_overtaken(tx, now - LOOKED_BACK))


def _overtaken(tx: Transaction, since: datetime) -> tuple[int, ...]:
    waits = _waits(promises.latest_steps(tx, since, LATEST))
    suspected = find_overtaken(waits.values(), ONE_LOOK)
    if not suspected:  # as always: what follows is asked of those few only
        return ()
    for promise, at in promises.put_off(tx, suspected, since).items():
        wait = waits[promise]
        waits[promise] = replace(wait, came_at=min(at, wait.came_at or at))
    return tuple(sorted(find_overtaken(waits.values(), ONE_LOOK)))


def _waits(steps: Sequence[promises.Waited]) -> dict[int, PromiseWait]:
    waits: dict[int, PromiseWait] = {}
    for step in steps:
        wait = waits.setdefault(
            step.promise,
            PromiseWait(
                promise=step.promise,
                virtual_join=step.virtual_join,
                since=step.since,
                came_at=step.since if step.owned else None,  # it waits for one agent and in no queue
            ),
        )
        if step.event is None:
            continue
        rung = (step.at,) if step.event is PromiseEvent.CLAIM else ()
        waits[step.promise] = replace(wait, came_at=wait.came_at or step.at, rung_at=(*wait.rung_at, *rung))
    return waits
