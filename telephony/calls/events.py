"""The facts about calls, agents and queues that the rest of the centre acts on.

Everything here is a frozen value. `at` is aware UTC and is the moment the event arrived. A fact may
be reported twice after a reconnect; whoever stores it must be idempotent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What one attempt came to, as far as the PBX can tell."""

    CONNECTED = "connected"  # a person and an agent were bridged
    ABANDONED = "abandoned"  # a person answered and no agent came in time
    HUNG_UP_WAITING = "hung_up_waiting"  # a person answered and left before the time was over
    NO_KEY = "no_key"  # somebody or something answered, and pressed no key to be connected
    DECLINED = "declined"  # a person answered, and asked for no agent: later, not at all, or never
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BAD_NUMBER = "bad_number"
    CONGESTION = "congestion"  # our side or the network: not the customer's doing
    BROKEN_OFF = "broken_off"  # the phone rang, and then a line failed, ours or theirs
    REFUSED = "refused"  # the dial permit said no inside the call path
    FAILED = "failed"  # the PBX could not place the call at all
    UNKNOWN = "unknown"  # the truth could not be had


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that is so, since `at`."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFact(Fact):
    """A fact about one attempt's call; `attempt` is also the channel id on the PBX."""

    attempt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing(CallFact):
    """The customer's phone rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(CallFact):
    """Somebody, or something, picked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(CallFact):
    """The customer and an agent hear each other."""

    agent: str
    waited_s: float  # from answer to bridge


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned(CallFact):
    """A person answered and no agent came in time; the information message is played."""

    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSuspected(CallFact):
    """What answered sounds like an answering machine: a hint, which ends and changes nothing by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(CallFact):
    """The agent is out of the talk and the call goes on: the customer was transferred."""

    agent: str
    talk_s: float
    to: str = ""  # extension, queue or number, where it is known by now


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(CallFact):
    """The call is over. Exactly one a call; nothing follows."""

    outcome: Outcome
    causes: tuple[int, ...] = ()  # Q.850 causes of every leg, in order of arrival
    talk_s: float = 0.0  # at most; a talk that ended unseen may have been shorter
    agent: str | None = None
    cut_off: bool = False  # the talk was lost by a line's failure, not ended by anybody
    handed_to: str = ""  # where the customer was transferred, as far as the PBX told


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateFailed(CallFact):
    """The PBX could not carry out the Originate; `Finished` follows if a channel ever existed."""

    reason: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFact(Fact):
    """A fact about a live caller (not one of our attempts)."""

    caller: str  # channel unique id


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerJoined(CallerFact):
    """A live caller entered a queue."""

    queue: str
    number: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerConnected(CallerFact):
    """A live caller and an agent hear each other."""

    queue: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLeft(CallerFact):
    """A live caller is no longer in the queue: served, gone, or off to the callback dialogue."""

    queue: str
    abandoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFinished(CallerFact):
    """A live caller's call with an agent ended."""

    agent: str
    talk_s: float
    handed_to: str | None = None  # None: the call ended; else where the caller was transferred, if known


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerGone(CallerFact):
    """A live caller's channel is gone, whatever became of the call before."""


class Device(StrEnum):
    """What the PBX says of an agent's device, in its own terms made readable."""

    UNKNOWN = "unknown"
    FREE = "free"
    IN_USE = "in_use"
    RINGING = "ringing"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSeen(Fact):
    """One agent's membership of one queue, as the PBX states it. The newest one holds."""

    queue: str
    agent: str  # member name
    interface: str
    device: Device
    paused: bool
    reason: str
    in_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberGone(Fact):
    """An agent is no longer a member of this queue."""

    queue: str
    agent: str
    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRung(Fact):
    """An agent's phone is being rung for somebody: an attempt, or a live caller's channel."""

    queue: str
    agent: str
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDidNotAnswer(Fact):
    """An agent's phone rang and was not picked up."""

    queue: str
    agent: str
    ring_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp(Fact):
    """The link is ready. `booted_at` tells a restarted PBX from a lost link.

    `began_at` is when the PBX began by this side's clock, as its uptime has it; None: it did not say.
    """

    booted_at: datetime | None
    began_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLost(Fact):
    """The link is gone; whatever happens until `LinkUp` is not seen."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChannel:
    """One channel the PBX has at this moment."""

    unique_id: str
    linked_id: str
    name: str
    state: str
    bridged: bool
    duration_s: float
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCaller:
    """One entry of a queue at this moment."""

    queue: str
    caller: str
    number: str | None
    position: int
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSnapshot:
    """The truth as the PBX told it: its channels, its queues, and since when it runs."""

    taken_at: datetime
    booted_at: datetime | None
    channels: tuple[LiveChannel, ...] = ()
    members: tuple[MemberSeen, ...] = ()
    callers: tuple[WaitingCaller, ...] = field(default=())
    #: agent to when the PBX says that their last call ended, on our clock; a second late at most
    last_calls: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def living(self) -> frozenset[str]:
        """Every id a live channel goes by, its own or its call's; an attempt among them lives."""
        return frozenset(each.unique_id for each in self.channels).union(
            each.linked_id for each in self.channels
        )
