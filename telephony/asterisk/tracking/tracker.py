"""From typed PBX events to call facts: one pure fold, fed in order of arrival.

The question. Asterisk speaks of channels, bridges and queue entries, dozens of events a call. The rest of
Winback wants seven sentences: it rings, a person answered, an agent is there, nobody was there in time,
this is how it ended.

The method. One `Call` for each attempt, moved by its table (`telephony.calls.lifecycle`). The same events
give the same facts; time comes in with each event. Events may be repeated, missing, late or out of order:
whatever follows from an event is taken as having happened (an agent bridged means answered, even if that
event was lost), what the table does not allow is passed over, and every call finishes exactly once.

How events find their call. The Local channel's first half is created under the attempt's id, and every
channel born for the call carries that id as Linkedid. A bridge may later give a channel another Linkedid (an
agent's standing connection is older and wins), so a leg is remembered by its own Uniqueid from birth, and a
channel merely renamed into the call is not a leg of it.

When is a call over? There is no single event for it. The first half's hang-up ends the call, but the outcome
may still be on its way (OriginateResponse comes in no order with the rest): so it is waited for, for `GRACE`
and no longer. The end of another leg may never be heard: `LINGER`. The first half's own end may be lost:
`ORPHAN`. What is older than `LONGEST` is a lost event, not a talk. Each of these is a promise to the rest
of Winback that no call stays open for ever because one line of text was lost.

Why not the obvious ways. Following channel names breaks at the first masquerade. Believing Originate's answer
alone loses everything that happens after it. Asking the PBX for its channels at each event is what
reconciliation does after a gap; as a habit it would miss what begins and ends between two looks.

What breaks if this is changed. `conclude` reads what was seen in the order of strength given in
`telephony.calls.hangup_causes`; a weaker sign must never overwrite a stronger one, or a busy line becomes
"no answer". A finished call is remembered for `REMEMBERED`: without it one late event would open it again,
and its customer would be rung a second time.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from telephony.asterisk.ami import events as ami
from telephony.asterisk.tracking.inbound_callers import InboundCallers, members
from telephony.calls import events as facts
from telephony.calls.attempt_id import ATTEMPT_ID
from telephony.calls.attempts import Call, conclude, conclude_lost
from telephony.calls.events import Fact, PbxSnapshot
from telephony.calls.lifecycle import CALL, UNANSWERED, CallEvent, CallState
from telephony.calls.queue_clock import length_s, out_of_queue_at
from telephony.calls.reconcile import talk_ended_at

#: a call whose first half hung up is over, even if the end of another leg was never heard
LINGER: Final = timedelta(seconds=2)
#: nothing told the outcome yet: OriginateResponse comes in no order with the rest, so wait for it
GRACE: Final = timedelta(seconds=2)
#: every other leg is gone and the first half's end was not heard
ORPHAN: Final = timedelta(seconds=5)
#: an agent's leg ended and the call still lives: it was transferred. Where anybody hung up, the rest of a
#: call is gone within a few hundredths of that
HANDED_OVER: Final = timedelta(seconds=1)
#: longer than any conversation; a call this old is a lost event, not a call
LONGEST: Final = timedelta(hours=4)
#: how long a finished call is remembered, so that a late event does not bring it back to life
REMEMBERED: Final = timedelta(minutes=15)
#: how often old things are looked for
SWEEP: Final = timedelta(seconds=30)

Facts = Iterator[Fact]


class Tracker:
    """What is known of the calls of one PBX. `patience_s`: how long an answered customer may wait."""

    def __init__(self, *, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._calls: dict[str, Call] = {}
        self._legs: dict[str, str] = {}  # unique id to attempt
        self._closing: dict[str, datetime] = {}  # attempt to when it is over at the latest
        self._agent_legs: dict[str, str] = {}  # unique id to attempt
        self._parting: dict[str, datetime] = {}  # attempt to when its agent's leg ended
        self._gone: dict[str, datetime] = {}  # finished attempts, oldest first
        self._callers = InboundCallers()
        self._swept: datetime | None = None
        self._folds: dict[type[ami.AmiEvent], Callable[[Any, datetime], Facts]] = {
            ami.Newchannel: self._born,
            ami.Newstate: self._changed,
            ami.DialBegin: self._dialled,
            ami.DialEnd: self._dial_ended,
            ami.HangupEvent: self._hung_up,
            ami.OriginateResponse: self._responded,
            ami.QueueCallerJoin: self._joined,
            ami.QueueCallerLeave: self._left,
            ami.QueueCallerAbandon: self._abandoned,
            ami.AgentCalled: _rung,
            ami.AgentConnect: self._connected,
            ami.AgentComplete: self._completed,
            ami.BlindTransfer: self._transferred,
            ami.AttendedTransfer: self._transferred,
            ami.AgentRingNoAnswer: _not_answered,
            ami.UserEvent: self._told,
            ami.QueueMemberStatus: members,
            ami.QueueMemberPause: members,
            ami.QueueMemberAdded: members,
            ami.QueueMemberRemoved: members,
            ami.QueueMember: members,
        }

    @property
    def heard(self) -> frozenset[str]:
        """The names of the events that mean anything here; the rest need not even be read."""
        return frozenset(event.name for event in self._folds)

    @property
    def size(self) -> int:
        """Calls, callers and remembered ends held: what the PBX carries in a quarter of an hour at most."""
        return len(self._calls) + len(self._legs) + len(self._gone) + self._callers.size

    def state_of(self, attempt: str) -> CallState | None:
        """Where this call stands; None for a call never seen or long forgotten."""
        call = self._calls.get(attempt)
        if call is not None:
            return call.state
        return CallState.FINISHED if attempt in self._gone else None

    def fold(self, event: ami.AmiEvent, at: datetime) -> list[Fact]:
        """What this event makes true. `at` never goes back."""
        waits = self._closing or self._parting or self._callers.parting
        found = self.tick(at) if waits or self._is_due(at) else []
        handler = self._folds.get(type(event))
        if handler is not None:
            found.extend(handler(event, at))
        return found

    def tick(self, at: datetime) -> list[Fact]:
        """What the passing of time makes true; call it about once a second when nothing else happens."""
        found: list[Fact] = []
        for attempt in [attempt for attempt, due in self._closing.items() if due <= at]:
            found.extend(self._finish(self._calls[attempt], at))
        for attempt in [each for each, since in self._parting.items() if at - since >= HANDED_OVER]:
            call, since = self._calls[attempt], self._parting.pop(attempt)
            if attempt not in call.ended:
                found.extend(call.hand_over(since))
        found.extend(self._callers.tick(at, after=HANDED_OVER))
        if self._is_due(at):
            self._swept = at
            for call in [call for call in self._calls.values() if at - call.seen_at > LONGEST]:
                found.extend(self._finish(call, at))
            _forget(self._gone, at)
            self._callers.forget(at, older_than=LONGEST, ended_before=REMEMBERED)
        return found

    def settle(self, snapshot: PbxSnapshot, at: datetime) -> list[Fact]:
        """After a gap: finish what the PBX no longer has, and report live callers it has and we do not.

        A call not older than the snapshot is left alone. What ended unseen is UNKNOWN unless an agent
        had been connected, or the customer abandoned, before the gap.
        """
        living = {each.unique_id for each in snapshot.channels} | {
            each.linked_id for each in snapshot.channels
        }
        for each in snapshot.channels:
            if each.linked_id in self._calls:
                self._calls[each.linked_id].see_leg(each.name)
        found: list[Fact] = []
        for call in self._answered_unseen(snapshot):
            found.extend(self._bridge(call, call.first_agent, at))
        for call in list(self._calls.values()):
            if call.attempt not in living and call.began_at < snapshot.taken_at:
                if call.state is CallState.TALKING and call.talk_s is None and call.connected_at is not None:
                    over_at = talk_ended_at(call.agent, call.connected_at, snapshot, at)
                    call.talk_s = (over_at - call.connected_at).total_seconds()
                found.extend(self._finish(call, at, lost=True))
        found.extend(self._callers.settle(snapshot, at))
        return found

    def restarted(self, at: datetime) -> list[Fact]:
        """The PBX began anew: every call it had is gone."""
        found: list[Fact] = []
        for call in list(self._calls.values()):
            found.extend(self._finish(call, at, lost=True))
        found.extend(self._callers.end_all(at))
        return found

    # one method an event

    def _born(self, event: ami.Newchannel, at: datetime) -> Facts:
        attempt = event.linked_id if ATTEMPT_ID.fullmatch(event.linked_id) else event.unique_id
        call = self._call(attempt, at)
        if call is None or event.unique_id in call.ended:
            return
        call.seen_at = at
        if event.unique_id == attempt:
            call.birth_seen = True
        else:
            if attempt not in call.ended:
                self._closing.pop(attempt, None)
            call.born.add(event.unique_id)
            call.legs.add(event.unique_id)
            self._legs[event.unique_id] = attempt
            # an agent's telephone rung first is among them, so the customer's is told by its dial there
            if not call.first_agent:
                call.see_leg(event.channel)
        yield from ()

    def _changed(self, event: ami.Newstate, at: datetime) -> Facts:
        call = self._call_of(event, at)
        if call is None:
            return
        if call.first_agent and event.unique_id != call.customer_leg:
            # the agent's own telephone, the halves that lead to it, or the customer's before its dial is told
            call.other_states[event.unique_id] = event.state
            return
        if event.state == "Ringing":  # "Ring" is the word for a channel that runs the dialplan unanswered
            yield from self._step(call, CallEvent.RANG, at)
        elif event.state == "Up" and event.unique_id == call.attempt:
            yield from self._step(call, CallEvent.PICKED_UP, at)

    def _dialled(self, event: ami.DialBegin, at: datetime) -> Facts:
        # the Originate's own dial has no source channel: only the dialplan's says that a phone is rung
        call = self._call_of(event, at) if event.unique_id else None
        if call is not None and call.state in UNANSWERED:
            if call.first_agent and event.unique_id != call.attempt:
                call.first_agent_leg = call.first_agent_leg or event.dest_unique_id
                self._agent_legs[call.first_agent_leg] = call.attempt
            else:
                call.dialled = True
                call.customer_leg = event.dest_unique_id
                if call.first_agent and call.other_states.get(event.dest_unique_id) == "Ringing":
                    yield from self._step(call, CallEvent.RANG, at)
        yield from ()

    def _dial_ended(self, event: ami.DialEnd, at: datetime) -> Facts:
        call = self._call_of(event, at)
        if call is None and ATTEMPT_ID.fullmatch(event.dest_linked_id):
            call = self._call(event.dest_linked_id, at)
        if call is not None and call.first_agent:
            if event.unique_id == call.attempt and call.state in UNANSWERED:
                call.statuses.append(event.status)
                if event.status == "ANSWER":
                    yield from self._bridge(call, call.first_agent, at)
        elif call is not None and call.state in UNANSWERED:
            call.statuses.append(event.status)
            if event.status == "ANSWER" and event.dest_unique_id == call.attempt:
                yield from self._step(call, CallEvent.PICKED_UP, at)

    def _hung_up(self, event: ami.HangupEvent, at: datetime) -> Facts:
        self._part(event.unique_id, at)
        call = self._call_of(event, at)
        if call is None:
            yield from self._callers.hung_up(event, at)
            return
        if event.unique_id in call.ended:
            return
        is_leg = event.unique_id in call.born or event.unique_id == call.attempt
        if not is_leg:
            if call.state not in UNANSWERED:
                call.judge_line(event.cause)  # an agent's own connection, renamed into the call by a bridge
                return
            call.see_leg(event.channel)  # born where we could not see it
        call.seen_at = at
        if event.unique_id == call.attempt:
            call.handed_to = call.handed_to or event.exten
        call.ended.add(event.unique_id)
        call.legs.discard(event.unique_id)
        if call.first_agent and event.unique_id not in {call.attempt, call.customer_leg}:
            call.see_first_agent_end(event.unique_id, event.cause)
        elif event.cause:
            call.hear_cause(event.cause)
        if call.attempt in call.ended:
            yield from self._first_half_over(call, at)
        elif not call.legs:
            self._closing.setdefault(call.attempt, at + ORPHAN)

    def _first_half_over(self, call: Call, at: datetime) -> Facts:
        call.over_at = call.over_at or at
        if call.legs:
            self._closing.setdefault(call.attempt, at + LINGER)
        elif call.is_decided and call.birth_seen:
            yield from self._finish(call, at)
        else:
            self._closing[call.attempt] = at + GRACE

    def _responded(self, event: ami.OriginateResponse, at: datetime) -> Facts:
        attempt = event.action_id
        if ATTEMPT_ID.fullmatch(attempt) is None or attempt in self._gone:
            return
        call = self._calls.get(attempt)
        if event.response == "Success":
            call = self._call(attempt, at)
            # this may come before the word that an agent is rung first; what their call goes on to is itself
            if call is not None and event.exten != attempt and not call.first_agent:
                yield from self._step(call, CallEvent.PICKED_UP, at)
        elif call is None:
            yield facts.OriginateFailed(at=at, attempt=attempt, reason=event.reason)
        elif call.reason is None:
            call.reason = event.reason
            if call.attempt in call.ended and not call.legs:
                yield from self._finish(call, at)

    def _joined(self, event: ami.QueueCallerJoin, at: datetime) -> Facts:
        if not _is_ours(event):
            yield from self._callers.joined(event, at)
        elif (call := self._call(event.unique_id, at)) is not None:
            if call.state is CallState.TALKING:
                call.handed_to = event.queue
            call.queued_at = at
            yield from self._step(call, CallEvent.QUEUED, at)

    def _left(self, event: ami.QueueCallerLeave, at: datetime) -> Facts:
        # an attempt leaves on success too, and only what follows tells which
        if not _is_ours(event):
            yield from self._callers.left(event, at)

    def _abandoned(self, event: ami.QueueCallerAbandon, at: datetime) -> Facts:
        if not _is_ours(event):
            yield from self._callers.gave_up(event, at)
        elif (call := self._call(event.unique_id, at)) is not None:
            call.hold(event.hold_s or 0)
            yield from self._step(call, CallEvent.GAVE_UP, at)
            yield from call.judge_leaving(at, self._patience_s)

    def _connected(self, event: ami.AgentConnect, at: datetime) -> Facts:
        if not _is_ours(event):
            yield from self._callers.connected(event, at)
        elif (call := self._call(event.unique_id, at)) is not None:
            if event.leg and call.state is not CallState.TALKING:
                self._agent_legs[event.leg] = call.attempt
            yield from self._bridge(call, event.agent, out_of_queue_at(call.queued_at, at, event.hold_s))

    def _transferred(self, event: ami.BlindTransfer | ami.AttendedTransfer, at: datetime) -> Facts:
        del at
        call = self._calls.get(self._agent_legs.get(event.transferer, ""))
        if call is not None:
            # a busy Asterisk tells of the queue that it leads to first, which says more
            call.handed_to = call.handed_to or event.exten
        else:
            self._callers.transferred(event.transferer, event.exten)
        yield from ()

    def _part(self, leg: str, at: datetime) -> None:
        """An agent's leg has ended; whether the call lives on is seen a moment later."""
        attempt = self._agent_legs.pop(leg, "")
        if attempt in self._calls:
            self._parting.setdefault(attempt, at)

    def _completed(self, event: ami.AgentComplete, at: datetime) -> Facts:
        if not _is_ours(event):
            yield from self._callers.completed(event, at)
            return
        call = self._call(event.unique_id, at)
        if call is None:
            return
        missed = call.state is not CallState.TALKING
        yield from self._bridge(call, event.agent, at)
        self._part(event.leg, at)
        if call.talk_s is None and call.connected_at is not None:
            measured_s = (at - call.connected_at).total_seconds()
            call.talk_s = float(event.talk_s or 0) if missed else length_s(measured_s, event.talk_s)

    def _told(self, event: ami.UserEvent, at: datetime) -> Facts:
        call = self._call_of(event, at) or self._calls.get(event.attempt)
        if call is None:
            return
        if event.word == "WinbackMachine":
            if not call.machine:
                call.machine = True
                yield facts.MachineSuspected(at=at, attempt=call.attempt)
        elif event.word == "WinbackDesk":
            call.first_agent = event.agent
        elif event.word == "WinbackDeskMissed":
            yield facts.AgentDidNotAnswer(at=at, queue="", agent=event.agent, ring_s=0.0)
        elif event.word == "WinbackAsked":
            yield from self._step(call, CallEvent.ASKED_FOR_KEY, at)
        elif event.word == "WinbackAbandoned" and call.state is not CallState.TALKING:
            yield from self._step(call, CallEvent.GAVE_UP, at)
            yield from call.abandon(at)

    # helpers of the fold

    def _answered_unseen(self, snapshot: PbxSnapshot) -> list[Call]:
        """Calls with their agent first whose customer answered in a gap: nothing later tells of that.

        The half that rings the customer is in a bridge from their answer on.
        """
        bridged = [self._calls.get(each.unique_id) for each in snapshot.channels if each.bridged]
        return [call for call in bridged if call and call.first_agent and call.state in UNANSWERED]

    def _bridge(self, call: Call, agent: str, at: datetime) -> Facts:
        if not CALL.allows(call.state, CallEvent.BRIDGED) and call.state not in UNANSWERED:
            return
        yield from self._step(call, CallEvent.BRIDGED, at)
        call.agent = agent
        call.connected_at = at
        yield facts.Connected(at=at, attempt=call.attempt, agent=agent, waited_s=call.waited_s(at))

    def _step(self, call: Call, event: CallEvent, at: datetime) -> Facts:
        """Move the call if its table lets it; an event that implies an answer brings the answer along."""
        call.seen_at = at
        implied = event not in (CallEvent.RANG, CallEvent.PICKED_UP)
        if implied and call.state in UNANSWERED:
            yield from self._step(call, CallEvent.PICKED_UP, at)
        if not CALL.allows(call.state, event):
            return
        asked, call.state = call.state is CallState.ASKED, CALL.after(call.state, event)
        if asked:  # whoever was to press a key waits for an agent from the key on
            call.answered_at = at
        if event is CallEvent.RANG:
            yield facts.Ringing(at=at, attempt=call.attempt)
        elif event is CallEvent.PICKED_UP:
            call.answered_at = at
            yield facts.Answered(at=at, attempt=call.attempt)
        elif event is CallEvent.GAVE_UP:
            call.left_at = at

    def _finish(self, call: Call, at: datetime, *, lost: bool = False) -> Facts:
        del self._calls[call.attempt]
        self._closing.pop(call.attempt, None)
        self._parting.pop(call.attempt, None)
        for leg in call.born:
            self._legs.pop(leg, None)
            self._agent_legs.pop(leg, None)
        self._gone[call.attempt] = at
        yield from conclude_lost(call, at) if lost else conclude(call, at, self._patience_s)

    def _call(self, attempt: str, at: datetime) -> Call | None:
        """The call of this attempt, made if it is not known; None for no attempt, or a finished one."""
        call = self._calls.get(attempt)
        if call is None and ATTEMPT_ID.fullmatch(attempt) and attempt not in self._gone:
            call = self._calls[attempt] = Call(attempt, at)
        return call

    def _call_of(self, event: ami.ChannelEvent, at: datetime) -> Call | None:
        attempt = self._legs.get(event.unique_id)
        if attempt is not None:
            return self._calls.get(attempt)
        return self._call(event.linked_id, at) or self._call(event.unique_id, at)

    def _is_due(self, at: datetime) -> bool:
        return self._swept is None or at - self._swept >= SWEEP


def _is_ours(event: ami.ChannelEvent) -> bool:
    """Whether the caller of this queue event is the customer of an attempt."""
    return ATTEMPT_ID.fullmatch(event.unique_id) is not None


def _rung(event: ami.AgentCalled, at: datetime) -> Facts:
    if event.unique_id:
        yield facts.AgentRung(at=at, queue=event.queue, agent=event.agent, partner=event.unique_id)


def _not_answered(event: ami.AgentRingNoAnswer, at: datetime) -> Facts:
    yield facts.AgentDidNotAnswer(at=at, queue=event.queue, agent=event.agent, ring_s=event.ring_ms / 1000)


def _forget(gone: dict[str, datetime], at: datetime) -> None:
    # oldest first: whoever is still remembered ends the search
    for attempt, _ in list(takewhile(lambda each: at - each[1] > REMEMBERED, gone.items())):
        del gone[attempt]
