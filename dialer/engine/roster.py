"""The roster: agents come to work, go on, have longer, pause and leave, as they and the centre decided."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.agents.leave import MAY_LEAVE, Leave, LeaveKind
from dialer.core.agents.membership import WRAPPING_UP
from dialer.core.agents.on_floor import AgentOnFloor
from dialer.core.agents.pbx_commands import LogOut, Pause, PbxCommand, Resume
from dialer.core.agents.state import AgentState
from dialer.core.agents.team_seats import seats_to_change
from dialer.engine.pacer_registry import PacerRegistry
from dialer.services.agents.last_roster import RosterSeen
from dialer.services.agents.leaves import leave_carried_out
from dialer.services.agents.listening import ListenAsked
from dialer.services.agents.said_by_agents import SaidByAgents, said_by_agents
from telephony.asterisk.config.model import AgentLine
from telephony.calls.events import LinkUp
from telephony.calls.reconcile import LinkGap, gap_between
from telephony.errors import ActionRefused, OutcomeUnknown
from telephony.ports import CallControl

log = structlog.get_logger()

#: a PBX that was away for longer than this has nobody put back: they may have gone home
BACK_WITHIN: Final = timedelta(minutes=10)
#: a PBX that stops hangs up every headset before its link is lost: 1.3 s before on Asterisk 22, 1.7 on 16
LAST_BREATH: Final = timedelta(seconds=5)
#: how soon whoever came by phone or code sits in their teams' queues too, and what a reload took is put back
SEATED_EVERY: Final = timedelta(seconds=5)
#: how soon it is heard that a talk is about to end: most agents talk, and at most turns none of them says so
TALKS_HEARD_EVERY: Final = timedelta(seconds=1)
BUSY: Final = (AgentState.TALKING, AgentState.WRAPPING_UP)
AWAY: Final = (AgentState.WRAPPING_UP, AgentState.PAUSED)


def came_back_empty(
    up: LinkUp, *, booted_before: datetime | None, lost_at: datetime | None, lost_young: bool = False
) -> bool:
    """Whether the PBX began anew, so soon that those who were logged in are still at their desks.

    Both moments are of the last time an engine saw the PBX, this one or the one before it: a reboot of the
    host ends the two together. A clock that went back by more than that says nothing about how long it took.
    `lost_young`: the one before was lost in its first seconds, so that this one may have begun in the same
    second; whoever is put back and was there still is there once.
    """
    restarted = lost_young or gap_between(booted_before, up.booted_at) is LinkGap.RESTARTED
    return restarted and lost_at is not None and abs(up.at - lost_at) <= BACK_WITHIN


def present(agents: Iterable[AgentOnFloor], at: datetime) -> dict[str, tuple[AgentState, str]]:
    """Who is there, in which state and why; or was, a breath before, and was not logged out by us."""
    there: dict[str, tuple[AgentState, str]] = {}
    for agent in agents:
        if agent.state is not AgentState.OFFLINE:
            there[agent.id] = agent.state, agent.reason
        elif agent.left is not None and at - agent.since <= LAST_BREATH:
            there[agent.id] = agent.left
    return there


def on_breaks(seen: RosterSeen) -> dict[str, str | None]:
    """Who is at work, and why they are on a break, if they are."""
    return {
        agent: reason if state is AgentState.PAUSED else None
        for agent, (state, reason) in seen.at_work.items()
    }


def reasons_of(before: RosterSeen | None, now: datetime) -> dict[str, str]:
    """Why those who were at work minutes ago are paused, or are once they hung up."""
    if before is None or abs(now - before.seen_at) > BACK_WITHIN:
        return {}
    reasons = {
        agent: WRAPPING_UP if state in BUSY else reason for agent, (state, reason) in before.at_work.items()
    }
    return {agent: reason for agent, reason in reasons.items() if reason}


def pause_after_restart(state: AgentState, reason: str) -> str | None:
    """The pause with which a phone is put back: a break goes on, and who talked has to wrap up."""
    if state is AgentState.PAUSED:
        return reason
    return WRAPPING_UP if state in BUSY else None


class Roster:
    """Tells the PBX who is there; `lines` are the agents and how they are reached."""

    def __init__(
        self,
        app: App,
        pbx: CallControl,
        floor: FloorState,
        pacers: PacerRegistry,
        lines: Mapping[str, AgentLine],
    ) -> None:
        self._app = app
        self._pbx = pbx
        self._floor = floor
        self._pacers = pacers
        self._lines = lines
        self._seated_at: datetime | None = None
        self._talks_heard_at: datetime | None = None
        self._listened: dict[str, list[str]] = {}  # by agent, the channels that are on their call
        #: logged out by a leave, there or on their way; until whoever puts people back knows
        self.gone: set[str] = set()

    @property
    def lines(self) -> Mapping[str, AgentLine]:
        """The agents and how each is reached, as they are now."""
        return self._lines

    async def turn(self, *, hears: bool = True) -> list[AgentOnFloor]:
        """Do what was asked for and what is due; the agents who are to be free again.

        `hears`: whether it is looked up what agents said. Raises `LinkDown`.
        """
        away = self._floor.in_state(*AWAY)
        back, disposed = await self._hear(away) if hears else (frozenset[str](), frozenset[str]())
        await self._end_listening()
        over = self._wrapped_up(away, back, disposed)
        may_leave = {agent.id: agent for agent in [*self._floor.in_state(*MAY_LEAVE), *over]}
        # a live caller can reach one of them while the PBX is told of another's leave: then it waits
        left = {
            name
            for name, agent in may_leave.items()
            if agent.state in {*MAY_LEAVE, *AWAY} and await self._leave_if_due(agent)
        }
        for agent in self._floor.in_state(AgentState.OFFLINE):
            await self._forget_if_due(agent)
        if self._seated_at is None or self._app.clock() - self._seated_at >= SEATED_EVERY:
            await self.seat(self._lines)
        return [agent for agent in over if agent.id not in left]

    async def _hear(self, away: Sequence[AgentOnFloor]) -> tuple[Collection[str], frozenset[str]]:
        """Do what agents wish and said: those who want to go on, and the calls that have a word."""
        app, pbx = self._app, self._app.settings.pbx.name
        now = app.clock()
        heard: tuple[AgentState, ...] = (AgentState.WRAPPING_UP,)
        if self._talks_heard_at is None or abs(now - self._talks_heard_at) >= TALKS_HEARD_EVERY:
            self._talks_heard_at, heard = now, BUSY
        busy = [agent for agent in self._floor.in_state(*heard) if agent.attempt and agent.closing is None]
        said = await asyncio.to_thread(
            said_by_agents,
            app.database,
            pbx,
            {agent.attempt for agent in (*busy, *away) if agent.attempt},
            {agent.caller for agent in away if agent.caller},
        )
        back: set[str] = set()
        for wish in said.wishes:
            agent = self._floor.agents.get(wish.agent)
            if wish.wish == "log_in":
                await self._log_in(wish.agent)
            elif agent is not None and wish.wish == "resume":
                back.add(wish.agent)
            elif agent is not None and agent.state is AgentState.WRAPPING_UP:
                self._floor.allow_longer(agent, timedelta(seconds=app.settings.pacing.wrap_up_limit_s))
        for asked in said.listening:
            await self._listen(asked)
        self._floor.plan_leaves(said.leaves)
        self._note_gone(said.leaves)
        self._hear_closings(busy, said)
        return back, said.disposed

    async def seat(self, lines: Mapping[str, AgentLine], *, joining: bool = True) -> None:
        """Have those at work be members of their own teams' queues as `lines` say, and of no others.

        A queue that the PBX does not have yet refuses; it is tried again. Raises `LinkDown`.
        """
        queues = self._app.settings.queues
        known = {queue for line in (*lines.values(), *self._lines.values()) for queue in line.team_queues}
        known |= queues.teams().keys()
        everybodys = known & set(queues.shared())  # a team's until now: nobody is taken out of it
        wanted = {name: (*line.team_queues, *everybodys) for name, line in lines.items()}
        self._seated_at = self._app.clock()
        for seat in seats_to_change(self._floor.agents.values(), wanted, known):
            try:
                if seat.joins and joining:
                    await self._pbx.add_member(seat.queue, lines[seat.agent], reason=seat.reason)
                elif not seat.joins:
                    await self._pbx.remove_member(seat.queue, seat.interface)
            except (ActionRefused, OutcomeUnknown) as error:
                log.warning("agent_not_seated", agent=seat.agent, queue=seat.queue, error=str(error))

    def take_lines(self, lines: Mapping[str, AgentLine]) -> None:
        """From now on these are the agents."""
        self._lines = lines
        self._seated_at = None

    def _hear_closings(self, busy: Sequence[AgentOnFloor], said: SaidByAgents) -> None:
        """Who talks or wraps up and has said since that it is about to end."""
        for agent in busy:
            found = said.closings.get(agent.attempt or "")
            if found is not None and agent.state in BUSY:
                said_at = found.talk if agent.state is AgentState.TALKING else found.wrap_up
                self._floor.hear_closing(agent, said_at)

    def wrap_up_ends(self, agent: AgentOnFloor) -> datetime:
        """When the centre ends this agent's wrap-up by itself."""
        limit = timedelta(seconds=self._app.settings.pacing.wrap_up_limit_s)
        return agent.since + limit + agent.longer

    def _wrapped_up(
        self, away: Sequence[AgentOnFloor], back: Collection[str], disposed: frozenset[str]
    ) -> list[AgentOnFloor]:
        """Agents who want to work again, whose disposition is in, or whose wrap-up time is over."""
        now = self._app.clock()
        return [
            agent
            for agent in away
            if agent.state in AWAY
            and (
                agent.id in back
                or (
                    agent.state is AgentState.WRAPPING_UP
                    and (bool({agent.attempt, agent.caller} & disposed) or now >= self.wrap_up_ends(agent))
                )
            )
        ]

    def _note_gone(self, leaves: Mapping[str, Leave]) -> None:
        """Who is logged out while not there, which after a restart is to say: not there again yet."""
        now = self._app.clock()
        for name, leave in leaves.items():
            agent = self._floor.agents.get(name)
            away = agent is None or agent.state is AgentState.OFFLINE
            if away and leave.kind is LeaveKind.LOG_OUT and leave.is_due(now):
                self.gone.add(name)

    async def _leave_if_due(self, agent: AgentOnFloor) -> bool:
        leave, now = agent.leave, self._app.clock()
        if leave is None or not leave.is_due(now):
            return False
        if agent.state is AgentState.WRAPPING_UP:
            self._pacers.wrapped_up(agent, now)
        if leave.kind is LeaveKind.LOG_OUT:
            self.gone.add(agent.id)
        if await self.tell(self._floor.leave(agent, leave, now)):
            self._floor.has_left(agent)
            await asyncio.to_thread(leave_carried_out, self._app.database, agent.id, leave)
        return True

    async def _forget_if_due(self, agent: AgentOnFloor) -> None:
        """Who left by phone has left; the plan must not wait for the next log-in."""
        leave = agent.leave
        if leave is not None and leave.is_due(self._app.clock()):
            await asyncio.to_thread(leave_carried_out, self._app.database, agent.id, leave)

    async def _log_in(self, name: str) -> None:
        """Make the agent's phone a member, or ring the headset into a standing connection."""
        line = self._lines.get(name)
        if line is None:
            log.warning("agent_not_in_settings", agent=name)
        elif line.phone is not None:
            await self._join(line, None)
        elif line.headset is not None:
            await self._ring(line.id, line.headset)

    async def _join(self, line: AgentLine, reason: str | None) -> bool:
        """Whether the PBX said that this agent's phone is there; teams' queues are seen to by `seat`."""
        theirs = (*self._app.settings.queues.shared(), line.own_queue)
        joined = 0
        try:
            # the queues of teams last: one that Asterisk does not have yet keeps nobody from work
            for queue in (*theirs, *line.team_queues):
                await self._pbx.add_member(queue, line, reason=reason)
                joined += 1
        except (ActionRefused, OutcomeUnknown) as error:
            log.warning("agent_not_logged_in", agent=line.id, error=str(error))
        return joined >= len(theirs)

    async def _listen(self, asked: ListenAsked) -> None:
        """Ring a supervisor's phone and put them on an agent's call, while there is one."""
        agent, line = self._floor.agents.get(asked.agent), self._lines.get(asked.listener)
        device = (line.phone or line.headset) if line is not None else None
        if agent is None or agent.state is not AgentState.TALKING or device is None:
            return
        try:
            channel = await self._pbx.listen(asked.agent, device, asked.mode)
        except (ActionRefused, OutcomeUnknown) as error:
            log.warning("nobody_listens", agent=asked.agent, listener=asked.listener, error=str(error))
        else:
            self._listened.setdefault(asked.agent, []).append(channel)

    async def _end_listening(self) -> None:
        """Nobody stays on a standing connection after the call that they were put on."""
        for name in [*self._listened]:
            agent = self._floor.agents.get(name)
            if agent is None or agent.state is not AgentState.TALKING:
                for channel in self._listened.pop(name):
                    try:
                        await self._pbx.hang_up(channel)
                    except (ActionRefused, OutcomeUnknown):
                        log.debug("listener_gone", agent=name)  # hung up, or never picked up

    async def _ring(self, agent: str, headset: str) -> None:
        try:
            await self._pbx.ring_headset(agent, headset)
        except (ActionRefused, OutcomeUnknown) as error:
            log.warning("agent_not_logged_in", agent=agent, error=str(error))

    async def take_back(
        self, before: Mapping[str, tuple[AgentState, str]], *, again: Collection[str] = ()
    ) -> frozenset[str]:
        """After a restart of the PBX, log those in again who were there before; raises `LinkDown`.

        A phone is what it was: a pause goes on, and who talked has to wrap up. A headset is rung again,
        but for those who were on a break. Returns whose phone the PBX did not take, or not say in time that
        it did: that is to be asked for `again`, since half of it may be done (a member paused for no reason
        that anybody would end). A headset may be ringing, and is not rung twice.
        """
        refused = set()
        for name, was in before.items():
            line = self._lines.get(name)
            agent = self._floor.agents.get(name)
            now = None if agent is None or agent.state is AgentState.OFFLINE else (agent.state, agent.reason)
            if line is None or (now is not None and name not in again):
                continue
            state, reason = was if now is None or now == (AgentState.PAUSED, "") else now
            if line.phone is not None:
                if not await self._join(line, pause_after_restart(state, reason)):
                    refused.add(name)
            elif line.headset is not None and state is not AgentState.PAUSED:
                await self._ring(name, line.headset)
        return frozenset(refused)

    async def tell(self, effects: Iterable[PbxCommand]) -> bool:
        """Carry effects out at the PBX; False where it did not do one of them. Raises `LinkDown`."""
        done = True
        for effect in effects:
            try:
                await self._carry_out(effect)
            except (ActionRefused, OutcomeUnknown) as error:
                log.warning("agent_not_told", interface=effect.interface, error=str(error))
                done = False
        return done

    async def _carry_out(self, effect: PbxCommand) -> None:
        match effect:
            case Pause():
                await self._pbx.pause(effect.interface, reason=effect.reason, queue=effect.queue)
            case Resume():
                await self._pbx.resume(effect.interface, queue=effect.queue)
            case LogOut(standing=True):
                await self._pbx.log_off(effect.agent, soft=True)
            case LogOut():
                for queue in effect.queues:
                    await self._pbx.remove_member(queue, effect.interface)
