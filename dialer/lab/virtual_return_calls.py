"""Calls back in virtual time: for a free agent or ahead of one, answered, asked for a key, tried again."""

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import PROMISE, PromiseEvent, PromiseState
from callbacks.refusals import Fatal
from callbacks.retries import RetryRules, events_after, plan_next_attempt
from callbacks.return_call import ReturnAnswer
from callbacks.wait_history import KnownWait, WaitHistory
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.lab.callback_records import HeldPromise, moment
from dialer.lab.virtual_staff import VirtualStaff, WrappingUp
from telephony.calls.events import Outcome

ZONE: Final = "Europe/London"
MISSED: Final = frozenset(
    {Outcome.NO_ANSWER, Outcome.BUSY, Outcome.MACHINE, Outcome.NO_KEY, Outcome.HUNG_UP_WAITING}
)


class VirtualReturnCalls(VirtualStaff):
    """What becomes of a promise from its turn on."""

    _rules: Rulebook
    _retry: RetryRules
    history: WaitHistory

    def _begin_return_calls(self) -> None:
        self._open: dict[int, HeldPromise] = {}
        self._stranded: list[tuple[HeldPromise, float]] = []  # want their agent, who is not there yet
        self._outage_until_s = 0.0
        self._last_waited_s: float | None = None

    @abstractmethod
    def _depart(self) -> None:
        """Somebody has left the queue."""

    @abstractmethod
    def _ring_about(self, held: HeldPromise) -> None:
        """The customer rings in because of the promise."""

    def _ring(self, held: HeldPromise, ahead: WrappingUp | None = None) -> None:
        """Call the customer for a free agent, or `ahead` of one who still wraps up."""
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
        held.ordered_s, held.kept = self._now_s, ahead is None
        if ahead is not None:
            ahead.held = held
            tally.rung_ahead += 1
        else:
            self._free -= 1
            self._kept += 1
        if self._now_s < self._outage_until_s:
            self._push(self._now_s + 1.0, self._end_attempt, held, Outcome.CONGESTION)
            return
        self._step(held, PromiseEvent.ALLOW)
        held.rung_at.append(now)
        if held.called_at is None:
            held.called_at = now
            self._learn(held, now)
        outcome, ring_s = self.people.call(reachable=held.reachable)
        held.call += 1
        held.rings_until_s = self._now_s + ring_s
        if outcome is None:
            answer, presses, key_s = self.people.key()
            tally.words_s += key_s
            if answer is not None or not presses:
                self._push(held.rings_until_s + key_s, self._goes_on, held.call, self._decline, held, answer)
            else:
                self._push(held.rings_until_s + key_s, self._goes_on, held.call, self._want_agent, held)
        else:
            self._push(held.rings_until_s, self._goes_on, held.call, self._end_attempt, held, outcome)

    def _goes_on(self, call: int, then: Callable[..., None], held: HeldPromise, *values: object) -> None:
        """What a call comes to, unless it was hung up before."""
        if held.call == call:
            then(held, *values)

    def _stop_ringing(self, held: HeldPromise) -> None:
        """The customer rings us while we ring them: that call is over, and they wait on the line."""
        held.call += 1
        self._follow(held, Outcome.NO_ANSWER, rang_in=True)
        self._hang_up(held)

    def _learn(self, held: HeldPromise, now: datetime) -> None:
        wait_s = (now - held.asked_at).total_seconds()
        self.history.learn(
            KnownWait(asked_at=held.asked_at, hour=held.hour, guesses=held.guesses, wait_s=wait_s)
        )
        self._last_waited_s = (now - held.person.virtual_join).total_seconds()

    def _decline(self, held: HeldPromise, answer: ReturnAnswer | None) -> None:
        """The customer wants no agent now, or nobody there presses a key."""
        match answer:
            case None:
                self._end_attempt(held, Outcome.NO_KEY)
            case ReturnAnswer.LATER:
                self._end_attempt(held, Outcome.DECLINED, later=True)
            case _:
                self._step(held, PromiseEvent.CANCEL)
                self._hang_up(held)

    def _want_agent(self, held: HeldPromise) -> None:
        """The key is pressed, or without one the telephone picked up."""
        self._leads_s.append(self._now_s - held.ordered_s)
        if not held.kept:
            self._swap(held)
        if held.kept and not self.people.happens(self.scenario.agent_gone):
            self._bridge(held, self.scenario.bridge_s)
            return
        if held.kept:
            self._kept -= 1  # that agent is gone for good; somebody else may come free in time
            held.kept = False
            self._push(self._now_s + self.scenario.leave_s, self._come_back, 1)
        self._stranded.append((held, self._now_s))
        self._push(self._now_s + self.scenario.pickup_s, self._strand, held)
        self._look()

    def _swap(self, held: HeldPromise) -> None:
        """Kept agents stand in one queue: whoever presses first has one, the other waits for theirs."""
        other = next((each for each in self._open.values() if each.kept), None)
        if other is None:
            return
        for agent in self._wrapping:
            if agent.held is held:
                agent.held = other
        held.kept, other.kept = True, False

    def _meet(self, held: HeldPromise) -> None:
        held.kept = True
        for waiting in self._stranded:
            if waiting[0] is held:
                self._stranded.remove(waiting)
                self._bridge(held, self._now_s - waiting[1])
                return

    def _pick_up(self) -> None:
        """Free agents go to customers who wait for theirs."""
        while self._stranded and self._free:
            held, since_s = self._stranded.pop(0)
            self._free -= 1
            self._kept += 1
            held.kept = True
            self._bridge(held, self._now_s - since_s)

    def _strand(self, held: HeldPromise) -> None:
        for waiting in self._stranded:
            if waiting[0] is held:
                self._stranded.remove(waiting)
                self.tally.after_answer_s.append(self.scenario.pickup_s)
                self.tally.holding_s += self.scenario.pickup_s
                self._end_attempt(held, Outcome.HUNG_UP_WAITING)
                return

    def _bridge(self, held: HeldPromise, waited_s: float) -> None:
        self._await_no_more(held)
        self.tally.after_answer_s.append(waited_s)
        self.tally.holding_s += waited_s
        self._kept -= 1
        self._busy += 1
        held.kept = False
        held.kept_at = moment(self._now_s)
        self._step(held, PromiseEvent.CONNECT)
        self._depart()
        self._push(self._now_s + held.talk_s, self._end_talk, held.wrap_s, held)

    def _end_talk(self, wrap_s: float, held: HeldPromise | None) -> None:
        self._wrap_up(wrap_s)
        if held is not None:
            cut_off = self.people.happens(self.scenario.cut_off)
            self.tally.served += not cut_off
            self._follow(held, Outcome.CONNECTED, cut_off=cut_off)
        self._look()

    def _end_attempt(self, held: HeldPromise, outcome: Outcome, *, later: bool = False) -> None:
        self._follow(held, outcome, later=later)
        self._hang_up(held)

    def _hang_up(self, held: HeldPromise) -> None:
        """The call is over without a talk: its agent serves somebody else."""
        self._await_no_more(held)
        if held.kept:
            held.kept = False
            self._kept -= 1
            self._come_free()
        else:
            self._look()

    def _await_no_more(self, held: HeldPromise) -> None:
        for agent in self._wrapping:
            if agent.held is held:
                agent.held = None

    def _follow(
        self,
        held: HeldPromise,
        outcome: Outcome,
        *,
        cut_off: bool = False,
        later: bool = False,
        rang_in: bool = False,
    ) -> None:
        now = moment(self._now_s)
        plan = plan_next_attempt(
            outcome,
            attempts_made=held.attempts_made,
            now=now,
            rules=self._retry,
            cut_off=cut_off,
            ours_in_a_row=held.ours_in_a_row,
            asked_later=later,
            rang_in=rang_in,
        )
        for event in events_after(held.state, plan):
            self._step(held, event)
        counts = getattr(plan, "counts", True)
        held.attempts_made += counts
        held.ours_in_a_row = 0 if counts or later or rang_in else held.ours_in_a_row + 1
        at = getattr(plan, "at", None)
        if held.state in PROMISE.ends:
            return
        self._wait_until(held, at or now)
        held.kept_at = None
        if outcome in MISSED and not rang_in:
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
