"""Somebody who waits for a promised call rings in: they stand at their place, and are not rung meanwhile.

One wish has one place. Whoever rings in with an open promise waits on the line since they first joined; the
promise is not rung while they are there, whichever PBX they rang, and an agent they reach settles it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

MISSED_WITHIN: Final = timedelta(
    minutes=30
)  # who saw a missed call rings back within it, or for something else
ON_THE_LINE: Final = "rang in, and was served"  # why such a promise is settled


class CallAt(NamedTuple):
    """A call on our line: the PBX that has it, and its channel there."""

    pbx: str
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPlace:
    """A promise that may belong to somebody who rings in.

    `missed_at` is the latest call to them that was missed or cut off; `ended_at` is None while it is open.
    `wanted_from` is the time that was chosen for the call, None where it comes in turn. `served_at` is when
    they last got an agent, however that came about, or somebody saw to the promise that was given up.
    """

    promise: int
    virtual_join: datetime
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    wanted_from: datetime | None = None
    served_at: datetime | None = None

    def is_owed(self, joined: datetime) -> bool:
        """Whether who rings in at `joined` does so because we rang, and nobody has served them since."""
        missed = self.missed_at
        if missed is None or not joined - MISSED_WITHIN <= missed <= joined:
            return False
        return self.served_at is None or self.served_at < missed


def place_of(joined: datetime, held: Iterable[HeldPlace]) -> tuple[datetime, HeldPlace | None]:
    """Since when a caller who rang in at `joined` stands in line, and the promise that gives the place.

    An open promise does, and one that was given up within half an hour of a call they missed, or that was
    cut off: they ring because we rang. It does so once: who was served since rings for something else. One
    for a chosen time gives none before it: else whoever booked an hour of next week would be in front of
    everybody today. Of several the earliest place counts; without one the caller's own moment.
    """
    own = [
        each
        for each in held
        if (each.ended_at is None and (each.wanted_from is None or each.wanted_from <= joined))
        or each.is_owed(joined)
    ]
    first = min(own, key=lambda each: (each.virtual_join, each.promise), default=None)
    return (min(joined, first.virtual_join), first) if first is not None else (joined, None)
