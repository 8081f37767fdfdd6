"""One policy dialling in one scenario, event by event, in virtual time."""

import heapq
from collections import deque
from dataclasses import dataclass

from dialer.lab.dialing_policy import NEVER, NO_LIMIT, DialingPolicy, VisibleFloor
from dialer.lab.scenario import Break, Sampler, Scenario, ScenarioPhase

(
    ANSWER, FAIL, PATIENCE, TALK_END, WRAP_END, PHASE, INBOUND, INBOUND_PATIENCE,
    NOTICE, BREAK, BACK, DUE, PROMISE_ANSWER, PROMISE_FAIL, SIGN, SOON,
) = range(16)  # fmt: skip
RECORDED = 1  # of a promise: not one of those that follow each other by chance
LIST_HEAD = 120  # leads of the list that a policy can see


@dataclass(slots=True)
class Tally:
    """What was measured from the end of the warm-up on; areas are agent-seconds."""

    busy_s: float = 0.0
    logged_in_s: float = 0.0
    answered: int = 0
    abandoned: int = 0
    connected: int = 0
    dialed: int = 0
    inbound: int = 0
    inbound_lost: int = 0
    promises: int = 0  # that came due
    promises_kept: int = 0  # agent and customer heard each other
    promises_waited_s: float = 0.0  # from due to the agent being kept, summed over those rung
    promises_rung: int = 0

    @property
    def served(self) -> int:
        """Calls that agents had: leads, live callers (but who waits still) and promises."""
        return self.connected + self.inbound - self.inbound_lost + self.promises_kept

    @property
    def utilisation(self) -> float:
        """(talk + wrap-up) / logged-in time."""
        return self.busy_s / self.logged_in_s if self.logged_in_s else 0.0

    @property
    def abandonment(self) -> float:
        """Abandoned / answered by a person."""
        return self.abandoned / self.answered if self.answered else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line of a day's trace."""

    at_s: float
    idle: int
    busy: int
    ringing: int
    answered: int
    abandoned: int


