"""One attempt's call on the simulated PBX whose agent is on the line before the customer is rung."""

from collections.abc import Mapping

from telephony.simulator.channels import UP
from telephony.simulator.effects import RunScript
from telephony.simulator.kernel import Kernel
from telephony.simulator.outbound import (
    CAUSE_NO_ANSWER,
    CAUSE_REJECTED,
    REASON_ANSWERED,
    REASON_FAILURE,
    OutboundCall,
    OutboundPhase,
)
from telephony.simulator.queue_system import NORMAL_CLEARING, QueueSystem


class AgentFirstCall(OutboundCall):
    """The far half of its Local channel rings the agent, the near half the customer."""

    FIRST_CONTEXT, FIRST_SCRIPT = "winback-desk", "desk"

    def __init__(self, kernel: Kernel, queue_system: QueueSystem, *, attempt: str, timeout_s: float) -> None:
        super().__init__(kernel, queue_system, attempt=attempt, queue="", timeout_s=timeout_s)
        self.goes_on = ("winback-brief", attempt)
        self.phase = OutboundPhase.AGENT_FIRST
        self.source = self.near

    def script_over(self, variables: Mapping[str, str], *, expecting: bool) -> None:
        if self.phase is OutboundPhase.AGENT_FIRST:
            self._ring_agent(variables)
        elif self.phase is OutboundPhase.BRIEF:
            self.phase = OutboundPhase.PERMIT
            self.near.context = "winback-permit"
            self.kernel.do(RunScript(self.attempt, "permit", self._environment(self.near)))
        else:
            super().script_over(variables, expecting=expecting)

    def _ring_agent(self, variables: Mapping[str, str]) -> None:
        member = self.queue_system.by_interface(variables.get("WB_DEVICE", ""))
        if member is None or member.guest is not None:
            self._fail(CAUSE_REJECTED, "")
            return
        self._say("WinbackDesk", member.agent.id)
        self.queue_system.ring_first(
            member, self, self.far, answered=self._agent_there, missed=self._agent_missing
        )

    def _say(self, word: str, agent: str) -> None:
        said = (("UserEvent", word), ("Attempt", self.attempt), ("Agent", agent))
        self.kernel.emit("UserEvent", self.far.pairs(), said)

    def _agent_there(self) -> None:
        kernel = self.kernel
        self._forget_timers()
        self.phase = OutboundPhase.BRIEF
        for half in (self.far, self.near):
            kernel.become(half, UP)
        kernel.dial_end(None, self.near, "ANSWER")
        self._originate_response("Success", REASON_ANSWERED)
        bridge = kernel.bridge_id()
        kernel.join(self.agent_legs[0], bridge)
        kernel.join(self.far, bridge)
        self.near.context, self.near.exten = self.goes_on
        self.near.application = "AGI"
        kernel.do(RunScript(self.attempt, "brief", self._environment(self.near)))

    def _agent_missing(self) -> None:
        if self.member is not None:
            self._say("WinbackDeskMissed", self.member.agent.id)
        self._fail(CAUSE_NO_ANSWER, "NOANSWER")

    def _answered(self) -> None:
        kernel, leg = self.kernel, self.leg
        if leg is None or self.member is None:
            return
        self._forget_timers()
        self.truth.answered = True
        kernel.become(leg, UP)
        kernel.dial_end(self.near, leg, "ANSWER")
        bridge = kernel.bridge_id()
        kernel.join(leg, bridge)
        kernel.join(self.near, bridge)
        self.connected_at = self.joined_at = kernel.now  # nobody waits for who is there
        self.on_connected(self.member.agent.id)

    def _fail(self, cause: int, status: str) -> None:
        self._end()
        kernel, there = self.kernel, self.near.state == UP
        if self.leg is not None:
            kernel.dial_end(self.near, self.leg, status)
            kernel.close(self.leg, 0 if cause == CAUSE_NO_ANSWER else cause)
        if not there:
            kernel.dial_end(None, self.near, "NOANSWER")
            self._originate_response("Failure", REASON_FAILURE)
        self._close_halves(cause)

    def _close_halves(self, cause: int) -> None:
        self.kernel.close(self.near, cause)
        for half in (self.near, self.far):
            self.kernel.part(half)
        if self.member is not None:
            self.queue_system.release(self.member)
        self.kernel.close(self.far, cause)

    def hang_up(self, by: str, cause: int = NORMAL_CLEARING) -> None:
        if self.phase is OutboundPhase.OVER:
            return
        if self.phase is not OutboundPhase.TALKING:
            if by == "agent" and self.member is not None:  # their leg ends first, and with it the rest
                self.queue_system.release(self.member)
            self._fail(cause, "CANCEL")
            return
        if self.connected_at is not None:
            self.truth.talk_s = self.kernel.now - self.connected_at
        self._end()
        if self.leg is not None:
            self.kernel.part(self.leg)
            self.kernel.close(self.leg, cause)
        self._close_halves(cause)
