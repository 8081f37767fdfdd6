"""After a gap, the book is set right by what the PBX says, and nothing is ever sent again."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from dialer.bootstrap import House
from dialer.core.attempt import AttemptState
from dialer.core.floor import CallOnFloor, Floor
from dialer.services.attempts import OpenAttempt, fail_attempt, lose_attempt, open_attempts
from telephony.calls.events import PbxSnapshot

log = structlog.get_logger()

# An attempt is given up only if two looks this far apart find no trace of it: its last events may still
# be on their way when the first look is taken.
CERTAIN_AFTER: Final = timedelta(seconds=3)

BEFORE_THE_GATE: Final = frozenset({AttemptState.INTENT, AttemptState.SENT})


class Reconciler:
    """Compares the book with the PBX, look by look."""

    def __init__(self, house: House, floor: Floor) -> None:
        self._house = house
        self._floor = floor
        self._missing_since: dict[str, datetime] = {}

    async def look(self, snapshot: PbxSnapshot) -> None:
        """Adopt the attempts that live and close those that two looks did not find.

        One the gate never saw rang nobody: it fails and costs the person nothing. One that passed the
        gate and left no trace is UNKNOWN: it counts, and waits its normal spacing (law 3).
        """
        floor, house = self._floor, self._house
        floor.take_snapshot(snapshot)
        live = {channel.linked_id for channel in snapshot.channels}
        live |= {channel.unique_id for channel in snapshot.channels}
        ledger = await asyncio.to_thread(open_attempts, house.book, house.settings.pbx.name)
        missing: dict[str, datetime] = {}
        for attempt in ledger:
            if attempt.id in live:
                floor.calls.setdefault(attempt.id, adopt(attempt))
                continue
            since = self._missing_since.get(attempt.id, snapshot.taken_at)
            if snapshot.taken_at - since >= CERTAIN_AFTER:
                await self._close(attempt)
            else:
                missing[attempt.id] = since
        self._missing_since = missing
        for gone in floor.calls.keys() - {attempt.id for attempt in ledger}:
            del floor.calls[gone]

    async def _close(self, attempt: OpenAttempt) -> None:
        house = self._house
        self._floor.calls.pop(attempt.id, None)
        if attempt.state in BEFORE_THE_GATE:
            log.info("attempt_failed", attempt_id=attempt.id, reason="no trace, the gate was never asked")
            await asyncio.to_thread(fail_attempt, house.book, attempt.id, "reconciled", house.clock())
        else:
            log.warning("attempt_unknown", attempt_id=attempt.id, state=attempt.state)
            await asyncio.to_thread(lose_attempt, house.book, attempt.id, house.clock())


def adopt(attempt: OpenAttempt) -> CallOnFloor:
    """The call of an attempt that was placed before the gap, by this engine or by another one."""
    return CallOnFloor(
        attempt=attempt.id,
        placed_at=attempt.created_at,
        lead=attempt.lead,
        promise=attempt.promise,
        campaign=attempt.campaign,
        answered_at=attempt.answered_at,
        agent=attempt.agent,
    )
