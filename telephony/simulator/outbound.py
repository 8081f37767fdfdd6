"""One attempt's call on the simulated PBX: dial permit, customer, queue, talk, end."""

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum

from telephony.simulator.behaviour import CustomerPlay, SimulatedCustomer
from telephony.simulator.channels import RING, RINGING, UP, Channel
from telephony.simulator.effects import Pairs, RunScript, Timer
from telephony.simulator.kernel import SWITCHING_S, Kernel
from telephony.simulator.queue_entry import QueueGuest
from telephony.simulator.queue_system import NORMAL_CLEARING, QueueSystem
from telephony.simulator.rng import stream

CAUSE_REJECTED = 21
CAUSE_NO_ANSWER = 19
_FAILURES = {
    SimulatedCustomer.BUSY: (17, "BUSY"),
    SimulatedCustomer.NO_ANSWER: (CAUSE_NO_ANSWER, "NOANSWER"),
    SimulatedCustomer.CONGESTION: (34, "CONGESTION"),
    SimulatedCustomer.UNALLOCATED: (1, "NOANSWER"),
    SimulatedCustomer.REJECTS: (CAUSE_REJECTED, "NOANSWER"),
}
CAUSE_NO_CIRCUIT = 34
_HINT_S = 2.2  # from the answer to the listener's word, as measured
_MESSAGE_S = 1.2  # the information message
REASON_FAILURE, REASON_TIMEOUT, REASON_ANSWERED = 0, 3, 4


class OutboundPhase(StrEnum):
    """Where an attempt's call stands."""

    AGENT_FIRST = "agent first"  # its agent is rung before the customer
    BRIEF = "brief"  # and hears who is to be called
    PERMIT = "permit"
    DIALLING = "dialling"
    ASKED = "asked"  # for the key by which a customer who is called back wants an agent
    QUEUED = "queued"
    TALKING = "talking"
    MESSAGE = "message"
    OVER = "over"


