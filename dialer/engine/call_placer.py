"""Placing a call: committed first, then ordered, within what the trunks and the circuit breaker allow."""

import asyncio

import structlog

from callbacks.refusals import Fatal, Refusal
from dialer.bootstrap import App
from dialer.core.agents.floor import AgentOnFloor, CallOnFloor, FloorState
from dialer.core.calling.circuit_breaker import CircuitBreaker
from dialer.core.calling.trunk_capacity import TrunkCapacity
from dialer.engine.pacer_registry import PacerRegistry
from dialer.services.calls.attempt_journal import Journal
from dialer.services.calls.attempts import mark_sent
from dialer.services.calls.call_events import fail_attempt
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import LeadWork, PromiseWork
from dialer.services.calls.open_attempt import open_attempt
from dialer.services.campaigns.campaigns import RunningCampaign
from telephony.calls.events import Outcome
from telephony.errors import LinkDown, OutcomeUnknown, TelephonyError
from telephony.ports import CallControl, CallOrder

log = structlog.get_logger()


class LeadershipLost(Exception):
    """Another engine leads this PBX; this one must not place another call."""


class CallPlacer:
    """Places calls on one PBX, one at a time."""

    def __init__(self, app: App, pbx: CallControl, floor: FloorState, pacers: PacerRegistry) -> None:
        self._app = app
        self._pbx = pbx
        self._floor = floor
        self._pacers = pacers
        self._trunks = {
            trunk.name: TrunkCapacity(
                channels=trunk.channels, calls_per_second=trunk.calls_per_second, began=app.clock()
            )
            for trunk in app.settings.trunks
        }
        self.breaker = CircuitBreaker()
        self.journal = Journal(app.settings.data_dir, app.settings.pbx.name)
        self.unsure = False  # an order was sent and never answered: look at the PBX soon

    def room_on(self, trunk: str) -> int:
        """Calls that the trunk's own limits allow at this moment."""
        # a campaign may outlive a trunk that was taken out of the settings
        capacity = self._trunks.get(trunk)
        if capacity is None:
            return 0
        in_use = sum(call.trunk == trunk for call in self._floor.calls.values())
        return capacity.free(in_use, self._app.clock())

    def lines_free(self, trunk: str) -> int:
        """Calls that may be placed on it now: by its limits, and by the circuit breaker."""
        free = self.room_on(trunk)
        room = self.breaker.room(self._app.clock(), len(self._floor.on_the_way()))
        return free if room is None else min(free, room)

    async def place(
        self,
        leadership: Leadership,
        work: LeadWork | PromiseWork,
        campaign: RunningCampaign | None,
        agent: AgentOnFloor | None,
        *,
        alone: bool = False,
    ) -> Refusal | None:
        """Commit one attempt, then ask the PBX for its call (invariant 2); the refusal where there is one."""
        app, now = self._app, self._app.clock()
        kept = agent.id if agent is not None else None
        order = await asyncio.to_thread(open_attempt, app.database, leadership, work, kept, now)
        if isinstance(order, Refusal):
            if order.rule.fatal is Fatal.LEADER:
                raise LeadershipLost
            log.info("attempt_not_opened", rule=order.rule, until=order.until)
            return order
        self.journal.placed(order, now)
        call = CallOnFloor(
            attempt=order.attempt,
            trunk=order.trunk,
            placed_at=now,
            lead=order.lead,
            promise=order.promise,
            campaign=campaign.id if campaign is not None else None,
            answer_probability=work.answer_probability if isinstance(work, LeadWork) else None,
            kept_for=kept if alone else None,
        )
        self._floor.place(call)
        trunk = self._trunks.get(order.trunk)
        if trunk is not None:
            trunk.place(now)
        self._pacers.placed(call)
        try:
            await self._pbx.originate(
                CallOrder(attempt=order.attempt, queue=order.queue, ring_s=order.ring_s)
            )
        except OutcomeUnknown:
            log.warning("originate_unanswered", attempt_id=order.attempt)
            self.unsure = True
        except TelephonyError as error:
            self._floor.forget(order.attempt)
            await asyncio.to_thread(fail_attempt, app.database, order.attempt, str(error), app.clock())
            if isinstance(error, LinkDown):
                raise
            self.breaker.see(Outcome.FAILED, app.clock())
            log.warning("originate_refused", attempt_id=order.attempt, error=str(error))
        else:
            await asyncio.to_thread(mark_sent, app.database, order.attempt, app.clock())
        return None
