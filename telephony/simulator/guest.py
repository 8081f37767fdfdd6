"""Whoever waits in a queue for an agent: a customer who was called, or a caller who rang in."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from telephony.simulator.channels import Channel

if TYPE_CHECKING:
    from telephony.simulator.desk import Member


class Guest:
    """A channel in a queue, and what is to happen to it there."""

    def __init__(self, channel: Channel, talk_s: float) -> None:
        self.channel = channel
        self.talk_s = talk_s
        self.queue = ""
        self.joined_at = 0.0
        self.original_position = 0
        self.member: Member | None = None
        self.agent_legs: tuple[Channel, ...] = ()
        self.connected_at: float | None = None
        self.on_timeout: Callable[[], None] | None = None

    def on_connected(self, agent: str) -> None:
        """An agent is on the line."""

    def on_agent_gone(self) -> None:
        """The agent's side ended the talk."""
        self.hang_up("agent")

    def hang_up(self, by: str, cause: int = 16) -> None:
        """End the call, whoever wants it: `customer`, `caller`, `agent`, `pbx` or `transfer`."""
        raise NotImplementedError

    def vanish(self) -> None:
        """The PBX is gone in mid-call; nobody hears of it."""
        raise NotImplementedError
