"""A live caller on the simulated PBX: rings in, waits, perhaps asks to be called back."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from telephony.simulator.behaviour import CallerPlay
from telephony.simulator.channels import RING, UP, Channel
from telephony.simulator.effects import Pairs, RunScript, Timer
from telephony.simulator.ground_truth import CallerTruth, Fate
from telephony.simulator.kernel import Kernel
from telephony.simulator.queue_entry import QueueGuest
from telephony.simulator.queue_system import NORMAL_CLEARING, QueueSystem


class CallerPhase(StrEnum):
    """Where a caller is."""

    QUEUED = "queued"
    DIALOGUE = "dialogue"  # with the callback dialogue
    TALKING = "talking"
    OVER = "over"


class LiveCaller(QueueGuest):
    """Somebody who rang in."""

    def __init__(self, kernel: Kernel, queue_system: QueueSystem, play: CallerPlay) -> None:
        self.kernel, self.queue_system, self.play = kernel, queue_system, play
        uid = kernel.unique_id()
        super().__init__(
            Channel(
                name=f"PJSIP/trunk-{kernel.name_serial()}",
                unique_id=uid,
                linked_id=uid,
                since=kernel.now,
                state=RING,
                caller=play.number,
                context="winback-inbound",
                exten=play.queue or kernel.behaviour.inbound_queue,
            ),
            play.talk_s,
        )
        self.phase = CallerPhase.QUEUED
        self.kept_position = 0
        self.truth = kernel.truth.callers.setdefault(uid, CallerTruth(caller=uid, number=play.number))
        self._timers: list[Timer] = []
        kernel.open(self.channel)
        kernel.become(self.channel, UP)
        self._wait(first=True)

    def _wait(self, *, first: bool) -> None:
        self.phase = CallerPhase.QUEUED
        self.truth.fate = Fate.WAITING
        self._after(self.play.patience_s, lambda: self.hang_up("caller"))
        if first and self.play.presses_one_after_s is not None:
            self._after(self.play.presses_one_after_s, self.press_one)
        queue = self.play.queue or self.kernel.behaviour.inbound_queue
        self.queue_system.join(self, queue, position=None if first else self.kept_position)

    def press_one(self) -> None:
        """Take the offer: out of the queue, into the dialogue, with the position kept."""
        if self.phase is not CallerPhase.QUEUED or self.member is not None:
            return
        self._forget_timers()
        self.kept_position = self.queue_system.position(self)
        self.queue_system.leave(self, abandoned=False)
        self.phase = CallerPhase.DIALOGUE
        self.channel.context, self.channel.exten, self.channel.application = "winback-offer", "1", "AGI"
        self.kernel.do(RunScript(self.channel.unique_id, "capture", self._environment()))

    def captured(self, variables: Mapping[str, str]) -> bool:
        """The dialogue is over; True when a call back was promised. Otherwise back into the queue."""
        if self.phase is not CallerPhase.DIALOGUE:
            return variables.get("CB_OK") == "1"
        if variables.get("CB_OK") == "1":
            self.phase = CallerPhase.OVER
            self.truth.fate = Fate.BOOKED
            self.kernel.close(self.channel, NORMAL_CLEARING)
            return True
        self.channel.context, self.channel.exten = "winback-offer", "1"
        self.kept_position = int(variables.get("CB_POSITION", self.kept_position))
        self._wait(first=False)
        return False

    def _environment(self) -> Pairs:
        return (
            ("agi_channel", self.channel.name),
            ("agi_language", "en"),
            ("agi_type", "PJSIP"),
            ("agi_uniqueid", self.channel.unique_id),
            ("agi_version", "22.0.0-simulated"),
            ("agi_callerid", self.play.number),
            ("agi_calleridname", "unknown"),
            ("agi_dnid", "unknown"),
            ("agi_rdnis", "unknown"),
            ("agi_context", "winback-offer"),
            ("agi_extension", "1"),
            ("agi_priority", "2"),
            ("agi_enhanced", "0.0"),
            ("agi_accountcode", ""),
            ("agi_threadid", "1"),
        )

    def variables(self) -> dict[str, str]:
        """Channel variables a dialogue may ask for."""
        return {
            "QUEUEPOSITION": str(self.kept_position),
            "WB_QUEUE": self.kernel.behaviour.inbound_queue,
            "QUEUENAME": self.kernel.behaviour.inbound_queue,
            "UNIQUEID": self.channel.unique_id,
        }

    def on_connected(self, agent: str) -> None:
        self._forget_timers()
        self.phase = CallerPhase.TALKING
        self.truth.fate, self.truth.agent = Fate.CONNECTED, agent
        self._after(self.talk_s, lambda: self.hang_up("caller"))

    def hang_up(self, by: str, cause: int = NORMAL_CLEARING) -> None:
        """End the call, whoever wants it: `caller`, `agent` or `transfer`."""
        if self.phase is CallerPhase.OVER:
            return
        self._forget_timers()
        if self.phase is CallerPhase.TALKING and self.connected_at is not None:
            self.truth.talk_s = self.kernel.now - self.connected_at
            self.kernel.part(self.channel)
            self.queue_system.complete(self, by if by in {"agent", "transfer"} else "caller")
        elif self.phase is CallerPhase.QUEUED:
            self.truth.fate = Fate.ABANDONED
            self.queue_system.leave(self, abandoned=True)
        elif self.phase is not CallerPhase.TALKING:  # else it was sent elsewhere before
            self.truth.fate = Fate.ABANDONED
        self.phase = CallerPhase.OVER
        self.kernel.close(self.channel, cause)

    def transfer(self, exten: str) -> None:
        """Sent elsewhere: the agent is free again, and the call goes on until somebody hangs up."""
        if self.connected_at is None:
            return
        self._forget_timers()
        self.truth.talk_s = self.kernel.now - self.connected_at
        self.kernel.part(self.channel)
        self.channel.context, self.channel.exten, self.channel.application = "test-desk", exten, "Wait"
        self.queue_system.complete(self, "transfer")
        self.connected_at = None

    def vanish(self) -> None:
        """The PBX is gone in mid-call; nobody hears of it."""
        self._forget_timers()
        if self.phase is CallerPhase.TALKING and self.connected_at is not None:
            self.truth.talk_s = self.kernel.now - self.connected_at
        elif self.truth.fate is Fate.WAITING:
            self.truth.fate = Fate.ABANDONED
        self.phase = CallerPhase.OVER

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers.append(self.kernel.timeline.after(seconds, act))

    def _forget_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
