"""Virtual time and the agents in it: who is free, talking, kept or about to leave."""

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from dialer.lab.callback_records import CallbackTally
from dialer.lab.callback_scenario import DAY_S, CallbackPeople, CallbackScenario


class VirtualStaff(ABC):
    """The clock and the agents of one simulated centre; what is done with them is somebody else's."""

    def __init__(self, scenario: CallbackScenario, people: CallbackPeople) -> None:
        self.scenario, self.people = scenario, people
        self.tally = CallbackTally()
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serial = 0
        self._now_s = self._open_until_s = 0.0
        self._free = self._busy = self._kept = self._leaving = 0

    @abstractmethod
    def _open_day(self) -> None:
        """A day begins."""

    @abstractmethod
    def _look(self) -> None:
        """Somebody is free, or somebody waits."""

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
            self.tally.logged_in_s += self._present() * span_s
        self._now_s = now_s

    def _push(self, at_s: float, act: Callable[..., None], *given: Any) -> None:
        self._serial += 1
        heapq.heappush(self._events, (at_s, self._serial, act, given))