class Simulation:
    """Runs one policy in one scenario; `gap_s` is the least time between an event-driven one's decisions."""

    def __init__(self, scenario: Scenario, policy: DialingPolicy, *, seed: int, gap_s: float = 0.0) -> None:
        self.scenario = scenario
        self.policy = policy
        self.floor = VisibleFloor()
        self.tally = Tally()
        self.samples: list[Sample] = []
        self._chance = Sampler(scenario, seed)
        self._gap_s = gap_s
        self._events: list[tuple[float, int, int, int, float]] = []
        self._serial = 0
        self._leaving = 0
        self._next_agent = 0
        self._last_s = 0.0
        self._going: set[int] = set()  # agents who go on a break as soon as they are free
        self._breaks: dict[int, Break] = {}  # which break each of those who go is going on
        self._dialling = True
        self._placed: deque[float] = deque()  # calls of the last second, where they are limited
        self._due: deque[float] = deque()  # moments since which promises wait for an agent
        for index, pause in enumerate(scenario.breaks):
            self._push(max(0.0, pause.start_s - pause.notice_s), NOTICE, index, 0.0)
        for phase_number, phase in enumerate(scenario.phases):
            self._push(phase.start_s, PHASE, phase_number, 0.0)
        self._levels: dict[int, float | None] = {}  # of those who answered and wait for an agent
        if scenario.dealt:
            self.floor.candidates = [*scenario.dealt] * -(-LIST_HEAD // len(scenario.dealt))
        elif scenario.spread > 0.0:
            self.floor.candidates = [self._chance.probability() for _ in range(LIST_HEAD)]
        self._log_in(scenario.agents)
        self._set_inbound(scenario.inbound_per_hour)
        if scenario.promises_per_hour > 0.0:
            self._push_promise(self._chance.until_inbound_s(scenario.promises_per_hour), 0)
        for due_s in scenario.recorded.promises if scenario.recorded else ():
            self._push_promise(due_s, RECORDED)

    def run(self, *, until_s: float, warm_up_s: float = 0.0, sample_s: float = 0.0) -> Tally:
        """Advance to `until_s`; measure from `warm_up_s` on; keep a sample every `sample_s` if asked."""
        policy, floor, events = self.policy, self.floor, self._events
        handlers = (
            self._on_answer,
            self._on_fail,
            self._on_patience,
            self._on_talk_end,
            self._on_wrap_end,
            self._on_phase,
            self._on_inbound,
            self._on_inbound_patience,
            self._on_notice,
            self._on_break,
            self._on_back,
            self._on_due,
            self._on_promise_answer,
            self._on_promise_fail,
            self._on_sign,
            self._on_soon,
        )
        next_look = floor.now
        last_look = -NEVER
        next_sample = floor.now if sample_s > 0.0 else NEVER
        measuring = False
        while True:
            now = min(next_look, events[0][0] if events else NEVER)
            if now >= warm_up_s and not measuring:
                self._advance(warm_up_s)
                self.tally = Tally()
                measuring = True
            if now >= next_sample:
                self._sample(next_sample)
                next_sample += sample_s
            if now >= until_s:
                self._advance(until_s)
                return self.tally
            self._advance(now)
            if events and events[0][0] <= now:
                while events and events[0][0] <= now:
                    at, _, kind, number, length = heapq.heappop(events)
                    handlers[kind](at, number, length)
                if policy.tick_s > 0.0:
                    continue
                if now - last_look < self._gap_s:
                    next_look = min(next_look, last_look + self._gap_s)
                    continue
            floor.room = self._room(now)
            for index in self._picked(min(floor.room, policy.dial(floor))):
                self._place(now, index)
            last_look = now
            next_look = now + (policy.tick_s if policy.tick_s > 0.0 else policy.look_again_s)

    def _room(self, now: float) -> int:
        """Calls that may be placed at this moment."""
        scenario, floor = self.scenario, self.floor
        if not self._dialling:
            return 0
        if scenario.lines is None and scenario.calls_per_s is None:
            return NO_LIMIT
        in_use = len(floor.ringing) + len(floor.waiting) + len(floor.reserved) + len(floor.talking)
        while self._placed and self._placed[0] <= now - 1.0:
            self._placed.popleft()
        lines = NO_LIMIT if scenario.lines is None else scenario.lines - in_use
        burst = NO_LIMIT if scenario.calls_per_s is None else scenario.calls_per_s - len(self._placed)
        return max(0, min(lines, burst))

    def _advance(self, now: float) -> None:
        floor, tally = self.floor, self.tally
        elapsed = now - self._last_s
        busy = len(floor.talking) + len(floor.wrapping)
        tally.busy_s += busy * elapsed
        tally.logged_in_s += (busy + len(floor.idle) + len(floor.reserved)) * elapsed
        self._last_s = floor.now = now

    def _push(self, at: float, kind: int, number: int, length: float) -> None:
        self._serial += 1
        heapq.heappush(self._events, (at, self._serial, kind, number, length))

    def _picked(self, count: int) -> list[int]:
        """Places in the list, the last one first so that the others keep theirs."""
        if not self.floor.candidates:
            return [0] * count
        if self.policy.indices is None:
            return [0] * count
        return sorted(self.policy.indices, reverse=True)

    def _place(self, now: float, index: int) -> None:
        self._serial += 1
        level = None
        if self.floor.candidates:
            level = self.floor.levels[self._serial] = self.floor.candidates.pop(index)
            self.floor.candidates.append(level if self.scenario.dealt else self._chance.probability())
        if self.scenario.calls_per_s is not None:
            self._placed.append(now)
        if self.scenario.rate_by_hour:
            self._chance.answer_rate = self.scenario.rate_at(now)
        answered, ring_s = self._chance.call(level)
        self.floor.ringing[self._serial] = now
        self.tally.dialed += 1
        heapq.heappush(
            self._events, (now + ring_s, self._serial, ANSWER if answered else FAIL, self._serial, ring_s)
        )
        self.policy.dialed(now, level)

    def _on_answer(self, now: float, number: int, length: float) -> None:
        floor = self.floor
        if any(outage.covers(now) for outage in self.scenario.outages):
            limit_s = self.scenario.ring_limit_s
            self._push(floor.ringing[number] + limit_s, FAIL, number, limit_s)
            return
        del floor.ringing[number]
        self.tally.answered += 1
        level = floor.levels.pop(number, None)
        self.policy.answered(now, length, level)
        if floor.idle and not floor.inbound:
            self.tally.connected += 1
            self._connect(now, floor.idle.popleft(), person=self._chance.is_person())
        else:
            floor.waiting.append(number)
            self._levels[number] = level
            self._push(now + self.scenario.patience_s, PATIENCE, number, 0.0)

    def _on_fail(self, now: float, number: int, length: float) -> None:
        del self.floor.ringing[number]
        self.policy.failed(now, length, self.floor.levels.pop(number, None))
        self._ring_promises(now)

    def _on_patience(self, now: float, number: int, length: float) -> None:
        del length
        level = self._levels.pop(number, None)
        if number in self.floor.waiting:
            self.floor.waiting.remove(number)
            self.tally.abandoned += 1
            self.floor.lost = level
            self.policy.abandoned(now)

    def _on_talk_end(self, now: float, number: int, length: float) -> None:
        del self.floor.talking[number]
        self.policy.talk_ended(now, number, length)
        wrap_s = self._chance.wrap_s(number)
        if wrap_s <= 0.0:
            self._come_free(now, number)
            return
        self.floor.wrapping[number] = now
        sign_s = self._chance.wrap_sign_s(wrap_s)
        if sign_s is not None:
            self._push(now + (wrap_s - sign_s), SIGN, number, 0.0)
        self._push(now + wrap_s, WRAP_END, number, wrap_s)

    def _on_wrap_end(self, now: float, number: int, length: float) -> None:
        del self.floor.wrapping[number]
        self.policy.wrap_ended(now, number, length)
        self._come_free(now, number)

    def _on_phase(self, now: float, number: int, length: float) -> None:
        del now, length
        self._change(self.scenario.phases[number])

    def _on_inbound_patience(self, now: float, number: int, length: float) -> None:
        del now, length
        if number in self.floor.inbound:
            self.floor.inbound.remove(number)
            self.tally.inbound_lost += 1

    def _connect(self, now: float, agent: int, *, person: bool = True, outbound: bool = True) -> None:
        talk_s = self._chance.talk_s(agent) if person else self._chance.machine_s(agent)
        self.floor.talking[agent] = now
        sign_s = self._chance.sign_s(talk_s) if person and outbound else None
        if sign_s is not None:
            self._push(now + (talk_s - sign_s), SIGN, agent, 0.0)
        self._push(now + talk_s, TALK_END, agent, talk_s)

    def _on_sign(self, now: float, agent: int, length: float) -> None:
        del length
        self.policy.said_closing(now, agent)

    def _come_free(self, now: float, agent: int) -> None:
        floor = self.floor
        if self._leaving > 0:
            self._leaving -= 1
        elif agent in self._going:
            self._go(now, agent)
        elif floor.inbound:
            floor.inbound.popleft()
            self._connect(now, agent, outbound=False)
        elif floor.waiting:
            floor.waiting.popleft()
            self.tally.connected += 1
            self._connect(now, agent, person=self._chance.is_person())
        else:
            floor.idle.append(agent)
            self._ring_promises(now)

    def _on_inbound(self, now: float, generation: int, length: float) -> None:
        del length
        floor = self.floor
        if floor.inbound_per_s <= 0.0 or generation != self._inbound_generation:
            return
        self.tally.inbound += 1
        self.policy.caller_joined(now)
        if floor.idle:
            self._connect(now, floor.idle.popleft(), outbound=False)
        else:
            self._serial += 1
            floor.inbound.append(self._serial)
            self._push(now + self.scenario.inbound_patience_s, INBOUND_PATIENCE, self._serial, 0.0)
        self._push(now + self._chance.until_inbound_s(floor.inbound_per_s * 3600.0), INBOUND, generation, 0.0)

    def _on_notice(self, now: float, index: int, length: float) -> None:
        """The agents who go on this break are settled; announced ones say when."""
        del length
        floor, pause = self.floor, self.scenario.breaks[index]
        here = sorted({*floor.idle, *floor.talking, *floor.wrapping, *floor.reserved} - self._breaks.keys())
        for agent in here[: pause.agents]:
            if pause.announced:
                floor.leaves[agent] = pause.start_s
            self._breaks[agent] = pause
            self._push(max(now, pause.start_s), BREAK, agent, 0.0)

    def _on_break(self, now: float, agent: int, length: float) -> None:
        del length
        if agent in self.floor.idle:
            self.floor.idle.remove(agent)
            self._go(now, agent)
        else:
            self._going.add(agent)

    def _go(self, now: float, agent: int) -> None:
        self._going.discard(agent)
        self.floor.leaves.pop(agent, None)
        self.floor.paused[agent] = now
        pause = self._breaks.pop(agent)
        self._push(now + pause.length_s, BACK, agent, pause.length_s)

    def _on_back(self, now: float, agent: int, length: float) -> None:
        del self.floor.paused[agent]
        self.policy.pause_ended(now, agent, length)
        self._come_free(now, agent)

    def _on_due(self, now: float, number: int, length: float) -> None:
        del length
        self.tally.promises += 1
        self._due.append(now)
        if self.scenario.promise_notice_s > 0.0:
            self.floor.soon -= 1
        self._ring_promises(now)
        if number != RECORDED:
            self._push_promise(now + self._chance.until_inbound_s(self.scenario.promises_per_hour), 0)

    def _push_promise(self, due_s: float, number: int) -> None:
        """A promise that comes due, and the notice of it."""
        notice_s = self.scenario.promise_notice_s
        if notice_s > 0.0:
            self._push(max(self.floor.now, due_s - notice_s), SOON, number, 0.0)
        self._push(due_s, DUE, number, 0.0)

    def _on_soon(self, now: float, number: int, length: float) -> None:
        del now, number, length
        self.floor.soon += 1

    def _ring_promises(self, now: float) -> None:
        """Ring due promises, each with an agent of its own whom no call in the air has been placed for.

        That is the rule of the engine's dispatcher: an agent is secured only if more are free than calls
        ring.
        """
        floor = self.floor
        while self._due and not floor.inbound and len(floor.idle) > len(floor.ringing):
            agent = floor.idle.popleft()
            self.tally.promises_waited_s += now - self._due.popleft()
            self.tally.promises_rung += 1
            floor.reserved[agent] = now
            answered, ring_s = self._chance.call(self.scenario.promise_answer_rate)
            self._push(now + ring_s, PROMISE_ANSWER if answered else PROMISE_FAIL, agent, ring_s)
        floor.due = len(self._due)

    def _on_promise_answer(self, now: float, agent: int, length: float) -> None:
        del length
        del self.floor.reserved[agent]
        self.tally.promises_kept += 1
        self._connect(now, agent)

    def _on_promise_fail(self, now: float, agent: int, length: float) -> None:
        del length
        del self.floor.reserved[agent]
        self._come_free(now, agent)

    def _set_inbound(self, per_hour: float) -> None:
        self._inbound_generation = self._serial
        self.floor.inbound_per_s = per_hour / 3600.0
        if per_hour > 0.0:
            at = self.floor.now + self._chance.until_inbound_s(per_hour)
            self._push(at, INBOUND, self._inbound_generation, 0.0)

    def _log_in(self, count: int) -> None:
        for _ in range(count):
            self._next_agent += 1
            self._come_free(self.floor.now, self._next_agent)

    def _change(self, phase: ScenarioPhase) -> None:
        if phase.answer_rate is not None:
            self._chance.answer_rate = phase.answer_rate
        if phase.talk_mean_s is not None:
            self._chance.talk_factor = phase.talk_mean_s / self.scenario.talk_mean_s
        if phase.inbound_per_hour is not None:
            self._set_inbound(phase.inbound_per_hour)
        if phase.dialling is not None:
            self._dialling = phase.dialling
        if phase.agents is not None:
            change = phase.agents - (self.floor.agents + len(self.floor.paused) - self._leaving)
            if change > 0:
                back = min(change, self._leaving)
                self._leaving -= back
                self._log_in(change - back)
            else:
                self._leaving -= change
                while self._leaving and self.floor.idle:
                    self.floor.idle.pop()
                    self._leaving -= 1

    def _sample(self, at: float) -> None:
        floor, tally = self.floor, self.tally
        self.samples.append(
            Sample(
                at_s=at,
                idle=len(floor.idle),
                busy=len(floor.talking) + len(floor.wrapping),
                ringing=len(floor.ringing),
                answered=tally.answered,
                abandoned=tally.abandoned,
            )
        )
