"""The leads of all lists by state, for those who ask every second."""

import time
from collections.abc import Callable, Mapping
from typing import Final

from dialer.core.calling.campaign import LeadState
from dialer.db.queries import leads
from dialer.db.session import Transaction

#: of the time, spent on counting at the most: a few leads are counted anew whenever somebody asks, a million
#: every five seconds
SHARE: Final = 0.05


class ListCounts:
    """Counts leads when asked, and between two counts says what the last one found."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: Mapping[LeadState, int] = {}
        self._again_at = float("-inf")

    def of(self, tx: Transaction) -> Mapping[LeadState, int]:
        """How many leads there are in each state, so long ago that counting takes no more than `SHARE`."""
        began = self._clock()
        if began >= self._again_at:
            self._found = leads.counts_by_state(tx)
            ended = self._clock()
            self._again_at = ended + (ended - began) / SHARE
        return self._found
