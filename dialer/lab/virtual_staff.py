"""Virtual time and the agents in it: who is free, talking, wrapping up, kept or about to leave."""

import heapq
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callbacks.lead_time import REMEMBERED_LEADS, REMEMBERED_WRAP_UPS, learn_head_start
from dialer.lab.callback_records import CallbackTally, HeldPromise
from dialer.lab.callback_scenario import DAY_S, CallbackPeople, CallbackScenario

LEARNED_EVERY_S = 600.0  # the head start of calls ahead; the engine learns as often


@dataclass(slots=True, eq=False)
class WrappingUp:
    """An agent who still wraps up; `held` is the promise that is called for them meanwhile."""

    since_s: float
    held: HeldPromise | None = None


class VirtualStaff(ABC):
    """The clock and the agents of one simulated centre; what is done with them is somebody else's."""

    def __init__(self, scenario: CallbackScenario, people: CallbackPeople) -> None:
        self.scenario, self.people = scenario, people
        self.tally = CallbackTally()
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serial = 0
        self._now_s = self._open_until_s = 0.0
        self._free = self._busy = self._kept = self._leaving = 0  # who wraps up is busy
        self._wrapping: list[WrappingUp] = []
        self._leads_s: deque[float] = deque(maxlen=REMEMBERED_LEADS)
        self._wrap_ups_s: deque[float] = deque(maxlen=REMEMBERED_WRAP_UPS)
        self._head_start_s: float | None = None
        self._learned_s = 0.0

    @abstractmethod
    def _open_day(self) -> None:
        """A day begins."""

    @abstractmethod
    def _look(self) -> None:
        """Somebody is free, or somebody waits."""

    @abstractmethod
    def _meet(self, held: HeldPromise) -> None:
        """The agent for whom this promise was called is kept for it now."""

    def run(self, days: int) -> CallbackTally:
        """So many days one after the other, and the night after the last."""
        for day in range(days):
            self._push(day * DAY_S + self.scenario.opens_h * 3600.0, self._open_day)
        end_s = days * DAY_S
        while self._events and self._events[0][0] < end_s:
            at, _, act, given = heapq.heappop(self._events)
            self._advance(at)
            act(*given)
        self._advance(end_s)
        return self.tally

    def _wrap_up(self, wrap_s: float) -> None:
        """A talk is over; its agent wraps up."""
        agent = WrappingUp(since_s=self._now_s)
        self._wrapping.append(agent)
        if self._now_s >= self._learned_s + LEARNED_EVERY_S:
            self._learned_s = self._now_s
            learned = learn_head_start(self._leads_s, self._wrap_ups_s)
            self._head_start_s = learned.total_seconds() if learned is not None else None
        if self.scenario.ask_key and self._head_start_s is not None and self._head_start_s < wrap_s:
            self._push(self._now_s + self._head_start_s, self._look)
        self._push(self._now_s + wrap_s, self._wrapped_up, agent)

    def _wrapped_up(self, agent: WrappingUp) -> None:
        self._wrapping.remove(agent)
        self._wrap_ups_s.append(self._now_s - agent.since_s)
        self._busy -= 1
        if self._leaving or agent.held is None:
            self._come_free()
            return
        self._kept += 1
        self._meet(agent.held)

    def _soon_free(self) -> list[WrappingUp]:
        """Who may be called for ahead, longest in wrap-up first."""
        start_s = self._head_start_s
        if start_s is None or not self.scenario.ask_key or self._leaving:
            return []
        since_s = self._now_s - start_s
        return [agent for agent in self._wrapping if agent.held is None and agent.since_s <= since_s]

    def _leave(self) -> None:
        leaving = min(self.scenario.leave_agents, self._present() - self._leaving - 1)
        self._leaving += max(0, leaving)
        while self._leaving and self._free:
            self._free -= 1
            self._leaving -= 1
        if self._now_s + self.scenario.leave_s < self._open_until_s:
            self._push(self._now_s + self.scenario.leave_s, self._come_back, max(0, leaving))

    def _come_back(self, agents: int) -> None:
        stayed = min(agents, self._leaving)
        self._leaving -= stayed
        self._free += min(agents - stayed, self.scenario.agents - self._present())
        self._look()

    def _come_free(self) -> None:
        if self._leaving:
            self._leaving -= 1
        else:
            self._free += 1
        self._look()

    def _present(self) -> int:
        return self._free + self._busy + self._kept

    def _advance(self, now_s: float) -> None:
        """Account for the time that went by; only open hours count."""
        span_s = min(now_s, self._open_until_s) - self._now_s
        if span_s > 0.0:
            self.tally.busy_s += self._busy * span_s
            self.tally.kept_s += self._kept * span_s
            self.tally.logged_in_s += self._present() * span_s
        self._now_s = now_s

    def _push(self, at_s: float, act: Callable[..., None], *given: Any) -> None:
        self._serial += 1
        heapq.heappush(self._events, (at_s, self._serial, act, given))
