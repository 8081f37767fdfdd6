"""After a gap, the database is set right by what the PBX says, and nothing is ever sent again."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import CallOnFloor
from dialer.core.agents.pbx_commands import PbxCommand
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.policy import CallingPolicy
from dialer.db.database_faults import blames_content
from dialer.services.calls.attempts import OpenAttempt, open_attempts
from dialer.services.calls.call_events import fail_attempt, lose_attempt, record_fact
from telephony.calls.events import Finished, Outcome, PbxSnapshot
from telephony.calls.lifecycle import CallState
from telephony.calls.reconcile import KnownAttempt, Ruling, Settlement, reconcile, talk_ended_at
from telephony.state_machine import IllegalTransition

log = structlog.get_logger()

# An attempt is given up only if two looks this far apart find no trace of it: its last events may still
# be on their way when the first look is taken.
CERTAIN_AFTER: Final = timedelta(seconds=3)

LAST_HEARD: Final = {
    AttemptState.INTENT: None,
    AttemptState.SENT: CallState.PLACED,
    AttemptState.DIALLING: CallState.PLACED,
    AttemptState.ANSWERED: CallState.ANSWERED,
    AttemptState.CONNECTED: CallState.TALKING,
}


class Reconciler:
    """Compares the database with the PBX, look by look."""

    def __init__(self, app: App, floor: FloorState) -> None:
        self._app = app
        self._floor = floor
        self._booted_at: datetime | None = None
        self._missing_since: dict[str, datetime] = {}
        self.unsettled = False  # an attempt was not found and may yet be: look again soon

    async def look(self, snapshot: PbxSnapshot, *, after_gap: bool = False) -> tuple[PbxCommand, ...]:
        """Adopt the attempts that live and close those that two looks did not find.

        Returns what the PBX is to be told because of it. An attempt the dial permit never saw rang nobody: it
        fails and costs the person nothing. One that passed the dial permit and left no trace is UNKNOWN: it
        counts, and waits its normal spacing (invariant 3).
        """
        floor, app = self._floor, self._app
        effects = floor.take_snapshot(snapshot, after_gap=after_gap)
        # what is placed or ends while the database is read is newer than what it says
        placed, ended = frozenset(floor.calls), frozenset(floor.over)
        ledger = {
            attempt.id: attempt
            for attempt in await asyncio.to_thread(open_attempts, app.database, app.settings.pbx.name)
        }
        ruled = reconcile(map(entry_of, ledger.values()), snapshot, booted_before=self._booted_at)
        self._booted_at = snapshot.booted_at
        missing: dict[str, datetime] = {}
        waiting = False
        for settlement in ruled.settlements:
            attempt = ledger[settlement.attempt]
            if settlement.ruling is Ruling.ADOPT:
                floor.adopt(as_call(attempt, self._app.database.policy), snapshot.taken_at)
                continue
            if settlement.ruling is Ruling.WAIT:
                waiting = True
                continue
            since = self._missing_since.get(attempt.id, snapshot.taken_at)
            if snapshot.taken_at - since < CERTAIN_AFTER or not await self._settled(
                attempt, settlement, snapshot
            ):
                missing[attempt.id] = since
        self._missing_since = missing
        self.unsettled = waiting or bool(missing)
        vanished = (placed & floor.calls.keys()) - ledger.keys()
        floor.settle(vanished=vanished, recorded=floor.over - (ended - ledger.keys()))
        return effects

    async def _settled(self, attempt: OpenAttempt, settlement: Settlement, snapshot: PbxSnapshot) -> bool:
        """Whether this one is closed; one that cannot be holds up no other, and is tried at the next look."""
        try:
            await self._settle(attempt, settlement, snapshot)
        except Exception as error:
            if not (isinstance(error, IllegalTransition) or blames_content(error)):
                raise
            log.error("attempt_not_settled", attempt_id=attempt.id, error=repr(error))  # noqa: TRY400 - once a look
            return False
        return True

    async def _settle(self, attempt: OpenAttempt, settlement: Settlement, snapshot: PbxSnapshot) -> None:
        database, now = self._app.database, self._app.clock()
        self._floor.forget(attempt.id)
        log.warning(
            "attempt_settled",
            attempt_id=attempt.id,
            ruling=settlement.ruling,
            why=settlement.why,
            outcome=settlement.outcome,
        )
        if settlement.ruling is Ruling.RELEASE:
            await asyncio.to_thread(fail_attempt, database, attempt.id, settlement.why, now)
        elif settlement.outcome is Outcome.CONNECTED:
            # they talked, and nobody saw for how long: as the PBX has it of the agent, else at most until now
            # (never less than nothing: the clock that wrote the beginning may have been set back since)
            over_at = talk_ended_at(attempt.agent, attempt.connected_at, snapshot, now)
            talk_s = max(0.0, (over_at - (attempt.connected_at or over_at)).total_seconds())
            ended = Finished(
                at=now, attempt=attempt.id, outcome=Outcome.CONNECTED, agent=attempt.agent, talk_s=talk_s
            )
            await asyncio.to_thread(record_fact, database, ended, now)
        else:
            await asyncio.to_thread(lose_attempt, database, attempt.id, now)


def entry_of(attempt: OpenAttempt) -> KnownAttempt:
    """An open attempt as the ledger's line."""
    return KnownAttempt(
        attempt=attempt.id,
        state=LAST_HEARD[attempt.state],
        # an intent may have been sent by an engine that died before it could write that down
        sent_at=attempt.sent_at or attempt.created_at,
        consumed=attempt.consumed_at is not None,
    )


def as_call(attempt: OpenAttempt, policy: CallingPolicy) -> CallOnFloor:
    """The call of an attempt that was placed before the gap, by this engine or by another one."""
    return CallOnFloor(
        attempt=attempt.id,
        trunk=attempt.trunk,
        placed_at=attempt.created_at,
        lead=attempt.lead,
        promise=attempt.promise,
        campaign=attempt.campaign,
        team=next((team for team, queue in policy.team_queues.items() if queue == attempt.queue), None),
        answered_at=attempt.answered_at,
        agent=attempt.agent,
        handed_over=attempt.handed_over,
        proof=attempt.wish is not None,
    )
