"""What is ours on a PBX that others use too, and the two doors between it and the rest.

Winback is a guest (invariant 11). Nothing goes out that names a queue, member, agent or context of somebody
else's, and nothing comes in from there: a stranger's queue makes no agent, and one phone is one agent, by
whatever name it goes in a queue. What an agent's phone does elsewhere shows in the state of its device alone.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from telephony.asterisk.ami import actions
from telephony.asterisk.ami import events as ami
from telephony.asterisk.config.dialplan import CONNECT_CONTEXT, FIRST_ASKED, GATE_CONTEXT, LOG_IN_CONTEXT
from telephony.asterisk.config.model import AgentLine
from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.errors import HeaderError

#: actions that change nothing
QUESTIONS: Final = (
    actions.Agents,
    actions.CoreSettings,
    actions.CoreShowChannels,
    actions.CoreStatus,
    actions.QueueStatus,
    actions.ShowDialplan,
)


class NotOurs(HeaderError):
    """This would touch what belongs to somebody else on the PBX; it was not sent."""


class OwnParts:
    """Our agents and queues on one PBX. `queues` are those that every agent may be a member of."""

    def __init__(self, lines: Iterable[AgentLine], queues: Iterable[str]) -> None:
        self._lines = {line.interface: line for line in lines}
        self._shared = tuple(queues)
        self._ids = {line.id for line in self._lines.values()}
        self._queues = {*self._shared, *(line.own_queue for line in self._lines.values())}
        self._headsets = {(line.headset, line.id) for line in self._lines.values() if line.headset}

    def queues_of(self, interface: str) -> tuple[str, ...]:
        """Every queue of ours that this member may be in."""
        return (*self._shared, self._line(interface).own_queue)

    def let_out(self, action: actions.Action) -> None:
        """Raises `NotOurs` for an action that names, or would reach, anything that is not ours."""
        match action:
            case actions.QueuePause() | actions.QueueAdd() | actions.QueueRemove():
                self._line(action.interface)
                if action.queue not in self._queues:
                    raise NotOurs(f"{action.name}: {action.queue or 'every queue there is'} is not ours")
            case actions.AgentLogoff() if action.agent in self._ids:
                pass
            case actions.Originate() if self._is_call(action) or self._is_log_in(action):
                pass
            case actions.Hangup() if ATTEMPT_ID.fullmatch(action.channel):
                pass
            case actions.SetGlobal() if action.variable == FIRST_ASKED:
                pass
            case _ if not isinstance(action, QUESTIONS):
                raise NotOurs(f"{action.name}: what it names is not ours")

    def let_in(self, event: ami.AmiEvent | None) -> ami.AmiEvent | None:
        """The event as it concerns us, agents by their ids; None where it concerns others."""
        match event:
            case ami.MemberEvent():
                line = self._lines.get(event.interface)
                return None if line is None or not self._is_own(event) else replace(event, agent=line.id)
            case ami.QueueAgentEvent():
                return replace(event, agent=self._who(event)) if self._is_own(event) else None
            case ami.QueueCallerEvent() | ami.QueueEntry():
                return event if self._is_own(event) else None
        return event

    def _is_own(
        self, event: ami.MemberEvent | ami.QueueAgentEvent | ami.QueueCallerEvent | ami.QueueEntry
    ) -> bool:
        """Whether it happened in a queue of ours, or to a call of ours, wherever that was sent on to."""
        caller = "" if isinstance(event, ami.MemberEvent) else event.unique_id
        return event.queue in self._queues or ATTEMPT_ID.fullmatch(caller) is not None

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
        return (
            ATTEMPT_ID.fullmatch(action.channel_id) is not None
            and action.channel == f"Local/{action.channel_id}@{GATE_CONTEXT}/n"
            and action.context == CONNECT_CONTEXT
            and action.exten in self._queues
        )

    def _is_log_in(self, action: actions.Originate) -> bool:
        return action.context == LOG_IN_CONTEXT and (action.channel, action.exten) in self._headsets
