"""What a PBX can be told over AMI, as frozen values that know their own headers.

None of them carries a customer's number: an Originate names an attempt, and the dialplan asks the
dial permit for the rest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.errors import HeaderError

#: attempt ids, the only thing AMI is ever told about a customer
#: bytes; AST_MAX_PUBLIC_UNIQUEID of Asterisk, less its closing NUL
MAX_UNIQUE_ID: Final = 149
#: what a queue, context or extension may be called; a dial string's own signs (& / @ , |) are not in it
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII)
_DEVICE: Final = re.compile(r"[A-Za-z0-9]{2,20}/[A-Za-z0-9_@./-]{1,100}", re.ASCII)

Pairs = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to tell the PBX. `pairs()` are its headers without Action and ActionID."""

    name: ClassVar[str]
    #: the event that ends the list this action is answered with, where it is answered with one
    ends_with: ClassVar[str] = ""

    def pairs(self) -> Pairs:
        """The headers, in order."""
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge(Action):
    """Ask for a challenge, so that the secret itself need not travel."""

    name: ClassVar[str] = "Challenge"

    def pairs(self) -> Pairs:
        yield "AuthType", "MD5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Action):
    """Log in with a secret, or with the MD5 of challenge and secret where `key` is given."""

    name: ClassVar[str] = "Login"
    username: str
    secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    events: str = "on"

    def pairs(self) -> Pairs:
        if self.key:
            yield "AuthType", "MD5"
        yield "Username", self.username
        yield ("Key", self.key) if self.key else ("Secret", self.secret)
        yield "Events", self.events


@dataclass(frozen=True, slots=True, kw_only=True)
class Logoff(Action):
    """Say goodbye."""

    name: ClassVar[str] = "Logoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Action):
    """Ask for a sign of life."""

    name: ClassVar[str] = "Ping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate(Action):
    """Place a call. Always asynchronous: a synchronous one blocks every other action until answer."""

    name: ClassVar[str] = "Originate"
    channel: str
    context: str
    exten: str
    channel_id: str
    timeout_ms: int
    priority: int = 1

    def __post_init__(self) -> None:
        """Refuse names that a dial string would read as more than a name."""
        for what in (self.context, self.exten):
            checked_name(what)
        if not 0 < len(self.channel_id.encode()) <= MAX_UNIQUE_ID:
            raise HeaderError("not a channel id")
        if self.timeout_ms <= 0:
            raise HeaderError("an Originate needs a time-out")

    def pairs(self) -> Pairs:
        yield "Channel", self.channel
        yield "ChannelId", self.channel_id
        yield "Context", self.context
        yield "Exten", self.exten
        yield "Priority", str(self.priority)
        yield "Timeout", str(self.timeout_ms)
        yield "Async", "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup(Action):
    """End a channel, by name or unique id."""

    name: ClassVar[str] = "Hangup"
    channel: str
    cause: int | None = None

    def __post_init__(self) -> None:
        """Refuse a pattern: Asterisk takes /…/ for a regular expression over all channels."""
        if not self.channel or self.channel.startswith("/"):
            raise HeaderError("one channel, not a pattern")

    def pairs(self) -> Pairs:
        yield "Channel", self.channel
        if self.cause is not None:
            yield "Cause", str(self.cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePause(Action):
    """Stop or resume calls to a member, in one queue or (without one) in all."""

    name: ClassVar[str] = "QueuePause"
    interface: str
    paused: bool
    reason: str = ""
    queue: str | None = None

    def pairs(self) -> Pairs:
        yield "Interface", self.interface
        yield "Paused", "true" if self.paused else "false"
        if self.queue is not None:
            yield "Queue", self.queue
        if self.reason:
            yield "Reason", self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAdd(Action):
    """Make an agent a member of a queue."""

    name: ClassVar[str] = "QueueAdd"
    queue: str
    interface: str
    member_name: str
    state_interface: str = ""
    penalty: int = 0
    paused: bool = False

    def pairs(self) -> Pairs:
        yield "Queue", self.queue
        yield "Interface", self.interface
        yield "MemberName", self.member_name
        yield "Penalty", str(self.penalty)
        yield "Paused", "true" if self.paused else "false"
        if self.state_interface:
            yield "StateInterface", self.state_interface


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRemove(Action):
    """End a member's membership of a queue."""

    name: ClassVar[str] = "QueueRemove"
    queue: str
    interface: str

    def pairs(self) -> Pairs:
        yield "Queue", self.queue
        yield "Interface", self.interface


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogoff(Action):
    """End an agent's standing connection; `soft` lets a running call end first."""

    name: ClassVar[str] = "AgentLogoff"
    agent: str
    soft: bool = True

    def pairs(self) -> Pairs:
        yield "Agent", self.agent
        yield "Soft", "true" if self.soft else "false"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGlobal(Action):
    """Set one of our own global variables of the dialplan to a number."""

    name: ClassVar[str] = "Setvar"
    variable: str
    value: int

    def pairs(self) -> Pairs:
        yield "Variable", self.variable
        yield "Value", str(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreStatus(Action):
    """Ask since when the PBX runs."""

    name: ClassVar[str] = "CoreStatus"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSettings(Action):
    """Ask for the version and limits of the PBX."""

    name: ClassVar[str] = "CoreSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreShowChannels(Action):
    """List every channel."""

    name: ClassVar[str] = "CoreShowChannels"
    ends_with: ClassVar[str] = "CoreShowChannelsComplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus(Action):
    """List queues with their members and waiting callers."""

    name: ClassVar[str] = "QueueStatus"
    ends_with: ClassVar[str] = "QueueStatusComplete"
    queue: str | None = None

    def pairs(self) -> Pairs:
        if self.queue is not None:
            yield "Queue", self.queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents(Action):
    """List the agents of app_agent_pool with their standing connections."""

    name: ClassVar[str] = "Agents"
    ends_with: ClassVar[str] = "AgentsComplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDialplan(Action):
    """List one context of the dialplan; refused where it does not exist."""

    name: ClassVar[str] = "ShowDialPlan"
    ends_with: ClassVar[str] = "ShowDialPlanComplete"
    context: str

    def pairs(self) -> Pairs:
        yield "Context", self.context


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState(Action):
    """Ask how a device is: NOT_INUSE, INUSE, UNAVAILABLE, INVALID for one that there is not, and so on."""

    name: ClassVar[str] = "Getvar"
    device: str

    def __post_init__(self) -> None:
        """Refuse what would be more than a device to the function that tells it."""
        if _DEVICE.fullmatch(self.device) is None:
            raise HeaderError("not a device")

    def pairs(self) -> Pairs:
        yield "Variable", f"DEVICE_STATE({self.device})"


@dataclass(frozen=True, slots=True, kw_only=True)
class HintState(Action):
    """Ask how an extension's hint is; the status is -1 where there is no such hint."""

    name: ClassVar[str] = "ExtensionState"
    exten: str
    context: str

    def pairs(self) -> Pairs:
        yield "Exten", self.exten
        yield "Context", self.context


def checked_name(text: str) -> str:
    """The same text, fit to be a queue, context or extension. Raises `HeaderError`."""
    if _PLAIN_NAME.fullmatch(text) is None:
        raise HeaderError("not a plain name")
    return text


def checked_attempt(text: str) -> str:
    """The same text, if it is an attempt id. Raises `HeaderError`."""
    if ATTEMPT_ID.fullmatch(text) is None:
        raise HeaderError("not an attempt id")
    return text
