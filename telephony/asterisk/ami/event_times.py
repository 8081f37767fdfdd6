"""When an event was, where the PBX stamps its events (`timestampevents = yes` in its `[general]`).

The question: a machine that is busy reads an event late, sometimes by seconds, and a talk, a wait or a
wrap-up between two of them comes out wrong by as much. The PBX's stamp says when it happened, but by the
PBX's clock, which may stand hours from ours. So the stamps are not taken as they are. How far the clocks
are apart is the least by which an event of late came after its stamp: that one was read at once. What
another event took beyond it is delay, and is taken off.

Never later than it was heard, and never earlier by more than `LONGEST_DELAY`: more than that is a clock that
was set, and the comparison begins anew. A clock that is set back by less is taken for delay until the events
before it are forgotten. Both clocks run at the same pace: a simulated PBX, which does not, stamps nothing.
"""

import re
from datetime import datetime, timedelta
from typing import Final

LONGEST_DELAY: Final = timedelta(seconds=30)  # a link that is silent for half of this is given up
#: how long an event counts as "of late", at least; at the most twice as long
REMEMBERED: Final = timedelta(minutes=2)
_STAMP: Final = re.compile(r"[0-9]{1,11}\.[0-9]{6}", re.ASCII)  # seconds since 1970, as Asterisk prints them


class EventTimes:
    """The comparison of one link's stamps with our clock."""

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._apart_s: float | None = None  # the least since then
        self._apart_before_s: float | None = None  # the least in the time before

    def moment(self, stamp: str, heard: datetime) -> datetime:
        """When this event was, by the clock that says `heard`; an event without a stamp was just heard."""
        if not _STAMP.fullmatch(stamp):
            return heard
        apart_s = heard.timestamp() - float(stamp)
        if self._began is None or heard - self._began >= REMEMBERED:
            self._began, self._apart_before_s, self._apart_s = heard, self._apart_s, None
        known = [each for each in (self._apart_s, self._apart_before_s) if each is not None]
        delay = timedelta(seconds=max(0.0, apart_s - min(known, default=apart_s)))
        if delay > LONGEST_DELAY:
            self._began, self._apart_before_s, self._apart_s = heard, None, apart_s
            return heard
        self._apart_s = min(apart_s, self._apart_s) if self._apart_s is not None else apart_s
        return heard - delay
