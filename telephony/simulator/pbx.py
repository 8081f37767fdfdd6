"""The simulated PBX without any I/O: actions and answers in, events and scripts to run out.

The shell in `server` gives it real time, sockets and a FastAGI client; a test may drive it under
virtual time instead: `advance(to)`, then `take()`.
"""

from typing import Final

from telephony.asterisk.config.dialplan import CODE_LOG_IN, CODE_LOG_OUT, CODE_PAUSE, CODE_RESUME
from telephony.simulator.agent_first_call import AgentFirstCall
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.behaviour import Behaviour, CallerPlay, Reach
from telephony.simulator.effects import KernelEffect
from telephony.simulator.ground_truth import GroundTruth
from telephony.simulator.inbound import LiveCaller
from telephony.simulator.kernel import SWITCHING_S, Kernel
from telephony.simulator.outbound import OutboundCall, OutboundPhase
from telephony.simulator.queue_entry import Member
from telephony.simulator.queue_system import QueueSystem
from telephony.simulator.rng import stream

SUBSCRIBER_DIGITS: Final = 9  # after the trunk prefix or country code; British numbers have nine or ten


class Exchange:
    """Calls, callers, queues and agents, on one timeline."""

    def __init__(self, behaviour: Behaviour, *, seed: int, epoch: float, stuck_share: float = 0.0) -> None:
        self.behaviour = behaviour
        self.kernel = Kernel(behaviour, seed=seed, epoch=epoch)
        self.queue_system = QueueSystem(self.kernel)
        self.calls: dict[str, OutboundCall] = {}
        self.callers: dict[str, LiveCaller] = {}
        self.variables: dict[str, str] = {}  # global ones of the dialplan
        self._stuck_share = stuck_share
        self._sticking = stream(seed, "stuck")
        self._arrivals = stream(seed, "callers")
        self._expecting: set[str] = set()
        self._scripts: dict[str, AgiClient] = {}
        self.queue_system.open()
        self.queue_system.begin_day()
        self.kernel.take()
        self._await_caller()

    @property
    def truth(self) -> GroundTruth:
        """What really happened so far."""
        return self.kernel.truth

    def advance(self, to: float) -> None:
        """Let time pass until `to` seconds from its start."""
        self.kernel.timeline.advance(to)
        self._sweep()

    def next_at(self) -> float | None:
        """When something is due next, in seconds from the start."""
        return self.kernel.timeline.next_at()

    def take(self) -> list[KernelEffect]:
        """Everything to be said and done, in order."""
        return self.kernel.take()

    # -- from the manager interface

    def originate(self, *, attempt: str, queue: str, timeout_s: float, agent_first: bool = False) -> None:
        """Place the attempt's call; a second one under a live id fails as on Asterisk."""
        self.kernel.truth.attempt(attempt).originates += 1
        if attempt in self.kernel.channels:
            live = self.kernel.channels[attempt]
            self.kernel.emit(
                "OriginateResponse",
                (
                    ("ActionID", attempt),
                    ("Response", "Failure"),
                    ("Channel", f"Local/{attempt}@winback-permit/n"),
                    ("Context", "winback-connect"),
                    ("Exten", queue),
                    ("Reason", "0"),
                    ("Uniqueid", live.unique_id),
                    ("CallerIDNum", "<unknown>"),
                    ("CallerIDName", "<unknown>"),
                ),
            )
            return
        if self._sticking.random() < self._stuck_share:
            self.kernel.stuck.add(attempt)
        kernel, people, within_s = self.kernel, self.queue_system, self.kernel.scaled(timeout_s)
        self.calls[attempt] = (
            AgentFirstCall(kernel, people, attempt=attempt, timeout_s=within_s)
            if agent_first
            else OutboundCall(kernel, people, attempt=attempt, queue=queue, timeout_s=within_s)
        )

    def hang_up(self, channel: str) -> bool:
        """End the call that this channel, by name or unique id, belongs to. False: no such channel."""
        found = next((c for c in self.kernel.channels.values() if channel in {c.name, c.unique_id}), None)
        if found is None:
            return False
        self.kernel.timeline.after(SWITCHING_S, lambda: self._end(found.unique_id))
        return True

    def log_in(self, agent: str) -> None:
        """The agent's standing connection comes up again."""
        self.queue_system.log_in(self.queue_system.members[agent])

    def ring_headset(self, agent: str) -> bool:
        """The agent's phone is called and picked up after a moment. False: no such agent."""
        member = self.queue_system.members.get(agent)
        if member is None:
            return False
        answers_s = self.kernel.scaled(self.behaviour.agent_answers_after_s)
        self.kernel.timeline.after(answers_s, lambda: self.queue_system.log_in(member))
        return True

    def dial_code(self, agent: str, code: str) -> None:
        """The agent dials a feature code: the same as `winback-agent-codes` does."""
        member = self.queue_system.members[agent]
        standing = member.agent.reach is Reach.STANDING
        queues = self.queue_system.queues_of(member)
        if code == CODE_PAUSE:
            self.queue_system.pause(member, queues, "by phone")
        elif code == CODE_RESUME:
            self.queue_system.pause(member, queues, None)
        elif code == CODE_LOG_IN and standing:
            self.queue_system.log_in(member)
        elif code == CODE_LOG_IN:
            for queue in queues:
                self.queue_system.add(member, queue, paused=False)
            self.queue_system.pause(member, queues, None)
        elif code == CODE_LOG_OUT and standing and member.guest is None:
            self.queue_system.log_off(member)
        elif code == CODE_LOG_OUT and not standing:
            for queue in queues:
                self.queue_system.remove(member, queue)

    def _end(self, unique_id: str) -> None:
        for member in self.queue_system.members.values():
            if member.headset is not None and member.headset.unique_id == unique_id:
                self.queue_system.log_off(member)
                return
        for guest in (*self.calls.values(), *self.callers.values()):
            legs = {leg.unique_id for leg in guest.agent_legs}
            own = {guest.channel.unique_id}
            if isinstance(guest, OutboundCall):
                own |= {guest.far.unique_id} | ({guest.leg.unique_id} if guest.leg else set())
            if unique_id in legs:
                guest.on_agent_gone()
                return
            if unique_id in own:
                guest.hang_up("caller")
                return

    def agent_hangs_up(self, agent: str) -> bool:
        """This agent ends the talk. False when there is none."""
        member = self.queue_system.members[agent]
        first = isinstance(member.guest, AgentFirstCall)  # there before the customer is
        if member.guest is None or (member.guest.connected_at is None and not first):
            return False
        member.guest.on_agent_gone()
        return True

    def member(self, interface: str) -> Member | None:
        """The agent behind a member interface."""
        return self.queue_system.by_interface(interface)

    # -- scripts

    def script(self, key: str) -> AgiClient:
        """The dialogue of this channel, as the shell holds it."""
        caller, call = self.callers.get(key), self.calls.get(key)
        variables = caller.variables() if caller is not None else {}
        play = call.play if call is not None else None
        keys = "1" if play is None else "" if play.machine else play.key
        script = AgiClient(
            speed=self.behaviour.speed,
            variables=variables,
            alive=lambda: key in self.kernel.channels,
            keys=keys,
        )
        self._scripts[key] = script
        return script

    def script_over(self, key: str) -> None:
        """The AGI connection of this channel has ended, however it did."""
        script = self._scripts.pop(key, None)
        found = dict(script.variables) if script is not None else {}
        if (call := self.calls.get(key)) is not None:
            number = found.get("WB_NUMBER", "")
            call.script_over(found, expecting=subscriber(number) in self._expecting)
        elif (caller := self.callers.get(key)) is not None and caller.captured(found):
            self._expecting.add(subscriber(caller.play.number))

    # -- callers

    def ring_in(self, play: CallerPlay) -> str:
        """A caller rings in at this moment; returns the channel's unique id."""
        caller = LiveCaller(self.kernel, self.queue_system, play)
        self.callers[caller.channel.unique_id] = caller
        return caller.channel.unique_id

    def _await_caller(self) -> None:
        def arrives() -> None:
            self.ring_in(self.behaviour.caller(self._arrivals))
            self._await_caller()

        self.kernel.timeline.after(self.behaviour.next_caller_s(self._arrivals), arrives)

    # -- faults

    def restart(self) -> None:
        """Everything in progress is gone without a word; a fresh boot with nobody logged in."""
        for guest in (*self.calls.values(), *self.callers.values()):
            guest.vanish()
        self.calls.clear()
        self.callers.clear()
        self._scripts.clear()
        self.variables.clear()
        self.kernel.channels.clear()
        self.kernel.stuck.clear()
        self.kernel.booted_at = self.kernel.unix_now
        self.queue_system.open()
        self.kernel.take()

    def hang_up_headsets(self) -> None:
        """The first thing a PBX does that was told to stop or to begin anew."""
        for member in self.queue_system.members.values():
            self.queue_system.log_off(member)

    def _sweep(self) -> None:
        """Forget calls whose channels are gone."""
        live = self.kernel.channels
        over = [
            key for key, call in self.calls.items() if call.phase is OutboundPhase.OVER and key not in live
        ]
        for attempt in over:
            del self.calls[attempt]
        for key in [key for key in self.callers if key not in live]:
            del self.callers[key]


def subscriber(number: str) -> str:
    """What a number has in common at home (0113 …) and from abroad (+44 113 …)."""
    return "".join(digit for digit in number if digit.isdigit())[-SUBSCRIBER_DIGITS:]
