"""What a policy of the lab sees, and what it may say."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

NEVER = math.inf
NO_LIMIT = 1_000_000


@dataclass(slots=True)
class VisibleFloor:
    """What a policy can see: agents by state and calls in the air, with the moments they began."""

    now: float = 0.0
    idle: deque[int] = field(default_factory=deque)
    talking: dict[int, float] = field(default_factory=dict)
    wrapping: dict[int, float] = field(default_factory=dict)
    ringing: dict[int, float] = field(default_factory=dict)
    waiting: deque[int] = field(default_factory=deque)  # answered, no agent yet
    inbound: deque[int] = field(default_factory=deque)  # live callers waiting
    levels: dict[int, float] = field(default_factory=dict)  # of ringing calls, where leads differ
    inbound_per_s: float = 0.0  # as the scenario has it; who does not know it may count `caller_joined`
    due: int = 0  # promises that wait for an agent of their own
    soon: int = 0  # promises that will, within the notice that the scenario gives of them
    reserved: dict[int, float] = field(default_factory=dict)  # agents kept for a promise that rings
    paused: dict[int, float] = field(default_factory=dict)  # agents on a break
    leaves: dict[int, float] = field(default_factory=dict)  # when agents will go on a break they announced
    lost: float | None = None  # the chance that the customer abandoned last was called with, likewise
    room: int = NO_LIMIT  # calls that lines, and hours in which leads may be rung, leave at this moment
    candidates: list[float] = field(default_factory=list)  # the next leads' own chances, where they differ

    @property
    def agents(self) -> int:
        """Agents logged in and not on a break."""
        return len(self.idle) + len(self.talking) + len(self.wrapping) + len(self.reserved)

    @property
    def free(self) -> int:
        """Agents for leads now: idle ones, less the people who come first; may be below 0."""
        return len(self.idle) - len(self.waiting) - len(self.inbound) - self.due - self.soon


class DialingPolicy(Protocol):
    """A rule that says how many calls to place.

    `tick_s` is how often it looks; 0 means at every event and whenever `look_again_s` asks for it.
    """

    name: str
    tick_s: float
    look_again_s: float
    indices: tuple[int, ...] | None  # which candidates, where the policy chooses; None: the first ones

    def dial(self, floor: VisibleFloor) -> int:
        """How many calls to place now."""

    def dialed(self, now: float, level: float | None) -> None:
        """One call was placed."""

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        """A person picked up."""

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        """A call ended unanswered."""

    def abandoned(self, now: float) -> None:
        """A person found no agent in time."""

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        """A conversation is over."""

    def said_closing(self, now: float, agent: int) -> None:
        """An agent who talks says that this talk is about to end."""

    def wrap_ended(self, now: float, agent: int, wrap_s: float) -> None:
        """A wrap-up is over."""

    def pause_ended(self, now: float, agent: int, pause_s: float) -> None:
        """An agent is back from a break."""

    def caller_joined(self, now: float) -> None:
        """A live caller rang in."""


class Deaf:
    """A policy that learns nothing; the base of those that learn little."""

    name = "deaf"
    tick_s = 0.0
    look_again_s = NEVER
    indices: tuple[int, ...] | None = None

    def dialed(self, now: float, level: float | None) -> None:
        """Not needed."""

    def answered(self, now: float, ring_s: float, level: float | None) -> None:
        """Not needed."""

    def failed(self, now: float, ring_s: float, level: float | None) -> None:
        """Not needed."""

    def abandoned(self, now: float) -> None:
        """Not needed."""

    def talk_ended(self, now: float, agent: int, talk_s: float) -> None:
        """Not needed."""

    def said_closing(self, now: float, agent: int) -> None:
        """Not needed."""

    def wrap_ended(self, now: float, agent: int, wrap_s: float) -> None:
        """Not needed."""

    def pause_ended(self, now: float, agent: int, pause_s: float) -> None:
        """Not needed."""

    def caller_joined(self, now: float) -> None:
        """Not needed."""