class OutboundCall(QueueGuest):
    """The customer's side of one attempt."""

    FIRST_CONTEXT, FIRST_SCRIPT = "winback-permit", "permit"

    def __init__(
        self, kernel: Kernel, queue_system: QueueSystem, *, attempt: str, queue: str, timeout_s: float
    ) -> None:
        self.kernel, self.queue_system, self.attempt = kernel, queue_system, attempt
        self.target_queue = queue
        self.goes_on = ("winback-connect", queue)  # context and extension that Originate names
        serial = kernel.name_serial()
        names = f"Local/{attempt}@{self.FIRST_CONTEXT}-{serial}"
        self.near = self._half(f"{names};1", attempt)
        self.far = self._half(f"{names};2", f"{attempt};2")
        self.far.state = RING
        self.source = self.far  # the half that dials the customer
        super().__init__(self.near, 0.0)
        self.leg: Channel | None = None
        self.phase = OutboundPhase.PERMIT
        self.play: CustomerPlay | None = None
        self.trunk = ""
        self.asks = False  # whether the customer is to press a key before there is an agent
        self.truth = kernel.truth.attempt(attempt)
        self._timers: list[Timer] = []
        kernel.open(self.near)
        kernel.open(self.far)
        kernel.dial_begin(None, self.near, f"{attempt}@{self.FIRST_CONTEXT}/n")
        self._after(timeout_s, self._gave_up)
        kernel.do(RunScript(attempt, self.FIRST_SCRIPT, self._environment(self.far)))

    def _half(self, name: str, unique_id: str) -> Channel:
        return Channel(
            name=name, unique_id=unique_id, linked_id=self.attempt, since=self.kernel.now,
            context=self.FIRST_CONTEXT, exten=self.attempt,
        )  # fmt: skip

    def _environment(self, half: Channel) -> Pairs:
        return (
            ("agi_channel", half.name),
            ("agi_language", "en"),
            ("agi_type", "Local"),
            ("agi_uniqueid", half.unique_id),
            ("agi_version", "22.0.0-simulated"),
            ("agi_callerid", "unknown"),
            ("agi_calleridname", "unknown"),
            ("agi_dnid", "unknown"),
            ("agi_rdnis", "unknown"),
            ("agi_context", half.context),
            ("agi_extension", half.exten),
            ("agi_priority", "2"),
            ("agi_enhanced", "0.0"),
            ("agi_accountcode", ""),
            ("agi_threadid", "1"),
        )

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers.append(self.kernel.timeline.after(seconds, act))

    def script_over(self, variables: Mapping[str, str], *, expecting: bool) -> None:
        """A question to the engine is over; only what it set counts."""
        if self.phase is OutboundPhase.PERMIT:
            self.gate_answered(variables, expecting=expecting)
        else:
            self.key_heard(variables)

    def gate_answered(self, variables: Mapping[str, str], *, expecting: bool) -> None:
        """The dial permit's dialogue is over; only what it set counts."""
        if self.phase is not OutboundPhase.PERMIT:
            return
        if variables.get("WB_OK") != "1":
            self._fail(CAUSE_REJECTED, "")
            return
        kernel = self.kernel
        number = variables.get("WB_NUMBER", "")
        trunk = variables.get("WB_TRUNK", "")
        if kernel.lines[trunk] >= kernel.behaviour.channels.get(trunk, sys.maxsize):
            self._fail(CAUSE_NO_CIRCUIT, "")
            return
        self.trunk = trunk
        kernel.lines[trunk] += 1
        self.whisper_s = kernel.behaviour.sounds.get(variables.get("WB_WHISPER", ""), 0.0)
        self.asks = variables.get("WB_RETURN") == "1"
        self.truth.dialed += 1
        self.truth.number = number
        self.phase = OutboundPhase.DIALLING
        chance = stream(kernel.seed, number, self._nth(number))
        self.play = play = kernel.behaviour.customer(number, chance, expecting=expecting)
        self.talk_s = play.talk_s
        self.source.context, self.source.exten = f"winback-trunk-{trunk}", number
        self.source.caller = variables.get("WB_CALLER_ID", "")
        self.leg = kernel.open(
            Channel(
                name=f"PJSIP/{trunk}-{kernel.name_serial()}", unique_id=kernel.unique_id(),
                linked_id=self.attempt, since=kernel.now, caller=number, context="from-trunk",
                application="AppDial", application_data="(Outgoing Line)",
            )
        )  # fmt: skip
        kernel.dial_begin(self.source, self.leg, f"{number}@{trunk}")
        limit_s = kernel.scaled(float(variables.get("WB_RING") or 30))
        if play.kind is SimulatedCustomer.UNALLOCATED:
            self._after(play.ring_s + SWITCHING_S, self._result)
            return
        if play.ring_s > 0:
            self._after(SWITCHING_S, self._ringing)
        if play.ring_s < limit_s:
            self._after(max(play.ring_s, SWITCHING_S), self._result)
        else:
            self._after(limit_s, lambda: self._fail(CAUSE_NO_ANSWER, "NOANSWER"))

    def _nth(self, number: str) -> int:
        return sum(other.number == number for other in self.kernel.truth.attempts.values())

    def _ringing(self) -> None:
        if self.leg is None or self.leg.state == UP:
            return
        kernel = self.kernel
        kernel.become(self.leg, RINGING)
        if self.near.state != UP:
            kernel.become(self.near, RINGING)

    def _result(self) -> None:
        if self.play is None or self.phase is not OutboundPhase.DIALLING:
            return
        if self.play.kind is SimulatedCustomer.ANSWERS:
            self._answered()
        else:
            self._fail(*_FAILURES[self.play.kind])

    def _answered(self) -> None:
        kernel, leg, play = self.kernel, self.leg, self.play
        if leg is None or play is None:
            return
        self._forget_timers()
        self.truth.answered = True
        kernel.become(leg, UP)
        kernel.dial_end(self.far, leg, "ANSWER")
        kernel.become(self.far, UP)
        kernel.become(self.near, UP)
        kernel.dial_end(None, self.near, "ANSWER")
        self._originate_response("Success", REASON_ANSWERED)
        bridge = kernel.bridge_id()
        kernel.join(leg, bridge)
        kernel.join(self.far, bridge)
        self.near.context, self.near.exten = self.goes_on
        self._after(play.patience_s, lambda: self.hang_up("customer"))
        if play.machine and kernel.behaviour.machine_hint:
            kernel.timeline.after(kernel.scaled(_HINT_S), self._suspected)
        if not self.asks:
            self._wait_for_agent()
            return
        self.phase = OutboundPhase.ASKED
        self.near.application = "AGI"
        kernel.emit(
            "UserEvent", self.near.pairs(), (("UserEvent", "WinbackAsked"), ("Attempt", self.attempt))
        )
        kernel.do(RunScript(self.attempt, "return", self._environment(self.near)))

    def key_heard(self, variables: Mapping[str, str]) -> None:
        """The question is over: the agreeing key leads to an agent, and so does nobody having asked."""
        if self.phase is not OutboundPhase.ASKED:
            return
        if variables.get("WB_KEY", "") in {"", "1"}:
            self._wait_for_agent()
        else:
            self.hang_up("pbx")

    def _wait_for_agent(self) -> None:
        self.phase = OutboundPhase.QUEUED
        self._after(self.kernel.scaled(self.kernel.behaviour.connect_within_s), self._abandoned)
        self.queue_system.join(self, self.target_queue)

    def on_connected(self, agent: str) -> None:
        self._forget_timers()
        self.phase = OutboundPhase.TALKING
        self.truth.agent = agent
        self.truth.waited_s = self.kernel.now - self.joined_at
        self._after(self.talk_s, lambda: self.hang_up("customer"))

    def _suspected(self) -> None:
        if self.phase is not OutboundPhase.OVER:
            self.kernel.emit("UserEvent", (("UserEvent", "WinbackMachine"), ("Attempt", self.attempt)))

    def _abandoned(self) -> None:
        if self.phase is not OutboundPhase.QUEUED:
            return
        if self.picked_up:  # an agent is about to be there; the queue gives up on nobody now
            self._after(SWITCHING_S, self._abandoned)
            return
        self.queue_system.leave(self, abandoned=True)
        self.truth.abandoned = True
        self.phase = OutboundPhase.MESSAGE
        self.kernel.emit(
            "UserEvent", self.near.pairs(), (("UserEvent", "WinbackAbandoned"), ("Attempt", self.attempt))
        )
        self.near.application = "Playback"
        self._after(self.kernel.scaled(_MESSAGE_S), lambda: self.hang_up("pbx"))

    def _gave_up(self) -> None:
        if self.phase not in {OutboundPhase.AGENT_FIRST, OutboundPhase.PERMIT, OutboundPhase.DIALLING}:
            return
        self._end()
        self._originate_response("Failure", REASON_TIMEOUT)
        for channel in (self.near, self.far, self.leg):
            if channel is not None:
                self.kernel.close(channel, CAUSE_NO_ANSWER)

    def _fail(self, cause: int, status: str) -> None:
        self._end()
        kernel = self.kernel
        if self.leg is not None:
            kernel.dial_end(self.far, self.leg, status)
            # a leg that was only given up on tells no cause; the dialplan makes it 19 for the others
            kernel.close(self.leg, 0 if cause == CAUSE_NO_ANSWER else cause)
        kernel.close(self.far, cause)
        kernel.dial_end(None, self.near, "BUSY" if status == "BUSY" else "NOANSWER")
        self._originate_response("Failure", REASON_FAILURE)
        kernel.close(self.near, cause)

    def hang_up(self, by: str, cause: int = NORMAL_CLEARING) -> None:
        """End the call, whoever wants it: `customer`, `agent`, `pbx`, or `transfer`."""
        if self.phase is OutboundPhase.OVER:
            return
        if self.phase in {OutboundPhase.PERMIT, OutboundPhase.DIALLING}:
            self._fail(cause, "CANCEL")
            return
        if self.phase is OutboundPhase.QUEUED and self.picked_up and not self.gone:
            self.gone = True
            return
        kernel, talking = self.kernel, self.phase is OutboundPhase.TALKING
        asked = self.phase is OutboundPhase.ASKED
        self._end()
        for channel in (self.leg, self.far):
            if channel is not None:
                kernel.part(channel)
        kernel.close(self.far, cause)
        if talking and self.connected_at is not None:
            self.truth.talk_s = kernel.now - self.connected_at
            kernel.part(self.near)
            self.queue_system.complete(self, by if by in {"agent", "transfer"} else "caller")
        elif not asked:  # else they were in no queue yet
            self.queue_system.leave(self, abandoned=True)
        if self.leg is not None:
            kernel.close(self.leg, cause)
        kernel.close(self.near, cause)

    def transfer(self, exten: str) -> None:
        """Sent elsewhere: the agent is free again, and the call goes on until somebody hangs up."""
        if self.connected_at is None:
            return
        self._forget_timers()
        self.truth.talk_s = self.kernel.now - self.connected_at
        self.kernel.part(self.near)
        self.near.context, self.near.exten, self.near.application = "test-desk", exten, "Wait"
        self.queue_system.complete(self, "transfer")
        self.connected_at = None

    def vanish(self) -> None:
        """The PBX is gone in mid-call; nobody hears of it."""
        if self.phase is OutboundPhase.TALKING and self.connected_at is not None:
            self.truth.talk_s = self.kernel.now - self.connected_at
        self._end()

    def _end(self) -> None:
        self._forget_timers()
        self.phase = OutboundPhase.OVER
        self.truth.over = True
        if self.trunk:
            self.kernel.lines[self.trunk] -= 1
            self.trunk = ""

    def _originate_response(self, word: str, reason: int) -> None:
        channel = self.near.name if word == "Success" else f"Local/{self.attempt}@{self.FIRST_CONTEXT}/n"
        self.kernel.emit(
            "OriginateResponse",
            (
                ("ActionID", self.attempt),
                ("Response", word),
                ("Channel", channel),
                *zip(("Context", "Exten"), self.goes_on, strict=True),
                ("Reason", str(reason)),
                ("Uniqueid", self.attempt),
                ("CallerIDNum", "<unknown>"),
                ("CallerIDName", "<unknown>"),
            ),
        )

    def _forget_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
