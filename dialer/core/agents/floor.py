"""The floor: who is doing what at this moment, folded from the PBX's facts.

The question. Every turn has to know which agents are free, which calls are on their way, and which callers
wait. The PBX knows; but it tells it in pieces, each a little late, and what we ordered ourselves (a pause, a
resume) comes back as news like anything else.

The method. Two kinds of change, kept apart. What is *seen* is taken as it is, since the PBX holds the truth:
a fact moves an agent to the state it says, whatever we thought before. What is *decided* (reserve, release,
end a wrap-up) must be a legal move of the agent's table (`state.AGENT`), and is not believed until the PBX
shows it: `is_kept` asks for the pause that was seen, not for the one that was ordered. Each decision returns
the commands that would bring it about; the floor itself sends nothing.

Why not the obvious ways. Asking the PBX at each turn is late by a round trip and loads it. Trusting our own
orders is wrong for as long as they are on their way, and in that moment a live caller can take the agent for
whom a customer's phone is already ringing: that customer would meet silence.

The hard part is our own echo. A status sent before our resume arrives after it, and shows a pause that is
over. What ends within `A_MOMENT` is
such an echo and nobody's break, so pacing learns nothing from it.

What breaks if this is changed. Seconds are measured on the facts' own `at`, never on the moment of reading
them: a queue of events read late would otherwise stretch every talk. One attempt can end before its Originate
is answered, so `over` remembers what must not come back. And an agent who is in two queues is one agent: the
states of the memberships are folded into one before anything is decided.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from dialer.core.agents.callers_on_line import CallerOnFloor, CallersOnLine
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.membership import DID_NOT_ANSWER, RESERVED, WRAPPING_UP, read_state
from dialer.core.agents.on_floor import AgentOnFloor, CallOnFloor, Return
from dialer.core.agents.pbx_commands import LogOut, Pause, PbxCommand, Resume
from dialer.core.agents.state import AGENT, AgentEvent, AgentState
from telephony.asterisk.config.names import USUAL, Names
from telephony.calls.events import (
    AgentDidNotAnswer,
    AgentRung,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    CallFact,
    Connected,
    Fact,
    Finished,
    HandedOver,
    MemberGone,
    MemberSeen,
    PbxSnapshot,
)

# a status from before our own resume shows a pause once more; nobody's break is as short as that
A_MOMENT: Final = timedelta(seconds=1)


class FloorState:
    """Agents, calls in the air and waiting callers of one PBX. No I/O; effects are returned."""

    def __init__(
        self,
        *,
        inbound: str,
        last_calls: Mapping[str, str] | None = None,
        last_callers: Mapping[str, str] | None = None,
        last_reasons: Mapping[str, str] | None = None,
        missed_rings: int = 2,
        names: Names = USUAL,
        adopted: bool = False,
        further: Collection[str] = (),
    ) -> None:
        """`last_calls`, `last_callers`: agent to attempt or live caller, as the database has them.

        `last_reasons`: agent to pause reason likewise, where the PBX has forgotten why it paused somebody.
        `adopted`: inbound queues are the site's, which may have written a phone into one: that is no log-in.
        `further`: inbound queues beside `inbound`, the first.
        `missed_rings` in a row pause an agent: who does not pick up is not there, and a customer waits.
        """
        self.missed_rings = missed_rings
        self._names, self._adopted = names, adopted
        self.inbound = inbound
        self.inbounds = frozenset({inbound, *further})
        self._last_calls = dict(last_calls or {})
        self._last_callers = dict(last_callers or {})
        self._last_reasons = dict(last_reasons or {})
        self.agents: dict[str, AgentOnFloor] = {}
        self.calls: dict[str, CallOnFloor] = {}
        self.line = CallersOnLine()
        self.callers, self.joined = self.line.waiting, self.line.joined
        self.over: set[str] = set()  # calls that ended and may still be open in the database
        self.returns: list[Return] = []  # pauses that ended, for whoever learns from them to take

    # What the PBX says ------------------------------------------------------------------------------

    def see(self, fact: Fact) -> tuple[PbxCommand, ...]:
        """Fold one fact in; returns what the PBX is to be told because of it."""
        match fact:
            case MemberSeen():
                self._see_member(fact)
            case MemberGone():
                self._miss_member(fact)
            case CallFact():
                return self._see_call(fact)
            case CallerJoined() | CallerConnected() | CallerLeft() | CallerFinished() | CallerGone():
                return self._see_caller(fact)
            case AgentRung(agent=name) if name in self.agents:
                self.agents[name].rung = fact.partner
            case AgentDidNotAnswer(agent=name) if name in self.agents:
                return self._miss_ring(self.agents[name])
        return ()

    def _miss_ring(self, agent: AgentOnFloor) -> tuple[PbxCommand, ...]:
        agent.missed += 1
        if agent.missed < self.missed_rings:
            return ()
        return (Pause(interface=agent.interface, reason=DID_NOT_ANSWER),)

    def _see_call(self, fact: CallFact) -> tuple[PbxCommand, ...]:
        call = self.calls.get(fact.attempt)
        match fact:
            case Answered() if call is not None:
                call.answered_at = call.answered_at or fact.at
            case Connected():
                if call is not None:
                    call.agent = fact.agent
                return self._begin_talk(fact.agent, fact.attempt, fact.at)
            case HandedOver():
                self._end_talk_with(fact.attempt, fact.at)
            case Finished():
                self.over.add(fact.attempt)
                self.calls.pop(fact.attempt, None)
                self._end_talk_with(fact.attempt, fact.at)
        return ()

    def _end_talk_with(self, attempt: str, at: datetime) -> None:
        for agent in self.agents.values():
            if agent.on_call == attempt:
                self._end_talk(agent, at)

    def _see_caller(
        self, fact: CallerJoined | CallerConnected | CallerLeft | CallerFinished | CallerGone
    ) -> tuple[PbxCommand, ...]:
        match fact:
            case CallerJoined(queue=queue) if queue in self.inbounds:
                self.line.join(fact)
            case CallerConnected():
                self.line.let_go(fact.caller)
                return self._begin_talk(fact.agent, fact.caller, fact.at)
            case CallerLeft():
                self.line.leave(fact)
            case CallerFinished(agent=name) if name in self.agents:
                self._end_talk(self.agents[name], fact.at)
            case CallerGone():
                self.line.let_go(fact.caller)
        return ()

    def take_snapshot(self, snapshot: PbxSnapshot, *, after_gap: bool = False) -> tuple[PbxCommand, ...]:
        """Replace what is believed of agents and callers by what the PBX says.

        After a gap nothing that was asked of the PBX before it is taken for granted. Returns the pauses of
        agents whose talk began unseen, so that nothing rings them when it ends, and those whose reason the
        PBX has forgotten.
        """
        seen = {member.agent for member in snapshot.members}
        for name in self.agents.keys() - seen:
            self.agents[name].members.clear()
            self._take_state(self.agents[name], snapshot.taken_at)
        live = {channel.unique_id for channel in snapshot.channels}
        live |= {channel.linked_id for channel in snapshot.channels}
        for agent in self.agents.values():
            agent.held = agent.held and not after_gap
            if agent.on_call not in live:
                agent.on_call = None
        for member in snapshot.members:
            self._see_member(member)
        forgotten = [self._kept_reason(each) for each in snapshot.members if each.paused and not each.reason]
        waiting = {entry.caller: entry for entry in snapshot.callers if entry.queue in self.inbounds}
        self.line.take_snapshot(waiting, live, snapshot.taken_at)
        return tuple(
            Pause(interface=agent.interface, reason=WRAPPING_UP)
            for agent in self.in_state(AgentState.TALKING)
            if after_gap and not any(seat.paused for seat in agent.members.values())
        ) + tuple(pause for pause in forgotten if pause is not None)

    def adopt(self, call: CallOnFloor, at: datetime) -> None:
        """Take up a call that lives at the PBX and was placed before the gap; one that ended stays ended."""
        if call.attempt in self.calls or call.attempt in self.over:
            return
        self.calls[call.attempt] = call
        agent = self.agents.get(call.agent or "")
        if agent is not None and not call.handed_over:
            agent.attempt = agent.on_call = call.attempt
            agent.caller = None
            self._take_state(agent, at)

    def _see_member(self, seen: MemberSeen) -> None:
        agent = self.agents.get(seen.agent)
        if agent is None:
            agent = AgentOnFloor(
                id=seen.agent,
                interface=seen.interface,
                state=AgentState.OFFLINE,
                since=seen.at,
                attempt=self._last_calls.get(seen.agent),
                caller=self._last_callers.get(seen.agent),
            )
            self.agents[seen.agent] = agent
        known = agent.members.get(seen.queue)
        if known is not None and known.at > seen.at:
            return  # a snapshot that was asked for before this event came
        if seen.paused and not seen.reason:
            seen = replace(seen, reason=self._reason_before(agent, known))
        agent.interface = seen.interface
        agent.members[seen.queue] = seen
        self._take_state(agent, seen.at)

    def _reason_before(self, agent: AgentOnFloor, known: MemberSeen | None) -> str:
        """Why a member is paused of which the PBX says no more than that.

        A reload of a changed queue file keeps the pause of a written member, drops its reason, and says
        nothing; without it nobody would know that this pause is ours to end.
        """
        if known is None:
            return self._last_reasons.get(agent.id, "")
        return known.reason if known.paused else ""

    def _kept_reason(self, seen: MemberSeen) -> Pause | None:
        """The pause that gives the PBX its reason back, where it is known here."""
        kept = self.agents[seen.agent].members.get(seen.queue)
        if kept is None or kept.at != seen.at or not kept.reason:
            return None
        return Pause(interface=seen.interface, reason=kept.reason, queue=seen.queue)

    def _miss_member(self, gone: MemberGone) -> None:
        agent = self.agents.get(gone.agent)
        if agent is not None:
            agent.members.pop(gone.queue, None)
            self._take_state(agent, gone.at)

    def _take_state(self, agent: AgentOnFloor, at: datetime) -> None:
        logged_in = not self._adopted or bool(agent.members.keys() - self.inbounds)
        seats = agent.members.values() if logged_in else ()
        state, reason = read_state(seats, inbounds=self.inbounds)
        if agent.on_call is not None and state is not AgentState.OFFLINE:
            state, reason = AgentState.TALKING, ""
        elif agent.held and state in {AgentState.READY, AgentState.WRAPPING_UP}:
            # a status from before our own pause, or from before our own end of the wrap-up
            state, reason = AgentState.RESERVED, RESERVED
        agent.held = agent.held and state in {AgentState.RESERVED, AgentState.RINGING}
        agent.alone = agent.alone and agent.held
        self._enter(agent, state, at, reason)

    def _enter(self, agent: AgentOnFloor, state: AgentState, at: datetime, reason: str = "") -> None:
        """Enter a state, or a pause for another reason, and account for the time in the one before."""
        before, why = agent.state, agent.reason
        agent.reason = reason
        if state is before and (state is not AgentState.PAUSED or reason == why):
            return
        spent = max(0.0, (at - agent.since).total_seconds())
        agent.seconds[before] = agent.seconds.get(before, 0.0) + spent
        if before is AgentState.PAUSED and state is not before:
            agent.missed = 0
            if state is not AgentState.OFFLINE and at - agent.since >= A_MOMENT:
                self.returns.append(Return(agent=agent.id, reason=why, since=agent.since, at=at))
        if state is not before:
            agent.rung = agent.rung if before is not AgentState.RINGING else None
            agent.longer, agent.closing = timedelta(), None
            agent.left = (before, why) if state is AgentState.OFFLINE else None
        agent.state, agent.since = state, at

    def place(self, call: CallOnFloor) -> None:
        """A call is on its way, from its commit on."""
        self.calls[call.attempt] = call

    def forget(self, attempt: str) -> None:
        """A call that never came about, or whose end was settled, is on its way no more."""
        self.calls.pop(attempt, None)

    def settle(self, *, vanished: Collection[str], recorded: Collection[str]) -> None:
        """After a look: `vanished` calls are gone; ended ones are remembered while they are on `recorded`."""
        for attempt in vanished:
            self.forget(attempt)
        self.over &= set(recorded)

    def allow_longer(self, agent: AgentOnFloor, by: timedelta) -> None:
        """The agent asked for more time in this wrap-up."""
        agent.longer += by

    def plan_leaves(self, leaves: Mapping[str, Leave]) -> None:
        """Take over what is planned, agent by agent; who is not among them plans nothing."""
        for agent in self.agents.values():
            agent.leave = leaves.get(agent.id)

    def hear_closing(self, agent: AgentOnFloor, at: datetime | None) -> None:
        """The agent said that the talk, or the wrap-up, is about to end."""
        agent.closing = at

    def has_left(self, agent: AgentOnFloor) -> None:
        """The planned leave was carried out."""
        agent.leave = None

    def give_up(self, agent: AgentOnFloor) -> None:
        """Want this agent for no call any more: the PBX did not say in time that they are kept."""
        agent.held = agent.alone = False

    def take_returns(self) -> list[Return]:
        """Pauses that ended since this was asked last."""
        taken, self.returns = self.returns, []
        return taken

    def _begin_talk(self, name: str, partner: str, at: datetime) -> tuple[PbxCommand, ...]:
        agent = self.agents.get(name)
        if agent is None:
            return ()
        ours = partner in self.calls
        agent.attempt, agent.caller = (partner, None) if ours else (None, partner)
        agent.missed = 0
        agent.on_call, agent.held, agent.alone, agent.closing = partner, False, False, None
        self._enter(agent, AgentState.TALKING, at)
        # paused from the bridge on: nothing can ring between the hang-up and the disposition
        return (Pause(interface=agent.interface, reason=WRAPPING_UP),)

    def _end_talk(self, agent: AgentOnFloor, at: datetime) -> None:
        agent.on_call = None
        self._take_state(agent, at)

    # what Winback decides -------------------------------------------------------------------------

    def reserve(self, agent: AgentOnFloor, at: datetime, *, alone: bool = False) -> tuple[PbxCommand, ...]:
        """Keep a ready agent for one outbound call; raises `IllegalTransition` for any other.

        `alone`: for a call to the agent's own queue, so that no other customer reaches them either.
        """
        self._enter(agent, AGENT.after(agent.state, AgentEvent.RESERVE), at, RESERVED)
        agent.held, agent.alone = True, alone
        return tuple(
            Pause(interface=agent.interface, reason=RESERVED, queue=queue) for queue in self._closed_to(agent)
        )

    def _closed_to(self, agent: AgentOnFloor) -> tuple[str, ...]:
        """The queues whose people pass a reserved agent by."""
        open_to = {*self.inbounds, self._names.own_queue(agent.id)}
        others = agent.members.keys() - open_to if agent.alone else ()
        # those alone that the agent is seen in: the PBX would refuse the pause elsewhere
        inbound = sorted(
            self.inbounds & agent.members.keys(), key=lambda queue: (queue != self.inbound, queue)
        )
        return (*inbound, *sorted(others))

    def release(self, agent: AgentOnFloor, at: datetime) -> tuple[PbxCommand, ...]:
        """Let everybody through to a reserved agent again."""
        closed = {queue for queue, seat in agent.members.items() if seat.paused and seat.reason == RESERVED}
        closed |= set(self._closed_to(agent))
        self._enter(agent, AGENT.after(agent.state, AgentEvent.RELEASE), at)
        agent.held = agent.alone = False
        return tuple(Resume(interface=agent.interface, queue=queue) for queue in sorted(closed))

    def leave(self, agent: AgentOnFloor, leave: Leave, at: datetime) -> tuple[PbxCommand, ...]:
        """Pause or log out an agent who is with nobody.

        Raises `IllegalTransition` where the agent's state does not allow it.
        """
        if leave.kind is LeaveKind.LOG_OUT:
            self._enter(agent, AGENT.after(agent.state, AgentEvent.LOG_OUT), at)
            agent.left = None
            return (
                LogOut(
                    agent=agent.id,
                    interface=agent.interface,
                    standing=agent.standing,
                    queues=tuple(sorted(agent.members)),
                ),
            )
        self._enter(agent, AGENT.after(agent.state, AgentEvent.PAUSE), at, leave.reason)
        return (Pause(interface=agent.interface, reason=leave.reason),)

    def free(self, agent: AgentOnFloor, at: datetime, *, reserve: bool) -> tuple[PbxCommand, ...]:
        """End a wrap-up or a pause: the agent is there for everybody, or for one outbound call only.

        Raises `IllegalTransition` for an agent in any other state.
        """
        paused = agent.state is AgentState.PAUSED
        after = AGENT.after(agent.state, AgentEvent.RESUME if paused else AgentEvent.WRAPPED_UP)
        self._enter(agent, after, at)
        agent.attempt = agent.caller = None
        if not reserve:
            return (Resume(interface=agent.interface),)
        kept = self.reserve(agent, at)
        return kept + tuple(
            Resume(interface=agent.interface, queue=queue)
            for queue in sorted(agent.members)
            if queue not in self.inbounds
        )

    def is_kept(self, agent: AgentOnFloor) -> bool:
        """Whether the PBX itself has said that live callers pass this agent by.

        The PBX's events come in order, so by then nothing that happened before the pause is unseen.
        """
        seats = [agent.members.get(queue) for queue in self._closed_to(agent)]
        return agent.state is AgentState.RESERVED and all(
            seat is None or (seat.paused and seat.reason == RESERVED) for seat in seats
        )

    # What the decisions rest on ---------------------------------------------------------------------

    def in_state(self, *states: AgentState) -> list[AgentOnFloor]:
        """Agents in any of these states, longest there first."""
        found = (agent for agent in self.agents.values() if agent.state in states)
        return sorted(found, key=lambda agent: (agent.since, agent.id))

    def ready_beyond(self, moment: datetime) -> list[AgentOnFloor]:
        """Ready agents who plan to leave later than this or not at all, longest ready first."""
        ready = self.in_state(AgentState.READY)
        return [agent for agent in ready if agent.leave is None or agent.leave.at > moment]

    def on_the_way(self) -> list[CallOnFloor]:
        """Calls that have neither ended nor reached an agent, and want one."""
        return [call for call in self.calls.values() if call.agent is None and not call.proof]

    def waiting(self) -> list[CallerOnFloor]:
        """Live callers by the moment they joined."""
        return sorted(self.callers.values(), key=lambda caller: (caller.joined_at, caller.caller))

    def logged_in(self, among: Collection[str] | None = None) -> int:
        """How many agents are there, whatever they do: of all, or of those `among` them."""
        return sum(
            agent.state is not AgentState.OFFLINE and (among is None or name in among)
            for name, agent in self.agents.items()
        )

    def at_work(self, among: Collection[str] | None = None) -> int:
        """How many of them are there and not paused."""
        return self.logged_in(among) - self.count(AgentState.PAUSED, among)

    def count(self, state: AgentState, among: Collection[str] | None = None) -> int:
        """How many of them are in this state."""
        return sum(
            agent.state is state and (among is None or name in among) for name, agent in self.agents.items()
        )

    def utilisation(self, now: datetime) -> float | None:
        """(talk + wrap-up) / logged-in time since the floor opened; None before anybody logged in."""
        busy = logged_in = 0.0
        for agent in self.agents.values():
            seconds = dict(agent.seconds)
            spent = max(0.0, (now - agent.since).total_seconds())
            seconds[agent.state] = seconds.get(agent.state, 0.0) + spent
            busy += seconds.get(AgentState.TALKING, 0.0) + seconds.get(AgentState.WRAPPING_UP, 0.0)
            logged_in += sum(value for state, value in seconds.items() if state is not AgentState.OFFLINE)
        return busy / logged_in if logged_in > 0 else None
