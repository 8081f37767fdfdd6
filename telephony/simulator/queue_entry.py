"""Whoever waits in a queue for an agent, and the agents who are its members: each knows the other."""

from dataclasses import dataclass, field

from telephony.simulator.behaviour import SimulatedAgent
from telephony.simulator.channels import Channel
from telephony.simulator.effects import Timer

#: AST_DEVICE_NOT_INUSE of include/asterisk/devicestate.h
NOT_IN_USE = 1


class QueueGuest:
    """A customer who was called or a caller who rang in: a channel in a queue, and what befalls it."""

    def __init__(self, channel: Channel, talk_s: float) -> None:
        self.channel = channel
        self.talk_s = talk_s
        self.queue = ""
        self.joined_at = 0.0
        self.original_position = 0
        self.member: Member | None = None  # who is rung or talks
        self.agent_legs: tuple[Channel, ...] = ()
        self.connected_at: float | None = None
        self.whisper_s = 0.0  # what an agent hears before the bridge
        self.picked_up = False  # by an agent, who hears it or has heard it
        self.gone = False  # while the agent heard it, which app_queue notices only when that is over

    def on_connected(self, agent: str) -> None:
        """An agent is on the line."""

    def transfer(self, exten: str) -> None:
        """Sent elsewhere: the agent is free again, and the call goes on until somebody hangs up."""
        raise NotImplementedError

    def on_agent_gone(self) -> None:
        """The agent's side ended the talk."""
        self.hang_up("agent")

    def hang_up(self, by: str, cause: int = 16) -> None:
        """End the call, whoever wants it: `customer`, `caller`, `agent`, `pbx` or `transfer`."""
        raise NotImplementedError

    def vanish(self) -> None:
        """The PBX is gone in mid-call; nobody hears of it."""
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class Member:
    """One agent, in every queue at once."""

    agent: SimulatedAgent
    status: int = NOT_IN_USE
    paused: dict[str, str | None] = field(default_factory=dict)  # queue it is a member of → reason, or None
    leaving: bool = False  # the standing connection ends with the talk
    calls_taken: int = 0
    last_call: float = 0.0  # unix seconds, 0 = never
    headset: Channel | None = None
    guest: QueueGuest | None = None
    ring: Timer | None = None
    resting: bool = False  # did not answer; not tried again for a moment
