"""A centre with callbacks in virtual time: the product's own rules decide, the stated model behaves.

What is offered, said, rung, tried again and given up is decided by `callbacks` and the compliance check, as
in the engine; a live caller is served by the simulated Asterisk: the earliest one first, by any agent not
kept.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.limits import CallbackLimits, NumberHistory, refuse_request
from callbacks.offers import Offer, OfferFacts, OfferRules, capacity_until, decide_offer
from callbacks.queue_position import Person, in_order, position_of, promises_in_turn
from callbacks.quotes import Quote
from callbacks.refusals import Fatal, Refusal
from callbacks.retries import RetryRules, events_after, plan_next_attempt
from callbacks.ring_in import HeldPlace, place_of
from callbacks.wait_estimate import Wait, estimate_wait, measure_pace, plan_pace
from callbacks.wait_history import Guesses, KnownWait, QueueSight, WaitHistory, guess_waits
from dialer.core.agents.service_rate import SHORT_STAY_S, ServiceRate
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose
from dialer.core.compliance.windows import QueueHours, next_closing, read_hours
from dialer.lab.callback_records import HeldPromise, LineCaller, moment
from dialer.lab.callback_scenario import CallbackPeople, CallbackScenario, RingsIn
from dialer.lab.virtual_staff import VirtualStaff
from telephony.calls.events import Outcome
from telephony.numbers import fictional_numbers

ZONE: Final = "Europe/London"
Told = tuple[datetime, int, Guesses, Wait | None]  # when, at which hour, each method's guess, what was told
RING_IN_LATER_S: Final = 120.0  # whoever was promised a call waits so long at least before ringing in


class CallbackCentre(VirtualStaff):
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
        self._open: dict[int, HeldPromise] = {}
        self._stranded: list[tuple[HeldPromise, float]] = []  # answered, and their agent did not come
        self._down_until_s = self._outage_until_s = 0.0
        self.departures = ServiceRate()
        self.history = WaitHistory()
        self._last_waited_s: float | None = None

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
            if promise.on_line or promise.state is not PromiseState.WAITING:
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
            self._push(self._now_s + self.scenario.first_heard_s, self._hear, caller)
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

    def _hear(self, caller: LineCaller) -> None:
        """The queue says how long the wait is, and what can be had instead of it."""
        if caller.gone or caller.person.key not in self._line:
            return
        now, scenario = moment(self._now_s), self.scenario
        sight, guesses, wait = self._estimate(caller)
        lasts = wait is None or self._now_s + wait.middle_s <= caller.since_s + caller.drawn.patience_s
        if not self.callbacks or caller.promise is not None:
            if not lasts:
                self._lose_patience(caller)
            return
        closes_at = self._closes_at
        facts = OfferFacts(
            rank=sight.rank,
            wait=wait,
            agents=self._present(),
            open_promises=len(self._open),
            capacity=capacity_until(closes_at, now, agents=self._present(), call_s=self._offers.call_s)
            if closes_at is not None
            else None,
            closes_at=closes_at,
            open_now=self._clock.refusal(now) is None,
        )
        decided = decide_offer(facts, self._offers, now)
        if isinstance(decided, Refusal):
            refused = self.tally.refused
            refused[decided.rule.value] = refused.get(decided.rule.value, 0) + 1
            if not lasts:
                self._lose_patience(caller)
            return
        if decided.nearly:
            self._push(self._now_s + scenario.heard_again_s, self._hear, caller)
            return
        self.tally.offers += 1
        takes = scenario.takes(wait.middle_s if wait is not None else None, lasts=lasts)
        if caller.drawn.wish < takes:
            self._asking[caller.person.key] = self._line.pop(caller.person.key)
            told = now, sight.hour, guesses, wait
            self._push(self._now_s + scenario.dialogue_s, self._promise, caller, decided, told)
        elif not lasts:
            self._lose_patience(caller)

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
            handle_s=caller.drawn.handle_s,
            reachable=people.happens(scenario.reachable),
            next_action_at=now,
        )
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
            handle_s=held.handle_s,
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
        """One turn: agents to the callers and promises who are first in the common order."""
        while self._stranded and self._free:
            held, since_s = self._stranded.pop(0)
            self._free -= 1
            self._kept += 1
            self._bridge(held, self._now_s - since_s)
        while self._free:
            running = self._now_s >= self._down_until_s
            people = [caller.person for caller in self._line.values()]
            people += [held.person for held in self._due()] if self.callbacks and running else []
            if not people:
                return
            turn = promises_in_turn(people, self._free)
            served = min(self._free, len(people)) - len(turn)
            callers = in_order(person for person in people if person.promise is None)
            for person in callers[:served]:
                self._serve(self._line.pop(person.key))
            for promise in turn:
                self._ring(self._open[promise])
            if not turn and not served:
                return

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
        self._push(self._now_s + caller.drawn.handle_s, self._end_talk, None)

    def _ring(self, held: HeldPromise) -> None:
        now, tally = moment(self._now_s), self.tally
        facts = ComplianceFacts(
            purpose=Purpose.REQUESTED,
            country="GB",
            zones=(ZONE,),
            asked_at=held.made_at,
            rings=tuple(held.rung_at),
        )
        refusal = judge(facts, self._rules, now)
        held.came_at = held.came_at or now
        if refusal is not None:
            if refusal.rule.fatal is Fatal.NUMBER:
                self._step(held, PromiseEvent.GIVE_UP)
            else:
                self._wait_until(held, refusal.again_at(now) or now + timedelta(minutes=1))
            return
        tally.outside_hours += self._now_s >= self._open_until_s
        tally.rung_while_on_line += held.on_line
        tally.double_calls += held.state is not PromiseState.WAITING
        self._step(held, PromiseEvent.CLAIM)
        self._free -= 1
        self._kept += 1
        if self._now_s < self._outage_until_s:
            self._push(self._now_s + 1.0, self._end_attempt, held, Outcome.CONGESTION)
            return
        self._step(held, PromiseEvent.ALLOW)
        held.rung_at.append(now)
        if held.called_at is None:
            held.called_at = now
            wait_s = (now - held.asked_at).total_seconds()
            self.history.learn(
                KnownWait(asked_at=held.asked_at, hour=held.hour, guesses=held.guesses, wait_s=wait_s)
            )
            self._last_waited_s = (now - held.person.virtual_join).total_seconds()
        outcome, ring_s = self.people.call(reachable=held.reachable)
        if outcome is None:
            self._push(self._now_s + ring_s, self._answer, held)
        else:
            self._push(self._now_s + ring_s, self._end_attempt, held, outcome)

    def _answer(self, held: HeldPromise) -> None:
        if not self.people.happens(self.scenario.agent_gone):
            self._bridge(held, self.scenario.bridge_s)
            return
        self._kept -= 1  # that agent is gone for good; somebody else may come free in time
        self._stranded.append((held, self._now_s))
        self._push(self._now_s + self.scenario.pickup_s, self._strand, held)
        self._push(self._now_s + self.scenario.leave_s, self._come_back, 1)
        self._look()

    def _strand(self, held: HeldPromise) -> None:
        for waiting in self._stranded:
            if waiting[0] is held:
                self._stranded.remove(waiting)
                self.tally.after_answer_s.append(self.scenario.pickup_s)
                self.tally.holding_s += self.scenario.pickup_s
                self._end_attempt(held, Outcome.HUNG_UP_WAITING, kept=0)
                return

    def _bridge(self, held: HeldPromise, waited_s: float) -> None:
        self.tally.after_answer_s.append(waited_s)
        self.tally.holding_s += waited_s
        self._kept -= 1
        self._busy += 1
        held.kept_at = moment(self._now_s)
        self._step(held, PromiseEvent.CONNECT)
        self._depart()
        self._push(self._now_s + held.handle_s, self._end_talk, held)

    def _end_talk(self, held: HeldPromise | None) -> None:
        self._busy -= 1
        if held is not None:
            cut_off = self.people.happens(self.scenario.cut_off)
            self.tally.served += not cut_off
            self._follow(held, Outcome.CONNECTED, cut_off=cut_off)
        self._come_free()

    def _end_attempt(self, held: HeldPromise, outcome: Outcome, kept: int = 1) -> None:
        self._follow(held, outcome)
        self._kept -= kept
        if kept:
            self._come_free()
        else:
            self._look()

    def _follow(self, held: HeldPromise, outcome: Outcome, *, cut_off: bool = False) -> None:
        now = moment(self._now_s)
        plan = plan_next_attempt(
            outcome,
            attempts_made=held.attempts_made,
            now=now,
            rules=self._retry,
            cut_off=cut_off,
            ours_in_a_row=held.ours_in_a_row,
        )
        for event in events_after(held.state, plan):
            self._step(held, event)
        counts = getattr(plan, "counts", True)
        held.attempts_made += counts
        held.ours_in_a_row = 0 if counts else held.ours_in_a_row + 1
        at = getattr(plan, "at", None)
        if held.state in PROMISE.ends:
            return
        self._wait_until(held, at or now)
        held.kept_at = None
        if outcome in {Outcome.NO_ANSWER, Outcome.BUSY, Outcome.MACHINE, Outcome.HUNG_UP_WAITING}:
            held.missed_at = now
            if self.people.happens(self.scenario.calls_back):
                later_s = self.people.chance.random() * self.scenario.calls_back_s
                self._push(self._now_s + later_s, self._ring_about, held)

    def _wait_until(self, held: HeldPromise, at: datetime) -> None:
        held.next_action_at = at
        self._push(max(self._now_s, (at - moment(0.0)).total_seconds()), self._look)

    def _step(self, held: HeldPromise, event: PromiseEvent) -> None:
        held.step(event, moment(self._now_s))
        if held.state in PROMISE.ends:
            self._open.pop(held.id, None)

    def _depart(self) -> None:
        waiting = len(self._line) + len(self._due())
        self.departures.see(moment(self._now_s), waiting=waiting, agents=self._present())
