"""Live callers (everybody in a queue who is not one of our attempts), and members of queues."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from telephony.asterisk.ami import events as ami
from telephony.calls.events import (
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    Device,
    Fact,
    MemberGone,
    MemberSeen,
    PbxSnapshot,
)
from telephony.calls.queue_clock import length_s, out_of_queue_at
from telephony.calls.reconcile import talk_ended_at

#: AST_DEVICE_ numbers of include/asterisk/devicestate.h
DEVICES: Final[Mapping[int, Device]] = MappingProxyType(
    {
        0: Device.UNKNOWN,
        1: Device.FREE,
        2: Device.IN_USE,
        3: Device.IN_USE,  # busy
        4: Device.UNAVAILABLE,  # invalid
        5: Device.UNAVAILABLE,
        6: Device.RINGING,
        7: Device.RINGING,  # ringing while in use
        8: Device.IN_USE,  # on hold
    }
)


class _Caller:
    __slots__ = (
        "agent",
        "connected_at",
        "handed_to",
        "parted_at",
        "queue",
        "queued_at",
        "seen_at",
        "served",
        "waiting",
    )

    def __init__(self, queue: str, at: datetime, queued_at: datetime | None = None) -> None:
        self.queue = queue
        self.queued_at = queued_at  # None: their coming into the queue was not heard
        self.waiting = True
        self.agent: str | None = None
        self.served = False  # an agent got them, in this stay in the queue
        self.connected_at: datetime | None = None
        self.parted_at: datetime | None = None  # when the agent's leg ended
        self.handed_to = ""
        self.seen_at = at


class InboundCallers:
    """Who waits or talks, by the unique id of the caller's channel."""

    def __init__(self) -> None:
        self._callers: dict[str, _Caller] = {}
        self._gone: dict[str, datetime] = {}
        self._legs: dict[str, str] = {}  # an agent's leg to the caller it was made for
        self._parting: set[str] = set()  # callers whose agent's leg has ended

    @property
    def size(self) -> int:
        """Callers and remembered ends held."""
        return len(self._callers) + len(self._gone)

    def joined(self, event: ami.QueueCallerJoin, at: datetime) -> Iterator[Fact]:
        """A caller entered a queue; the same one may come back after leaving it."""
        known = self._callers.get(event.unique_id)
        if not event.unique_id or event.unique_id in self._gone:
            return
        if known is not None and (known.waiting or known.agent is not None):
            return
        self._callers[event.unique_id] = _Caller(event.queue, at, queued_at=at)
        yield CallerJoined(
            at=at,
            queue=event.queue,
            caller=event.unique_id,
            number=ami.plain(event.number),
            position=event.position,
        )

    def left(self, event: ami.QueueCallerLeave, at: datetime) -> Iterator[Fact]:
        """A caller is out of the queue."""
        caller = self._callers.get(event.unique_id)
        if caller is not None:
            yield from _leave(caller, event.unique_id, at, abandoned=False)

    def gave_up(self, event: ami.QueueCallerAbandon, at: datetime) -> Iterator[Fact]:
        """A caller is out of the queue, and no agent had them."""
        caller = self._callers.get(event.unique_id)
        if caller is not None:
            left_at = out_of_queue_at(caller.queued_at, at, event.hold_s)
            yield from _leave(caller, event.unique_id, left_at, abandoned=True)

    def connected(self, event: ami.AgentConnect, at: datetime) -> Iterator[Fact]:
        """A caller and an agent hear each other."""
        caller = self._callers.get(event.unique_id)
        if caller is None:
            if not event.unique_id or event.unique_id in self._gone:
                return
            # the join was not heard, or came before our time
            caller = self._callers[event.unique_id] = _Caller(event.queue, at)
            caller.waiting = False
        yield from _leave(caller, event.unique_id, at, abandoned=False)
        if caller.agent is None:
            since = out_of_queue_at(caller.queued_at, at, event.hold_s)
            caller.agent, caller.connected_at, caller.served = event.agent, since, True
            if event.leg:
                self._legs[event.leg] = event.unique_id
            yield CallerConnected(at=since, queue=event.queue, caller=event.unique_id, agent=event.agent)

    def completed(self, event: ami.AgentComplete, at: datetime) -> Iterator[Fact]:
        """A caller and an agent are done. The caller may queue again."""
        caller = self._callers.get(event.unique_id)
        if caller is None and event.unique_id and event.unique_id not in self._gone:
            # they talked before our time; how long is the PBX's own figure
            caller = self._callers[event.unique_id] = _Caller(event.queue, at)
            caller.waiting = False
        if caller is not None and not caller.waiting and not caller.served:
            # they were connected while the link was lost
            caller.agent, caller.served = event.agent, True
        if caller is not None and caller.agent is not None:
            to = caller.handed_to or None
            yield from _finish(caller, event.unique_id, at, counted_s=event.talk_s, handed_to=to)

    def transferred(self, leg: str, to: str) -> None:
        """The agent of this leg sent the caller elsewhere."""
        caller = self._callers.get(self._legs.get(leg, ""))
        if caller is not None:
            caller.handed_to = to

    def part(self, leg: str, at: datetime) -> None:
        """An agent's leg has ended; whether the caller is gone too is told within a moment."""
        unique_id = self._legs.pop(leg, "")
        caller = self._callers.get(unique_id)
        if caller is not None and caller.agent is not None:
            caller.parted_at = at
            self._parting.add(unique_id)

    @property
    def parting(self) -> bool:
        """Whether an agent's leg has ended of whose caller nothing more was heard."""
        return bool(self._parting)

    def tick(self, at: datetime, *, after: timedelta) -> Iterator[Fact]:
        """Who is still there so long after their agent's leg ended was transferred: the agent is done."""
        for unique_id in list(self._parting):
            caller = self._callers.get(unique_id)
            if caller is None or caller.agent is None or caller.parted_at is None:
                self._parting.discard(unique_id)
            elif at - caller.parted_at >= after:
                self._parting.discard(unique_id)
                yield from _finish(caller, unique_id, caller.parted_at, handed_to=caller.handed_to)

    def hung_up(self, event: ami.HangupEvent, at: datetime) -> Iterator[Fact]:
        """A caller is gone, whatever was heard before."""
        self.part(event.unique_id, at)
        caller = self._callers.pop(event.unique_id, None)
        if caller is not None:
            self._gone[event.unique_id] = at
            yield from _end(caller, event.unique_id, at)

    def settle(self, snapshot: PbxSnapshot, at: datetime) -> Iterator[Fact]:
        """After a gap: end those the PBX no longer has, report those it has and we do not."""
        living = {each.unique_id for each in snapshot.channels}
        for unique_id, caller in list(self._callers.items()):
            if unique_id not in living and caller.seen_at < snapshot.taken_at:
                del self._callers[unique_id]
                self._gone[unique_id] = at
                yield from _leave(caller, unique_id, at, abandoned=caller.agent is None)
                over_at = talk_ended_at(caller.agent, caller.connected_at, snapshot, at)
                yield from _finish(caller, unique_id, over_at)
                yield from _end(caller, unique_id, at)
        waiting = {each.caller: each for each in snapshot.callers}
        for unique_id, entry in waiting.items():
            if unique_id not in self._callers and unique_id not in self._gone:
                self._callers[unique_id] = _Caller(entry.queue, at)
                yield CallerJoined(
                    at=at,
                    queue=entry.queue,
                    caller=unique_id,
                    number=entry.number,
                    position=entry.position,
                )
        for unique_id, caller in self._callers.items():
            if caller.waiting and unique_id not in waiting and caller.seen_at < snapshot.taken_at:
                yield from _leave(caller, unique_id, at, abandoned=False)

    def end_all(self, at: datetime) -> Iterator[Fact]:
        """The PBX began anew."""
        for unique_id, caller in self._callers.items():
            self._gone[unique_id] = at
            yield from _end(caller, unique_id, at)
        self._callers.clear()

    def forget(self, at: datetime, *, older_than: timedelta, ended_before: timedelta) -> None:
        """Drop what is too old to be true or to matter."""
        for unique_id in [each for each, caller in self._callers.items() if at - caller.seen_at > older_than]:
            del self._callers[unique_id]
        self._legs = {leg: caller for leg, caller in self._legs.items() if caller in self._callers}
        for unique_id in [each for each, since in self._gone.items() if at - since > ended_before]:
            del self._gone[unique_id]


