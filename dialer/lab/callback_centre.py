"""A centre with callbacks in virtual time: the product's own rules decide, the stated model behaves.

What is offered, said, rung, tried again and given up is decided by `callbacks` and the compliance check, as
in the engine; a live caller is served by the simulated Asterisk: the earliest one first, by any agent not
kept.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from callbacks.limits import CallbackLimits, NumberHistory, refuse_request
from callbacks.offers import Offer, OfferFacts, OfferRules, capacity_until, decide_offer
from callbacks.queue_position import Person, in_order, position_of, promises_in_turn
from callbacks.quotes import Quote
from callbacks.refusals import Refusal
from callbacks.retries import RetryRules
from callbacks.ring_in import HeldPlace, place_of
from callbacks.wait_estimate import Wait, estimate_wait, measure_pace, plan_pace
from callbacks.wait_history import Guesses, QueueSight, WaitHistory, guess_waits
from dialer.core.agents.service_rate import SHORT_STAY_S, ServiceRate
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.windows import QueueHours, next_closing, read_hours
from dialer.lab.callback_records import HeldPromise, LineCaller, moment
from dialer.lab.callback_scenario import CallbackPeople, CallbackScenario, RingsIn
from dialer.lab.virtual_return_calls import VirtualReturnCalls
from telephony.numbers import fictional_numbers

Told = tuple[datetime, int, Guesses, Wait | None]  # when, at which hour, each method's guess, what was told
RING_IN_LATER_S: Final = 120.0  # whoever was promised a call waits so long at least before ringing in


class CallbackCentre(VirtualReturnCalls):
    """One centre for as many days as it is run.

    With `callbacks` off nobody is offered a call; with `tells` off too, nobody hears how long the wait is.
    """

    def __init__(
        self, scenario: CallbackScenario, seed: int, *, callbacks: bool = True, tells: bool = True
    ) -> None:
        super().__init__(scenario, CallbackPeople(scenario, seed))
        self.callbacks, self.tells = callbacks, tells
        closes = scenario.opens_h + int(scenario.open_s // 3600.0)
        self._rules = replace(
            packaged_rulebook(),
            queue=QueueHours(
                zone="UTC", windows=read_hours(f"Mon-Sun {scenario.opens_h:02}:00-{closes:02}:00")
            ),
        )
        self._clock = self._rules.queue.clock()
        self._offers, self._retry, self._limits = OfferRules(), RetryRules(), CallbackLimits()
        self._number = fictional_numbers(1)[0]
        self._closes_at: datetime | None = None
        self._line: dict[str, LineCaller] = {}
        self._asking: dict[str, LineCaller] = {}
        self._down_until_s = 0.0
        self._begin_return_calls()
        self.departures = ServiceRate()
        self.history = WaitHistory()

    # the day

    def _open_day(self) -> None:
        scenario, people, now = self.scenario, self.people, self._now_s
        self._open_until_s = now + scenario.open_s
        self._free, self._leaving = scenario.agents - self._busy - self._kept, 0
        for drawn in people.arrivals(now):
            self._push(drawn.at_s, self._ring_in, drawn)
        for at in people.faults(now, scenario.leaves_a_day):
            self._push(at, self._leave)
        for at in people.faults(now, scenario.restarts_a_day):
            self._push(at, self._restart)
        for at in people.faults(now, scenario.outages_a_day):
            self._push(at, self._lose_trunk)
        self._closes_at = next_closing(self._clock, moment(now))
        self._push(self._open_until_s, self._close_day)
        self._look()

    def _close_day(self) -> None:
        self._leaving = 0
        self._look()

    def _restart(self) -> None:
        """The engine is killed: what it keeps in memory is gone, and nobody rings promises meanwhile."""
        self.departures = ServiceRate()
        self._down_until_s = self._now_s + self.scenario.restart_s
        self._push(self._down_until_s, self._look)

    def _lose_trunk(self) -> None:
        self._outage_until_s = self._now_s + self.scenario.outage_s

    # callers on the line

    def _ring_in(self, drawn: RingsIn, promise: HeldPromise | None = None, *, again: bool = False) -> None:
        if self._now_s >= self._open_until_s:
            return
        joined = moment(self._now_s)
        if promise is not None:
            rings = promise.state is PromiseState.DIALLING and self._now_s < promise.rings_until_s
            if promise.on_line or not (promise.state is PromiseState.WAITING or rings):
                return
            held = HeldPlace(
                promise=promise.id,
                virtual_join=promise.person.virtual_join,
                missed_at=promise.missed_at,
                ended_at=promise.ended_at,
            )
            joined, _ = place_of(joined, [held])
            promise.on_line = True
            promise.came_at = promise.came_at or moment(self._now_s)
        self._serial += 1
        caller = LineCaller(
            drawn=drawn,
            person=Person(key=f"c{self._serial}", virtual_join=joined),
            since_s=self._now_s,
            promise=promise,
            redialled=again,
        )
        self.tally.callers += promise is None and not again
        self._line[caller.person.key] = caller
        self._push(self._now_s + drawn.patience_s, self._lose_patience, caller)
        if self.tells:
            self._push(self._now_s + self.scenario.way_in_s, self._hear_first, caller)
        if promise is not None and promise.state is PromiseState.DIALLING:
            self._stop_ringing(promise)  # and its agent is free for whoever is first
        else:
            self._look()

    def _lose_patience(self, caller: LineCaller) -> None:
        if caller.gone or caller.person.key not in self._line:
            return
        del self._line[caller.person.key]
        self._leave_line(caller)
        self.tally.gave_up += caller.promise is None
        if caller.promise is not None:
            caller.promise.on_line = False  # and the call is still promised
        elif caller.drawn.redials and not caller.redialled:
            again = replace(caller.drawn, patience_s=2.0 * self.scenario.patience_s)
            self._push(self._now_s + self.scenario.redial_s, self._ring_in_again, again)
        if self._now_s - caller.since_s >= SHORT_STAY_S:
            self._depart()
        self._look()

    def _ring_in_again(self, drawn: RingsIn) -> None:
        self._ring_in(drawn, again=True)

    def _leave_line(self, caller: LineCaller) -> None:
        caller.gone = True
        self.tally.holding_s += self._now_s - caller.since_s

    def _hear(self, caller: LineCaller, *, on_way_in: bool = False) -> None:
        """The queue says how long the wait is, and what can be had instead of it.

        On the way in a call is booked where that is the default; the keys are said later.
        """
        if caller.gone or caller.person.key not in self._line:
            return
        now, scenario = moment(self._now_s), self.scenario
        sight, guesses, wait = self._estimate(caller)
        lasts = wait is None or self._now_s + wait.middle_s <= caller.since_s + caller.drawn.patience_s
        decided = self._decide(sight.rank, wait, now) if self.callbacks and caller.promise is None else None
        told = now, sight.hour, guesses, wait
        if on_way_in and not (isinstance(decided, Offer) and scenario.books(decided)):
            self._push(caller.since_s + scenario.first_heard_s, self._hear, caller)
        elif not isinstance(decided, Offer):
            if decided is not None:
                refused = self.tally.refused
                refused[decided.rule.value] = refused.get(decided.rule.value, 0) + 1
            if not lasts:
                self._lose_patience(caller)
        elif decided.nearly:
            self._push(self._now_s + scenario.heard_again_s, self._hear, caller)
        else:
            self.tally.offers += 1
            if caller.drawn.wish < scenario.takes(lasts=lasts, booked=on_way_in):
                self._asking[caller.person.key] = self._line.pop(caller.person.key)
                says_s = scenario.booked_s if on_way_in else scenario.dialogue_s
                self._push(self._now_s + says_s, self._promise, caller, decided, told)
            elif not lasts:
                self._lose_patience(caller)

    def _hear_first(self, caller: LineCaller) -> None:
        self._hear(caller, on_way_in=True)

    def _decide(self, rank: int, wait: Wait | None, now: datetime) -> Offer | Refusal:
        agents, closes_at = self._present(), self._closes_at
        facts = OfferFacts(
            rank=rank,
            wait=wait,
            agents=agents,
            open_promises=len(self._open),
            capacity=capacity_until(closes_at, now, agents=agents, call_s=self._offers.call_s)
            if closes_at is not None
            else None,
            closes_at=closes_at,
            open_now=self._clock.refusal(now) is None,
        )
        return decide_offer(facts, self._offers, now)

    def _promise(self, caller: LineCaller, offer: Offer, told: Told) -> None:
        """The dialogue is over: the caller is promised a call, or back in the queue."""
        del self._asking[caller.person.key]
        now = moment(self._now_s)
        if refuse_request(self._number, NumberHistory(), self._limits, now) is not None:
            self._line[caller.person.key] = caller
            self._look()
            return
        self._leave_line(caller)
        self._make(caller, offer, told, now)
        self._look()

    def _estimate(self, caller: LineCaller) -> tuple[QueueSight, Guesses, Wait | None]:
        """What the queue shows, what each method makes of it, and the wait to tell."""
        others = [
            other.person
            for other in (*self._line.values(), *self._asking.values())
            if other is not caller and other.promise is None
        ]
        others += [held.person for held in self._open.values()]
        rank = position_of(caller.person.virtual_join, others)
        agents, now = self._present(), moment(self._now_s)
        planned = plan_pace(agents, self._offers.call_s)
        pace = (
            measure_pace(
                self.departures.gaps, now, agents=agents, waiting_since=self.departures.waiting_since
            )
            or planned
        )
        head = min((other.virtual_join for other in others), default=now)
        sight = QueueSight(
            hour=now.hour,
            rank=rank,
            pace=pace,
            planned=planned,
            head_waited_s=(now - head).total_seconds(),
            last_waited_s=self._last_waited_s,
        )
        guesses = guess_waits(sight)
        learned = self.history.tell(guesses, sight.hour)
        if learned is not None:
            return sight, guesses, learned[1]
        return sight, guesses, estimate_wait(pace, rank) if pace is not None else None

    # promises

    def _make(self, caller: LineCaller, offer: Offer, told: Told, now: datetime) -> None:
        scenario, people, window = self.scenario, self.people, offer.window
        asked_at, hour, guesses, wait = told
        number = len(self.tally.promises) + 1
        held = HeldPromise(
            id=number,
            person=Person(key=f"p{number}", virtual_join=caller.person.virtual_join, promise=number),
            made_at=now,
            quote=Quote(
                said_from=now + timedelta(minutes=window.from_min),
                said_until=now + timedelta(minutes=window.to_min),
            )
            if window is not None
            else None,
            asked_at=asked_at,
            hour=hour,
            guesses=guesses,
            middle_s=wait.middle_s if wait is not None else None,
            talk_s=caller.drawn.talk_s,
            wrap_s=caller.drawn.wrap_s,
            reachable=people.happens(scenario.reachable),
            next_action_at=now + timedelta(seconds=scenario.hung_up_s),
        )
        self._wait_until(held, held.next_action_at)
        self.tally.promises.append(held)
        self._open[number] = held
        if held.reachable and people.happens(scenario.impatient):
            spread_s = wait.middle_s if wait is not None else scenario.patience_s
            self._push(
                self._now_s + RING_IN_LATER_S + people.chance.random() * spread_s, self._ring_about, held
            )
        if held.quote is not None and people.happens(scenario.late):
            late_s = (held.quote.said_until - now).total_seconds() + people.chance.uniform(60.0, 900.0)
            self._push(self._now_s + late_s, self._ring_about, held)

    def _ring_about(self, held: HeldPromise) -> None:
        """The customer rings in because of the promise."""
        if held.id not in self._open or not held.reachable:
            return
        drawn = RingsIn(
            at_s=self._now_s,
            patience_s=self.people.chance.expovariate(1.0 / self.scenario.patience_s),
            wish=1.0,
            talk_s=held.talk_s,
            wrap_s=held.wrap_s,
            redials=False,
        )
        self._ring_in(drawn, held)

    def _due(self) -> list[HeldPromise]:
        now = moment(self._now_s)
        return [
            held
            for held in self._open.values()
            if held.state is PromiseState.WAITING and held.next_action_at <= now and not held.on_line
        ]

    def _look(self) -> None:
        """One turn: agents to the callers and promises who are first in the common order.

        Beside those who are free count those for whom a customer may be called ahead.
        """
        self._pick_up()
        while True:
            running = self.callbacks and self._now_s >= self._down_until_s
            soon = self._soon_free() if running else []
            if not self._free and not soon:
                return
            people = [caller.person for caller in self._line.values()]
            people += [held.person for held in self._due()] if running else []
            turn = [self._open[promise] for promise in promises_in_turn(people, self._free + len(soon))]
            callers = in_order(person for person in people if person.promise is None)
            served = callers[: max(0, min(self._free + len(soon), len(people)) - len(turn))][: self._free]
            if not turn and not served:
                return
            for person in served:
                self._serve(self._line.pop(person.key))
            for held in turn:
                if self._free:
                    self._ring(held)
                elif soon:
                    self._ring(held, soon.pop(0))

    def _serve(self, caller: LineCaller) -> None:
        self._leave_line(caller)
        self.tally.served += 1
        self._free -= 1
        self._busy += 1
        if caller.promise is not None:
            caller.promise.on_line = False
            self._step(caller.promise, PromiseEvent.SETTLE)
        self._last_waited_s = (moment(self._now_s) - caller.person.virtual_join).total_seconds()
        self._depart()
        self._push(self._now_s + caller.drawn.talk_s, self._end_talk, caller.drawn.wrap_s, None)

    def _depart(self) -> None:
        waiting = len(self._line) + len(self._due())
        self.departures.see(moment(self._now_s), waiting=waiting, agents=self._present())
