"""How long a wait or a talk was, where the queue counted it too.

We measure a length between two events, and either may be told late: by an Asterisk that stamps nothing to an
engine that is busy, or by the one thread in which an Asterisk makes the events of all its calls. The queue
counts by itself, in the call's own thread, `time(NULL)` less `time(NULL)` (apps/app_queue.c: HoldTime,
TalkTime), and writes the same into its log. Either is cut to whole seconds, so its count is off by less than
one, whichever way. A measured length within that second is finer and holds; any other has been proved wrong,
and the queue's own is taken.

A count below zero, or one that differs by more than `LATEST_S`, is not believed: it is then more likely that
somebody set the PBX's clock while the call lasted.
"""

from datetime import datetime, timedelta
from typing import Final

#: the queue's whole seconds are off by less than this, in seconds
WHOLE_S: Final = 1.0
#: seconds that events may be late on a machine that still carries calls
LATEST_S: Final = 120.0


def length_s(measured_s: float, counted_s: int | None) -> float:
    """Seconds: the measured ones, or the queue's where those cannot be true. None: it counted nothing."""
    if counted_s is None or counted_s < 0 or not WHOLE_S <= abs(measured_s - counted_s) <= LATEST_S:
        return measured_s
    return float(counted_s)


def out_of_queue_at(queued_at: datetime | None, heard_at: datetime, hold_s: int | None) -> datetime:
    """When a call that was queued left the queue, by the queue's own count; never after we heard of it.

    `queued_at`: None where nobody heard the call come into the queue.
    """
    if queued_at is None:
        return heard_at
    waited_s = length_s((heard_at - queued_at).total_seconds(), hold_s)
    return min(heard_at, queued_at + timedelta(seconds=waited_s))