def members(event: ami.MemberEvent, at: datetime) -> Iterator[Fact]:
    """One membership as it is now; a member, or a queue, whose name can be none of ours is no agent's."""
    if not is_agents(event):
        return
    if isinstance(event, ami.QueueMemberRemoved):
        yield MemberGone(at=at, queue=event.queue, agent=event.agent, interface=event.interface)
    else:
        yield seen(event, at)


def is_agents(event: ami.MemberEvent) -> bool:
    """Whether this membership can be an agent's: its names were there and not too long to be ours."""
    return bool(event.agent and event.queue and event.interface)


def seen(event: ami.MemberEvent, at: datetime) -> MemberSeen:
    """The fact in a member event."""
    return MemberSeen(
        at=at,
        queue=event.queue,
        agent=event.agent,
        interface=event.interface,
        device=DEVICES.get(event.status, Device.UNKNOWN),
        paused=event.paused,
        reason=event.reason,
        in_call=event.in_call,
    )


def _leave(caller: _Caller, unique_id: str, at: datetime, *, abandoned: bool) -> Iterator[Fact]:
    caller.seen_at = at
    if caller.waiting:
        caller.waiting = False
        yield CallerLeft(at=at, queue=caller.queue, caller=unique_id, abandoned=abandoned)


def _finish(
    caller: _Caller,
    unique_id: str,
    at: datetime,
    *,
    counted_s: int | None = None,
    handed_to: str | None = None,
) -> Iterator[Fact]:
    if caller.agent is None:
        return
    talk_s = float(counted_s or 0)
    if caller.connected_at is not None:
        talk_s = length_s((at - caller.connected_at).total_seconds(), counted_s)
    yield CallerFinished(
        at=at,
        caller=unique_id,
        agent=caller.agent,
        talk_s=talk_s,
        handed_to=handed_to,
    )
    caller.agent, caller.connected_at, caller.seen_at = None, None, at
    caller.parted_at, caller.handed_to = None, ""


def _end(caller: _Caller, unique_id: str, at: datetime) -> Iterator[Fact]:
    # hung up in the queue, and the queue's own word for it was not heard
    yield from _leave(caller, unique_id, at, abandoned=caller.agent is None)
    yield from _finish(caller, unique_id, at)
    yield CallerGone(at=at, caller=unique_id)
