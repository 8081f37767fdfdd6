"""Placing a call: committed first, then ordered, within what the trunks and the circuit breaker allow."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from callbacks.refusals import Fatal, Refusal, Rule
from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor
from dialer.core.calling.circuit_breaker import CircuitBreaker
from dialer.core.calling.trunk_capacity import TrunkCapacity
from dialer.db.database_faults import DatabaseUnavailable
from dialer.db.session import Database
from dialer.engine.pacer_registry import PacerRegistry
from dialer.pbx_settings import TrunkSettings
from dialer.services.calls.attempt_journal import Journal
from dialer.services.calls.call_events import fail_attempt
from dialer.services.calls.leadership import Leadership
from dialer.services.calls.next_calls import CodeWork, LeadWork, PromiseWork
from dialer.services.calls.open_attempt import AttemptOrder, CallRequest, open_together
from dialer.services.campaigns.campaigns import RunningCampaign
from telephony.calls.events import Outcome
from telephony.errors import ActionRefused, LinkDown, OutcomeUnknown, TelephonyError
from telephony.ports import CallControl, CallOrder

log = structlog.get_logger()

OPENED_AT_ONCE = 8  # attempts a commit: some ten milliseconds, for which a dial permit may have to wait


class LeadershipLost(Exception):
    """Another engine leads this PBX; this one must not place another call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """One call to be placed: for whom, and the agent who is kept for it, if one is."""

    work: LeadWork | PromiseWork | CodeWork
    campaign: RunningCampaign | None
    agent: AgentOnFloor | None
    alone: bool = False  # it reaches nobody but that agent
    agent_first: bool = False  # who is on the line before the customer is rung

    @property
    def team(self) -> str | None:
        """Whose agents the customer may reach; None: everybody."""
        if self.campaign is not None:
            return self.campaign.team
        return self.work.team if isinstance(self.work, PromiseWork) else None


