"""`AmiPbx`: one PBX over AMI, as the centre's `CallControl` and the source of its facts."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from telephony.asterisk.ami import actions
from telephony.asterisk.ami import events as ami
from telephony.asterisk.ami.frame_queue import Arrived, Down, Item, Posted, Up
from telephony.asterisk.ami.panoramisk_link import PanoramiskLink
from telephony.asterisk.ami.session import Session
from telephony.asterisk.ami.transport import LinkSettings, TransportFactory
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.chanspy import LISTEN, ListenMode
from telephony.asterisk.config.dialplan import BRIEF, CONNECT, DESK, GATE, START
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.config.names import USUAL, name_in_asterisk
from telephony.asterisk.own_parts import OwnParts
from telephony.asterisk.tracking.inbound_callers import is_agents, seen
from telephony.asterisk.tracking.tracker import Tracker
from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.calls.events import (
    Fact,
    LinkLost,
    LinkUp,
    LiveChannel,
    PbxSnapshot,
    WaitingCaller,
)
from telephony.calls.reconcile import LinkGap, gap_between
from telephony.errors import ActionRefused, HeaderError, OutcomeUnknown, TelephonyError
from telephony.ports import CallOrder, LinkHealth, LinkState

#: long enough to come back from the coffee machine, short enough to be pressed again
HEADSET_RING_MS: Final = 30_000
#: events of a list that are read in one go: a millisecond or two, which a dial permit may have to wait
HEARD_AT_ONCE: Final = 100
#: Asterisk tells when a member's last call ended in whole seconds, cut
LAST_CALL_CUT_S: Final = 1.0
UNIX_SECONDS: Final = re.compile(r"[1-9][0-9]{8,10}", re.ASCII)  # of the years 1973 to 5138
#: time zones differ from UTC by whole quarters of an hour
_QUARTER: Final = timedelta(minutes=15)
#: how far two readings of one boot time may lie apart where the PBX tells its uptime only; no Asterisk
#: starts, serves and starts again within it
_ROUGHLY: Final = timedelta(seconds=10)
#: how often a PBX that does not answer in time is asked when it began, before its uptime has to do
BOOT_TIME_TRIES: Final = 3


class AmiPbx:
    """One PBX over AMI. `clock` gives aware UTC; `rng` only spreads reconnects.

    `own`: what is ours on it, and then nothing else is named or heard; None: all of it.
    """

    def __init__(
        self,
        settings: LinkSettings,
        *,
        clock: Callable[[], datetime],
        own: OwnParts | None = None,
        rng: random.Random | None = None,
        transport: TransportFactory = PanoramiskLink,
        patience_s: float = 2.0,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._own = own
        self._names = USUAL if own is None else own.names
        self._tracker = Tracker(patience_s=patience_s)
        self._session = Session(
            settings,
            transport=transport,
            clock=clock,
            rng=rng or random.Random(),  # noqa: S311 - spreads reconnects, guards nothing
            heard=self._tracker.heard,
        )
        self._booted_at: datetime | None = None
        self._settling: asyncio.Task[None] | None = None

    @property
    def state(self) -> LinkState:
        """Where the link stands."""
        return self._session.state

    def health(self) -> LinkHealth:
        """The link in figures."""
        return self._session.health()

    def take_over(
        self, lines: Iterable[AgentLine], queues: Iterable[str], further: Iterable[str] = ()
    ) -> None:
        """From now on these agents, and these queues that every agent serves, are ours; no others are."""
        if self._own is not None:
            self._own = OwnParts(lines, queues, self._names, further)

    async def start(self) -> None:
        """Begin to connect; returns at once. The link's state comes as facts."""
        await self._session.start()

    async def wait_ready(self, timeout_s: float = 30.0) -> None:
        """Wait for the link. Raises `LoginRefused`, or `LinkDown` when the time is over."""
        await self._session.wait_ready(timeout_s)

    async def close(self) -> None:
        """End the link for good; `facts()` ends too."""
        if self._settling is not None:
            self._settling.cancel()
            with suppress(asyncio.CancelledError):
                await self._settling
        await self._session.close()

    # CallControl

    async def originate(self, order: CallOrder) -> None:
        """Ask for the call; returning means queued at the PBX, not placed."""
        attempt = actions.checked_attempt(order.attempt)
        if order.ring_s <= 0:
            raise HeaderError("a call has to ring")
        await self._send(
            actions.Originate(
                channel=f"Local/{attempt}@{self._names.context(DESK if order.agent_first else GATE)}/n",
                context=self._names.context(BRIEF if order.agent_first else CONNECT),
                exten=attempt if order.agent_first else order.queue,
                channel_id=attempt,
                timeout_ms=round((order.ring_s + self._settings.ring_slack_s) * 1000),
            ),
            action_id=attempt,
        )

    async def hang_up(self, channel: str) -> None:
        """End one channel, by name or unique id."""
        await self._send(actions.Hangup(channel=channel))

    async def pause(self, interface: str, *, reason: str, queue: str | None = None) -> None:
        """Stop calls to this member, in one queue or in all of ours."""
        await self._let_through(interface, queue, reason=reason)

    async def resume(self, interface: str, *, queue: str | None = None) -> None:
        """Let calls through to this member again."""
        await self._let_through(interface, queue)

    async def _let_through(self, interface: str, queue: str | None, *, reason: str | None = None) -> None:
        """Pause for a reason, or resume. In every queue of ours there is one action for each.

        Without a name Asterisk would do it in the site's own queues as well. A queue that this member is
        not in refuses; where all of them do, that is the answer.
        """
        queues = (queue,) if queue is not None or self._own is None else self._own.queues_of(interface)
        orders = [
            actions.QueuePause(
                interface=interface, paused=reason is not None, reason=reason or "", queue=each
            )
            for each in queues
        ]
        answers = await asyncio.gather(*map(self._send, orders), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        unclear = [failure for failure in failures if not isinstance(failure, ActionRefused)]
        if unclear or len(failures) == len(orders):
            raise (unclear or failures)[0]

    async def add_member(self, queue: str, line: AgentLine, *, reason: str | None = None) -> None:
        """Make an agent a member of a queue, paused where there is a reason; one who is already stays so."""
        try:
            await self._send(
                actions.QueueAdd(
                    queue=queue,
                    interface=line.interface,
                    member_name=line.called,
                    state_interface=line.state_interface,
                    paused=reason is not None,
                )
            )
        except ActionRefused as refused:
            if "Already there" not in str(refused):
                raise
        if reason is not None:
            # Asterisk 16 reads no reason in QueueAdd
            await self.pause(line.interface, reason=reason, queue=queue)

    async def remove_member(self, queue: str, interface: str) -> None:
        """End a membership; a call that was handed out before goes on, and one who is none stays so."""
        try:
            await self._send(actions.QueueRemove(queue=queue, interface=interface))
        except ActionRefused as refused:
            if "not dynamic" in str(refused):
                # the site wrote the phone into its queue: there it stays, but not paused by us
                await self.resume(interface, queue=queue)
            elif "Not there" not in str(refused):
                raise

    async def ring_headset(self, agent: str, headset: str) -> None:
        """Call an agent's phone; picked up, it is the standing connection. Returning means queued."""
        called = name_in_asterisk(agent)
        await self._send(
            actions.Originate(
                channel=headset,
                context=self._names.context(START),
                exten=called,
                channel_id=f"log-in-{called}-{uuid4().hex[:8]}",
                timeout_ms=HEADSET_RING_MS,
            )
        )

    async def listen(self, agent: str, device: str, mode: ListenMode) -> str:
        """Ring a phone of ours and put whoever picks up on an agent's call; its channel's id."""
        channel_id = f"{self._names.prefix}-{LISTEN}-{uuid4().hex}"
        await self._send(
            actions.Originate(
                channel=device,
                context=self._names.context(LISTEN),
                exten=f"{mode.value}-{name_in_asterisk(agent)}",
                channel_id=channel_id,
                timeout_ms=HEADSET_RING_MS,
            )
        )
        return channel_id

    async def log_off(self, agent: str, *, soft: bool = True) -> None:
        """End an agent's standing connection; soft lets a running call end first."""
        await self._send(actions.AgentLogoff(agent=self._names.pool_id(agent), soft=soft))

    async def ask_first(self, place: int) -> None:
        """Have the dialplan begin with the engine at this place of its addresses, the first being 0."""
        await self._send(actions.SetGlobal(variable=self._names.first_asked, value=place))

    async def ask(self, action: actions.Action) -> tuple[Frame, ...]:
        """Send any action and return its answer, or its list; raises as every method of the port does."""
        if action.ends_with:
            return await self._list(action)
        return (await self._send(action),)

    async def _send(self, action: actions.Action, *, action_id: str | None = None) -> Frame:
        """The one way out for everything that is asked of the PBX; with `_list`, for what a list answers."""
        if self._own is not None:
            self._own.let_out(action)
        return await self._session.call(action, action_id=action_id)

    async def _list(self, action: actions.Action) -> tuple[Frame, ...]:
        if self._own is not None:
            self._own.let_out(action)
        return await self._session.collect(action)

    def _heard(self, frame: Frame) -> ami.AmiEvent | None:
        """The one way in: an event, where it concerns us."""
        event = ami.decode(frame)
        return event if self._own is None else self._own.let_in(event)

    async def snapshot(self) -> PbxSnapshot:
        """Read the truth: channels, members, waiting callers, boot time.

        `taken_at` is the moment before the first question, so what began later may be missing.
        """
        taken_at = self._clock()
        channels = await self._list(actions.CoreShowChannels())
        queues = await self._list(actions.QueueStatus())
        known = await self._heard_in_turns((*channels, *queues))
        return PbxSnapshot(
            taken_at=taken_at,
            booted_at=self._booted_at,
            last_calls=await self._last_calls(each for each in known if isinstance(each, ami.QueueMember)),
            channels=tuple(
                LiveChannel(
                    unique_id=each.unique_id,
                    linked_id=each.linked_id,
                    name=each.channel,
                    state=each.state,
                    bridged=bool(each.bridge),
                    duration_s=seconds_of(each.duration),
                    application=each.application,
                )
                for each in known
                if isinstance(each, ami.CoreShowChannel)
            ),
            members=tuple(
                seen(each, taken_at)
                for each in known
                if isinstance(each, ami.QueueMember) and is_agents(each)
            ),
            callers=tuple(
                WaitingCaller(
                    queue=each.queue,
                    caller=each.unique_id,
                    number=ami.plain(each.number),
                    position=each.position,
                    waited_s=float(each.wait_s),
                )
                for each in known
                if isinstance(each, ami.QueueEntry)
            ),
        )

    async def _heard_in_turns(self, frames: Sequence[Frame]) -> list[ami.AmiEvent]:
        """The events in these that concern us; a long list leaves the loop to others now and then."""
        known: list[ami.AmiEvent] = []
        for start in range(0, len(frames), HEARD_AT_ONCE):
            heard = map(self._heard, frames[start : start + HEARD_AT_ONCE])
            known += [event for event in heard if event is not None]
            await asyncio.sleep(0)
        return known

    async def _last_calls(self, members: Iterable[ami.QueueMember]) -> dict[str, datetime]:
        """When each agent's last call ended; the PBX's clock is read too, as it may be another one."""
        ended: dict[str, int] = {}
        for member in members:
            if UNIX_SECONDS.fullmatch(member.last_call):
                ended[member.agent] = max(int(member.last_call), ended.get(member.agent, 0))
        if not ended:
            return {}
        try:
            there = float((await self._session.call(actions.Ping())).get("Timestamp"))
        except (ActionRefused, ValueError):
            return {}
        here = self._clock()
        return {
            agent: here - timedelta(seconds=max(0.0, there - at - LAST_CALL_CUT_S))
            for agent, at in ended.items()
        }

    # What the PBX says

    async def facts(self) -> AsyncIterator[Fact]:
        """Every fact from now on; ends on close, raises `LoginRefused` when the PBX refuses us.

        After each `LinkUp` come the members of every queue, then the end of every call and caller
        that did not live through the gap.
        """
        async for item in self._session.items():
            if isinstance(item, Arrived):
                event = self._heard(item.frame)
                if event is not None:
                    for fact in self._tracker.fold(event, item.at):
                        yield fact
            else:
                for fact in await self._happened(item):
                    yield fact

    async def _happened(self, item: Item) -> list[Fact]:
        """What follows from everything that is not an event."""
        if isinstance(item, Up):
            return await self._came_up(item)
        if isinstance(item, Down):
            return [LinkLost(at=item.at, reason=item.reason)]
        if isinstance(item, Posted) and isinstance(item.what, PbxSnapshot):
            return self._tracker.settle(_without_attempts(item.what), item.at)
        return self._tracker.tick(item.at)

    async def _came_up(self, up: Up) -> list[Fact]:
        before, self._booted_at = self._booted_at, await self._read_boot_time(up)
        found: list[Fact] = []
        if gap_between(before, self._booted_at) is LinkGap.RESTARTED:
            found.extend(self._tracker.restarted(up.at))
        if self._settling is not None:
            self._settling.cancel()  # it asked over the link that was lost
        self._settling = asyncio.create_task(self._settle(), name="ami-settle")
        began_at = None if up.uptime_s is None else up.at - timedelta(seconds=up.uptime_s)
        return [LinkUp(at=up.at, booted_at=self._booted_at, began_at=began_at), *found]

    async def _settle(self) -> None:
        """Read the truth, once a link. A PBX too busy to answer in time is asked again."""
        while True:
            # the members listed on the way are facts by themselves, in their place in the stream
            try:
                snapshot = await self.snapshot()
            except OutcomeUnknown:
                continue  # if because the link is gone, the next one says so
            except TelephonyError:
                return
            self._session.post(snapshot)
            return

    async def _read_boot_time(self, up: Up) -> datetime | None:
        """When the PBX began. One too busy to answer in time is asked again: it may only just have begun.

        A restart that is taken for a lost link puts nobody back who was logged out by it.
        """
        for _ in range(BOOT_TIME_TRIES):
            try:
                status = await self._send(actions.CoreStatus())
            except ActionRefused:
                break
            except OutcomeUnknown:
                continue
            except TelephonyError:
                return self._booted_at  # the link went again: nothing was learnt
            return boot_time(
                f"{status.get('CoreStartupDate')} {status.get('CoreStartupTime')}", up.uptime_s, up.at
            )
        return _rough_boot_time(up, self._booted_at)


def boot_time(started: str, uptime_s: int | None, now: datetime) -> datetime | None:
    """When the PBX began, in UTC, from its local "YYYY-MM-DD HH:MM:SS" and its uptime in seconds.

    Asterisk tells the first exactly but in its host's time zone, the second in UTC but with the
    delay of the way; together they are exact. Without an uptime the zone is taken for UTC.
    """
    try:
        local = datetime.strptime(started, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None if uptime_s is None else now - timedelta(seconds=uptime_s)
    if uptime_s is None:
        return local
    offset = local - (now - timedelta(seconds=uptime_s))
    return local - round(offset / _QUARTER) * _QUARTER


def _rough_boot_time(up: Up, before: datetime | None) -> datetime | None:
    """From the uptime alone, which comes late by as much as the way and this process were busy.

    A boot time close to the one known before is that one: taken for a restart it would end live calls.
    """
    if up.uptime_s is None:
        return None
    rough = up.at - timedelta(seconds=up.uptime_s)
    return before if before is not None and abs(rough - before) <= _ROUGHLY else rough


def seconds_of(duration: str) -> float:
    """The seconds in CoreShowChannels' HH:MM:SS; 0 when it is not one."""
    parts = duration.split(":")
    if len(parts) != len("HMS") or not all(part.isdecimal() for part in parts):
        return 0.0
    hours, minutes, seconds = map(int, parts)
    return float(hours * 3600 + minutes * 60 + seconds)


def _without_attempts(snapshot: PbxSnapshot) -> PbxSnapshot:
    """The snapshot whose waiting callers are live callers only."""
    live = (each for each in snapshot.callers if ATTEMPT_ID.fullmatch(each.caller) is None)
    return replace(snapshot, callers=tuple(live))
