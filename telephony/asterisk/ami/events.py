"""What a PBX says over AMI, as frozen typed values, and the table that decodes them.

A field names its header where it is declared; missing or unreadable headers become the field's
default, because versions differ and one odd event must not cost the link. Events not listed here
mean nothing to the centre and decode to None.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final, get_type_hints

from telephony.asterisk.ami.wire import Frame
from telephony.calls.outside_text import (
    MOST_AGENT,
    MOST_CHANNEL_ID,
    MOST_INTERFACE,
    MOST_NUMBER,
    MOST_QUEUE,
    MOST_REASON,
    name_within,
    words_within,
)


def header(name: str, default: Any = "", *, bound: Callable[[str], str] | None = None) -> Any:
    """A field read from this header; the default's type says how the text is read.

    `bound`: what becomes of a text that goes further than this room, where it is too long to be true.
    """
    return field(default=default, metadata={"header": name, "bound": bound})


_AGENT: Final = partial(name_within, most=MOST_AGENT)
_INTERFACE: Final = partial(name_within, most=MOST_INTERFACE)
_QUEUE: Final = partial(name_within, most=MOST_QUEUE)
_CHANNEL_ID: Final = partial(name_within, most=MOST_CHANNEL_ID)
_NUMBER: Final = partial(name_within, most=MOST_NUMBER)
_REASON: Final = partial(words_within, most=MOST_REASON)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiEvent:
    """One thing that happened on the PBX."""

    name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(AmiEvent):
    """Something about one channel."""

    channel: str = header("Channel")
    unique_id: str = header("Uniqueid", bound=_CHANNEL_ID)
    linked_id: str = header("Linkedid", bound=_CHANNEL_ID)
    state: str = header("ChannelStateDesc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newchannel(ChannelEvent):
    """A channel came into being."""

    name: ClassVar[str] = "Newchannel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newstate(ChannelEvent):
    """A channel rings, is up, is busy."""

    name: ClassVar[str] = "Newstate"


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupEvent(ChannelEvent):
    """A channel is gone; `cause` is Q.850."""

    name: ClassVar[str] = "Hangup"
    cause: int = header("Cause", 0)
    exten: str = header("Exten", bound=_QUEUE)  # where in the dialplan it was


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEvent(ChannelEvent):
    """A dial from one channel (none: an Originate) to another."""

    dest_unique_id: str = header("DestUniqueid", bound=_CHANNEL_ID)
    dest_linked_id: str = header("DestLinkedid", bound=_CHANNEL_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegin(DialEvent):
    """A number is being rung."""

    name: ClassVar[str] = "DialBegin"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnd(DialEvent):
    """A dial came to an end; `status` is ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION or CHANUNAVAIL."""

    name: ClassVar[str] = "DialEnd"
    status: str = header("DialStatus")


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEvent(ChannelEvent):
    """A channel and a bridge."""

    bridge: str = header("BridgeUniqueid")


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEnter(BridgeEvent):
    """A channel joined a bridge."""

    name: ClassVar[str] = "BridgeEnter"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeave(BridgeEvent):
    """A channel left a bridge."""

    name: ClassVar[str] = "BridgeLeave"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindTransfer(AmiEvent):
    """Somebody in a bridge sent the other one elsewhere and is out of it."""

    name: ClassVar[str] = "BlindTransfer"
    transferer: str = header("TransfererUniqueid", bound=_CHANNEL_ID)
    exten: str = header("Extension", bound=_QUEUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedTransfer(AmiEvent):
    """Somebody talked with a third one first, brought the two together, and is out of it."""

    name: ClassVar[str] = "AttendedTransfer"
    transferer: str = header("OrigTransfererUniqueid", bound=_CHANNEL_ID)
    exten: str = header("SecondTransfererExten", bound=_QUEUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateResponse(AmiEvent):
    """What became of an Originate. Belongs to its ActionID and to nothing else.

    A refused duplicate carries the Uniqueid of the live call, so that field is not even read.
    """

    name: ClassVar[str] = "OriginateResponse"
    action_id: str = header("ActionID")
    response: str = header("Response")
    reason: int = header("Reason", 0)
    exten: str = header("Exten")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerEvent(ChannelEvent):
    """A caller and a queue."""

    queue: str = header("Queue", bound=_QUEUE)
    number: str = header("CallerIDNum", bound=_NUMBER)
    position: int = header("Position", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerJoin(QueueCallerEvent):
    """A caller entered a queue."""

    name: ClassVar[str] = "QueueCallerJoin"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerLeave(QueueCallerEvent):
    """A caller left a queue, for whatever reason; on success it comes before AgentConnect."""

    name: ClassVar[str] = "QueueCallerLeave"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerAbandon(QueueCallerEvent):
    """A caller left without an agent: hung up, timed out, was withdrawn or redirected."""

    name: ClassVar[str] = "QueueCallerAbandon"
    hold_s: int | None = header("HoldTime", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueAgentEvent(ChannelEvent):
    """A caller (the channel) and an agent (the destination)."""

    queue: str = header("Queue", bound=_QUEUE)
    agent: str = header("MemberName", bound=_AGENT)
    interface: str = header("Interface", bound=_INTERFACE)
    leg: str = header("DestUniqueid", bound=_CHANNEL_ID)  # the channel the queue made to reach the agent


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCalled(QueueAgentEvent):
    """An agent's phone is being rung for a caller."""

    name: ClassVar[str] = "AgentCalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConnect(QueueAgentEvent):
    """A caller and an agent hear each other."""

    name: ClassVar[str] = "AgentConnect"
    hold_s: int | None = header("HoldTime", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentComplete(QueueAgentEvent):
    """A caller and an agent are done."""

    name: ClassVar[str] = "AgentComplete"
    talk_s: int | None = header("TalkTime", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDump(QueueAgentEvent):
    """An agent hung up on the announcement, before the caller was bridged."""

    name: ClassVar[str] = "AgentDump"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRingNoAnswer(QueueAgentEvent):
    """An agent's phone rang for this long (milliseconds, unlike AgentConnect's) in vain."""

    name: ClassVar[str] = "AgentRingNoAnswer"
    ring_ms: int = header("RingTime", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvent(AmiEvent):
    """An agent's membership of a queue as it is at this moment."""

    queue: str = header("Queue", bound=_QUEUE)
    agent: str = header("MemberName", bound=_AGENT)
    interface: str = header("Interface", bound=_INTERFACE)
    status: int = header("Status", 0)
    paused: bool = header("Paused", default=False)
    reason: str = header("PausedReason", bound=_REASON)
    in_call: bool = header("InCall", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberStatus(MemberEvent):
    """The state of the member's device changed."""

    name: ClassVar[str] = "QueueMemberStatus"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberPause(MemberEvent):
    """The member was paused or resumed."""

    name: ClassVar[str] = "QueueMemberPause"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberAdded(MemberEvent):
    """The agent became a member."""

    name: ClassVar[str] = "QueueMemberAdded"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberRemoved(MemberEvent):
    """The agent is a member no longer."""

    name: ClassVar[str] = "QueueMemberRemoved"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMember(MemberEvent):
    """One member, listed by QueueStatus; two headers have other names there."""

    name: ClassVar[str] = "QueueMember"
    last_call: str = header("LastCall")  # Unix seconds of its end, too many digits for a number here; 0: none
    agent: str = header("Name", bound=_AGENT)
    interface: str = header("Location", bound=_INTERFACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry(AmiEvent):
    """One waiting caller, listed by QueueStatus."""

    name: ClassVar[str] = "QueueEntry"
    queue: str = header("Queue", bound=_QUEUE)
    position: int = header("Position", 0)
    unique_id: str = header("Uniqueid", bound=_CHANNEL_ID)
    number: str = header("CallerIDNum", bound=_NUMBER)
    wait_s: int = header("Wait", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueParams(AmiEvent):
    """One queue, listed by QueueStatus."""

    name: ClassVar[str] = "QueueParams"
    queue: str = header("Queue", bound=_QUEUE)
    calls: int = header("Calls", 0)
    completed: int = header("Completed", 0)
    abandoned: int = header("Abandoned", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreShowChannel(ChannelEvent):
    """One channel, listed by CoreShowChannels."""

    name: ClassVar[str] = "CoreShowChannel"
    bridge: str = header("BridgeId")
    duration: str = header("Duration")
    application: str = header("Application")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogin(ChannelEvent):
    """An agent's standing connection began."""

    name: ClassVar[str] = "AgentLogin"
    agent: str = header("Agent", bound=_AGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogoffEvent(ChannelEvent):
    """An agent's standing connection ended."""

    name: ClassVar[str] = "AgentLogoff"
    agent: str = header("Agent", bound=_AGENT)
    login_s: int = header("Logintime", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyBooted(AmiEvent):
    """The PBX is ready for work."""

    name: ClassVar[str] = "FullyBooted"
    uptime_s: int = header("Uptime", -1)
    last_reload_s: int = header("LastReload", -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutdown(AmiEvent):
    """The PBX is going down."""

    name: ClassVar[str] = "Shutdown"
    how: str = header("Shutdown")
    restart: bool = header("Restart", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(ChannelEvent):
    """The dialplan's own word; the channel's headers come along when a channel said it."""

    name: ClassVar[str] = "UserEvent"
    word: str = header("UserEvent")
    attempt: str = header("Attempt")
    agent: str = header("Agent")


Decoder = Callable[[Frame], AmiEvent]

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
#: seconds, milliseconds, causes: nine digits are thirty years of seconds, and time itself takes no more than
#: twelve; a longer number is not read
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)
#: what Asterisk writes where it has nothing to say
_NOTHING: Final = frozenset({"<unknown>", "<none>"})


def _number(text: str, default: int | None) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else default


def _decoder(cls: type[AmiEvent]) -> Decoder:
    """A function that reads this event's headers; built once, because it runs for every event."""
    hints = get_type_hints(cls)
    texts, bounded = [], []
    others: list[tuple[str, str, Any, bool]] = []
    for each in fields(cls):
        key = each.metadata["header"]
        if hints[each.name] is str:
            texts.append((each.name, key))
            if each.metadata["bound"] is not None:
                bounded.append((each.name, each.metadata["bound"]))
        else:
            assert each.default is not MISSING  # noqa: S101 - header() always gives one
            others.append((each.name, key, each.default, hints[each.name] is bool))

    def read(frame: Frame) -> AmiEvent:
        get = frame.get
        values: dict[str, Any] = {name: get(key) for name, key in texts}
        for name, bound in bounded:
            values[name] = bound(values[name])
        for name, key, default, flag in others:
            text = get(key)
            if text:
                values[name] = text.lower() in _TRUE if flag else _number(text, default)
            else:
                values[name] = default
        return cls(**values)

    return read


#: every event the centre knows
KNOWN: Final[tuple[type[AmiEvent], ...]] = (
    Newchannel,
    Newstate,
    HangupEvent,
    DialBegin,
    DialEnd,
    BridgeEnter,
    BridgeLeave,
    OriginateResponse,
    QueueCallerJoin,
    QueueCallerLeave,
    QueueCallerAbandon,
    AgentCalled,
    AgentConnect,
    AgentComplete,
    BlindTransfer,
    AttendedTransfer,
    AgentDump,
    AgentRingNoAnswer,
    QueueMemberStatus,
    QueueMemberPause,
    QueueMemberAdded,
    QueueMemberRemoved,
    QueueMember,
    QueueEntry,
    QueueParams,
    CoreShowChannel,
    AgentLogin,
    AgentLogoffEvent,
    FullyBooted,
    Shutdown,
    UserEvent,
)

#: by the name on the wire
DECODERS: Final[Mapping[str, Decoder]] = MappingProxyType({cls.name: _decoder(cls) for cls in KNOWN})


def decode(frame: Frame) -> AmiEvent | None:
    """The typed event in this frame; None for events the centre does not know, and for responses."""
    decoder = DECODERS.get(frame.event)
    return None if decoder is None else decoder(frame)


def plain(text: str) -> str | None:
    """A header's text, or None where Asterisk says in words that there is nothing."""
    return None if not text or text in _NOTHING else text
