"""What is ours on a PBX that others use too, and the two doors between it and the rest.

Winback is a guest (invariant 11). Nothing goes out that names a queue, member, agent or context of somebody
else's, and nothing comes in from there: a stranger's queue makes no agent, and one phone is one agent, by
whatever name it goes in a queue. What an agent's phone does elsewhere shows in the state of its device alone.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from telephony.asterisk.ami import actions
from telephony.asterisk.ami import events as ami
from telephony.asterisk.config.chanspy import LISTEN, ListenMode
from telephony.asterisk.config.dialplan import BRIEF, CONNECT, DESK, GATE, START
from telephony.asterisk.config.model import AgentLine
from telephony.asterisk.config.names import USUAL, Names
from telephony.calls.attempt_id import ATTEMPT_ID, is_from
from telephony.errors import HeaderError

#: actions that change nothing
QUESTIONS: Final = (
    actions.Agents,
    actions.CoreSettings,
    actions.CoreShowChannels,
    actions.CoreStatus,
    actions.DeviceState,
    actions.HintState,
    actions.QueueStatus,
    actions.ShowDialplan,
)


class NotOurs(HeaderError):
    """This would touch what belongs to somebody else on the PBX; it was not sent."""


class OwnParts:
    """Our agents and queues on one PBX. `queues` are those that every agent may be a member of.

    `further`: inbound queues that some may be members of, as their lines say, or nobody.
    """

    def __init__(
        self,
        lines: Iterable[AgentLine],
        queues: Iterable[str],
        names: Names = USUAL,
        further: Iterable[str] = (),
    ) -> None:
        self.names = names
        self._lines = {line.interface: line for line in lines}
        self._shared = tuple(queues)
        self._ids = {line.called: line.id for line in self._lines.values()}
        self._pool = {line.pool_id for line in self._lines.values() if line.phone is None}
        self._queues = {
            *self._shared,
            *further,
            *(queue for line in self._lines.values() for queue in (*line.team_queues, line.own_queue)),
        }
        self._listeners = {
            device for line in self._lines.values() for device in (line.phone, line.headset) if device
        }
        self._headsets = {(line.headset, line.called) for line in self._lines.values() if line.headset}

    def queues_of(self, interface: str) -> tuple[str, ...]:
        """Every queue of ours that this member may be in."""
        line = self._line(interface)
        return (*self._shared, *line.team_queues, line.own_queue)

    def let_out(self, action: actions.Action) -> None:
        """Raises `NotOurs` for an action that names, or would reach, anything that is not ours."""
        match action:
            case actions.QueuePause() | actions.QueueAdd() | actions.QueueRemove():
                self._line(action.interface)
                if action.queue not in self._queues:
                    raise NotOurs(f"{action.name}: {action.queue or 'every queue there is'} is not ours")
            case actions.AgentLogoff() if action.agent in self._pool:
                pass
            case actions.Originate() if (
                self._is_call(action) or self._is_log_in(action) or self._is_listening(action)
            ):
                pass
            case actions.Hangup() if self._is_attempt(action.channel) or self._is_listener(action.channel):
                pass
            case actions.SetGlobal() if action.variable == self.names.first_asked:
                pass
            case _ if not isinstance(action, QUESTIONS):
                raise NotOurs(f"{action.name}: what it names is not ours")

    def let_in(self, event: ami.AmiEvent | None) -> ami.AmiEvent | None:
        """The event as it concerns us, agents by their ids; None where it concerns others."""
        match event:
            case ami.ChannelEvent() | ami.OriginateResponse() | ami.DialEnd() if self._is_anothers(event):
                return None
            case ami.UserEvent():
                return replace(event, agent=self._ids.get(event.agent, event.agent))
            case ami.MemberEvent():
                line = self._lines.get(event.interface)
                return None if line is None or not self._is_own(event) else replace(event, agent=line.id)
            case ami.QueueAgentEvent():
                return replace(event, agent=self._who(event)) if self._is_own(event) else None
            case ami.QueueCallerEvent() | ami.QueueEntry():
                return event if self._is_own(event) else None
        return event

    def _is_anothers(self, event: ami.AmiEvent) -> bool:
        """Whether it is about a call of another Winback's on the same PBX."""
        named = (
            getattr(event, name, "") for name in ("unique_id", "linked_id", "dest_linked_id", "action_id")
        )
        return any(ATTEMPT_ID.match(text) and not self._is_attempt(text.split(";")[0]) for text in named)

    def _is_own(
        self, event: ami.MemberEvent | ami.QueueAgentEvent | ami.QueueCallerEvent | ami.QueueEntry
    ) -> bool:
        """Whether it happened in a queue of ours, or to a call of ours, wherever that was sent on to."""
        caller = "" if isinstance(event, ami.MemberEvent) else event.unique_id
        return event.queue in self._queues or self._is_attempt(caller)

    def _is_attempt(self, text: str) -> bool:
        return ATTEMPT_ID.fullmatch(text) is not None and is_from(text, self.names.prefix)

    def _who(self, event: ami.QueueAgentEvent) -> str:
        line = self._lines.get(event.interface)
        if line is not None:
            return line.id
        # a stranger may have the name of an agent of ours, and is none for it
        return event.interface if event.agent in self._ids else event.agent

    def _line(self, interface: str) -> AgentLine:
        line = self._lines.get(interface)
        if line is None:
            raise NotOurs(f"{interface} is no agent's of ours")
        return line

    def _is_call(self, action: actions.Originate) -> bool:
        if not self._is_attempt(action.channel_id):
            return False
        if action.context == self.names.context(BRIEF):
            desk = f"Local/{action.channel_id}@{self.names.context(DESK)}/n"
            return (action.channel, action.exten) == (desk, action.channel_id)
        return (
            action.channel == f"Local/{action.channel_id}@{self.names.context(GATE)}/n"
            and action.context == self.names.context(CONNECT)
            and action.exten in self._queues
        )

    def _is_log_in(self, action: actions.Originate) -> bool:
        log_in = self.names.context(START)
        return action.context == log_in and (action.channel, action.exten) in self._headsets

    def _is_listening(self, action: actions.Originate) -> bool:
        """Whether it rings a phone of ours to hear an agent of ours."""
        mode, _, agent = action.exten.partition("-")
        return (
            action.context == self.names.context(LISTEN)
            and mode in set(ListenMode)
            and agent in self._ids
            and action.channel in self._listeners
            and self._is_listener(action.channel_id)
        )

    def _is_listener(self, channel: str) -> bool:
        return re.fullmatch(rf"{re.escape(self.names.prefix)}-{LISTEN}-[0-9a-f]{{32}}", channel) is not None
