"""What really happened in the simulation, for tests to hold the database against."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """How a live caller's call stands or ended."""

    WAITING = "waiting"
    CONNECTED = "connected"
    ABANDONED = "abandoned"
    BOOKED = "booked"  # a call back was promised: CB_OK was set


@dataclass(slots=True, kw_only=True)
class AttemptTruth:
    """One attempt: how often it was ordered and dialled, and what came of it."""

    attempt: str
    originates: int = 0
    dialed: int = 0  # how often the dial permit let it through to a customer's phone
    number: str = ""
    answered: bool = False
    agent: str | None = None
    waited_s: float | None = None  # from answer to bridge
    talk_s: float = 0.0
    abandoned: bool = False
    over: bool = False


@dataclass(slots=True, kw_only=True)
class CallerTruth:
    """One live caller."""

    caller: str
    number: str
    fate: Fate = Fate.WAITING
    agent: str | None = None
    talk_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class AgentTruth:
    """One agent: calls taken and seconds talked, finished calls only."""

    calls: int = 0
    talk_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class GroundTruth:
    """Everything that happened since the start; a restart of the PBX does not clear it."""

    attempts: dict[str, AttemptTruth] = field(default_factory=dict)
    callers: dict[str, CallerTruth] = field(default_factory=dict)
    agents: dict[str, AgentTruth] = field(default_factory=dict)

    def attempt(self, attempt: str) -> AttemptTruth:
        """This attempt's record, made on first mention."""
        return self.attempts.setdefault(attempt, AttemptTruth(attempt=attempt))

    def agent(self, agent: str) -> AgentTruth:
        """This agent's record, made on first mention."""
        return self.agents.setdefault(agent, AgentTruth())