class CallPlacer:
    """Places calls on one PBX: all of a turn's together, so that none waits for another."""

    def __init__(self, app: App, pbx: CallControl, floor: FloorState, pacers: PacerRegistry) -> None:
        self._app = app
        self._pbx = pbx
        self._floor = floor
        self._pacers = pacers
        self._trunks: dict[str, TrunkCapacity] = {}
        self._known_trunks: dict[str, TrunkSettings] = {}
        self.take_trunks(app.settings.trunks)
        self.breaker = CircuitBreaker()
        self.journal = Journal(app.settings.data_dir, app.settings.pbx.name)
        self.opened = 0  # attempts, since this term began
        self._tried: list[LeadWork | PromiseWork | CodeWork] = []
        self._hung_up: set[str] = set()  # attempts that end, and whose end is not heard yet
        self.unsure = False  # an order was sent and never answered: look at the PBX soon

    def take_trunks(self, trunks: Sequence[TrunkSettings]) -> None:
        """From now on these are the ways out; one that is as it was goes on where it was."""
        now = self._app.clock()
        self._trunks = {
            trunk.name: self._trunks[trunk.name]
            if self._known_trunks.get(trunk.name) == trunk
            else TrunkCapacity(channels=trunk.channels, calls_per_second=trunk.calls_per_second, began=now)
            for trunk in trunks
        }
        self._known_trunks = {trunk.name: trunk for trunk in trunks}

    def take_tried(self) -> list[LeadWork | PromiseWork | CodeWork]:
        """For whom calls were asked for since this was asked last, whatever came of them."""
        tried, self._tried = self._tried, []
        return tried

    def room_on(self, trunk: str) -> int:
        """Calls that the trunk's own limits allow at this moment."""
        # a campaign may outlive a trunk that was taken out
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

    async def place(self, leadership: Leadership, placings: Sequence[Placing]) -> tuple[Refusal | None, ...]:
        """Commit these attempts, then ask the PBX for their calls (invariant 2); the refusals, in order.

        All are committed before the PBX hears of the first, in few commits, and asked for together. Raises
        `LeadershipLost`, and `LinkDown` once every one of them is seen to.
        """
        self._tried += [placing.work for placing in placings]
        orders = await self._open(leadership, placings)
        refusals = tuple(order if isinstance(order, Refusal) else None for order in orders)
        for refusal in filter(None, refusals):
            if refusal.rule.fatal is Fatal.LEADER:
                raise LeadershipLost
            log.info("attempt_not_opened", rule=refusal.rule, until=refusal.until)
        now = self._app.clock()
        opened = [
            (placing, order)
            for placing, order in zip(placings, orders, strict=True)
            if isinstance(order, AttemptOrder)
        ]
        self.opened += len(opened)
        for placing, order in opened:
            self._note(placing, order, now)
        answers = await asyncio.gather(
            *(self._order(order, agent_first=placing.agent_first) for placing, order in opened),
            return_exceptions=True,
        )
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        if failures:
            raise next((failure for failure in failures if isinstance(failure, LinkDown)), failures[0])
        return refusals

    async def hang_up_for(self, promises: Collection[int]) -> None:
        """End the calls for these promises that nobody has answered; raises `LinkDown`.

        One that the PBX does not have yet is ended when this is asked again.
        """
        self._hung_up &= self._floor.calls.keys()
        for call in self._floor.on_the_way():
            if call.promise not in promises or call.answered_at or call.attempt in self._hung_up:
                continue
            try:
                await self._pbx.hang_up(call.attempt)
            except (ActionRefused, OutcomeUnknown) as error:
                log.info("call_not_hung_up", attempt_id=call.attempt, error=str(error))
            else:
                log.info("call_hung_up", attempt_id=call.attempt, reason="its customer is on our line")
                self._hung_up.add(call.attempt)

    async def _open(
        self, leadership: Leadership, placings: Sequence[Placing]
    ) -> tuple[AttemptOrder | Refusal, ...]:
        """Open them in few commits, between which dial permits have their turn.

        Where one stands in the way of its fellows, each is opened in a commit of its own.
        """
        database, now = self._app.database, self._app.clock()
        asked = [
            CallRequest(work=placing.work, agent=placing.agent.id if placing.agent is not None else None)
            for placing in placings
        ]
        answers: list[AttemptOrder | Refusal] = []
        for start in range(0, len(asked), OPENED_AT_ONCE):
            some = asked[start : start + OPENED_AT_ONCE]
            try:
                answers += await self._open_some(database, leadership, some, now)
            except DatabaseUnavailable:
                if not answers:
                    raise
                break  # those that are open are to be rung
        return (*answers, *(Refusal(rule=Rule.LEAD_NOT_LISTED) for _ in asked[len(answers) :]))

    async def _open_some(
        self, database: Database, leadership: Leadership, asked: Sequence[CallRequest], now: datetime
    ) -> tuple[AttemptOrder | Refusal, ...]:
        try:
            return await asyncio.to_thread(open_together, database, leadership, asked, now)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if len(asked) == 1:
                raise
            log.warning("attempts_not_opened_together", attempts=len(asked), error=repr(error))
        return await asyncio.to_thread(_one_by_one, self._app, leadership, asked)

    def _note(self, placing: Placing, order: AttemptOrder, now: datetime) -> None:
        """An attempt is committed, and its call about to be asked for."""
        self.journal.placed(order, now)
        call = CallOnFloor(
            attempt=order.attempt,
            trunk=order.trunk,
            placed_at=now,
            lead=order.lead,
            promise=order.promise,
            asked_in=placing.work.asked_in if isinstance(placing.work, PromiseWork) else "",
            campaign=placing.campaign.id if placing.campaign is not None else None,
            team=placing.team,
            answer_probability=(
                placing.work.answer_probability if isinstance(placing.work, LeadWork) else None
            ),
            kept_for=placing.agent.id if placing.alone and placing.agent is not None else None,
            proof=order.wish is not None,
        )
        self._floor.place(call)
        trunk = self._trunks.get(order.trunk)
        if trunk is not None:
            trunk.place(now)
        self._pacers.placed(call)

    async def _order(self, order: AttemptOrder, *, agent_first: bool) -> None:
        """Ask the PBX for one call. What it takes is written down with the first that is heard of it."""
        app = self._app
        try:
            await self._pbx.originate(
                CallOrder(
                    attempt=order.attempt, queue=order.queue, ring_s=order.ring_s, agent_first=agent_first
                )
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


def _one_by_one(
    app: App, leadership: Leadership, asked: Sequence[CallRequest]
) -> tuple[AttemptOrder | Refusal, ...]:
    """Open each by itself: one that cannot be is left for the next turn, and holds up no other."""
    answers: list[AttemptOrder | Refusal] = []
    for each in asked:
        try:
            answers += open_together(app.database, leadership, [each], app.clock())
        except DatabaseUnavailable:
            if not answers:
                raise
            break  # those that are open are to be rung
        except Exception as error:  # noqa: BLE001 - another changed it first, or it cannot be written at all
            log.warning("attempt_not_opened", error=repr(error))
            answers.append(Refusal(rule=Rule.LEAD_NOT_LISTED))
    return (*answers, *(Refusal(rule=Rule.LEAD_NOT_LISTED) for _ in asked[len(answers) :]))
