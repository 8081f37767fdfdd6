"""What the engine asks of a PBX: one port to tell it things, one to hear from it, and the link of both.

Two adapters pass the same contract suite: the AMI link (`telephony.asterisk.adapter`) against a real
Asterisk and against the simulated PBX, which speaks the same AMI over TCP.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from telephony.asterisk.config.chanspy import ListenMode
from telephony.asterisk.config.model import AgentLine
from telephony.calls.events import Fact, PbxSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """One call to place: an attempt id and the queue its customer is to be handed to.

    There is deliberately no number here: the dialplan asks the dial permit for it.
    """

    attempt: str
    queue: str
    ring_s: int
    agent_first: bool = False  # the agent is on the line before the customer is rung; then no queue is passed


class CallControl(Protocol):
    """Tells the PBX what to do. Every method has a deadline and none is ever sent twice.

    Raises `LinkDown` (nothing sent), `ActionRefused` (the PBX said no), `OutcomeUnknown` (sent, not
    answered) or `HeaderError` (refused here).
    """

    async def originate(self, order: CallOrder) -> None:
        """Ask for the call; returning means queued at the PBX, not placed."""

    async def hang_up(self, channel: str) -> None:
        """End one channel, by name or unique id."""

    async def pause(self, interface: str, *, reason: str, queue: str | None = None) -> None:
        """Stop calls to this member, in one queue or in all of ours."""

    async def resume(self, interface: str, *, queue: str | None = None) -> None:
        """Let calls through to this member again."""

    async def add_member(self, queue: str, line: AgentLine, *, reason: str | None = None) -> None:
        """Make an agent a member of a queue, paused where there is a reason; one who is already stays so."""

    async def remove_member(self, queue: str, interface: str) -> None:
        """End a membership; a call that was handed out before goes on, and one who is none stays so."""

    async def ring_headset(self, agent: str, headset: str) -> None:
        """Call an agent's phone; picked up, it is the standing connection. Returning means queued."""

    async def listen(self, agent: str, device: str, mode: ListenMode) -> str:
        """Ring a phone of ours and put whoever picks up on an agent's call; its channel's id."""

    async def log_off(self, agent: str, *, soft: bool = True) -> None:
        """End an agent's standing connection; soft lets a running call end first."""

    async def ask_first(self, place: int) -> None:
        """Have the dialplan begin with the engine at this place of its addresses, the first being 0."""

    async def snapshot(self) -> PbxSnapshot:
        """Read the truth: channels, members, waiting callers, boot time."""


class CallFeed(Protocol):
    """Hears the PBX. One consumer; facts come in the order of arrival."""

    def facts(self) -> AsyncIterator[Fact]:
        """Every fact from now on, `LinkUp` and `LinkLost` among them; ends on close."""


class LinkState(StrEnum):
    """Where a link stands."""

    DOWN = "down"
    CONNECTING = "connecting"
    AUTH = "auth"
    BOOTING = "booting"
    READY = "ready"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHealth:
    """The link in figures, for whoever exposes them. Counts run since the process began."""

    state: LinkState
    last_byte_age_s: float | None  # None while there is no connection
    queue_depth: int  # frames received and not yet read by the consumer
    frames: int
    ignored: int  # events that mean nothing to the centre
    connects: int  # times the link became ready
    losses: int
    unknown_outcomes: int  # actions sent and never answered
    late_answers: int  # answers to actions nobody waits for any more
    last_loss: str  # why the link was last lost


class PbxLink(CallControl, CallFeed, Protocol):
    """One PBX's link: told, heard, begun, ended, and asked how it is."""

    async def start(self) -> None:
        """Begin to connect; returns at once. The link's state comes as facts."""

    async def close(self) -> None:
        """End the link for good; `facts()` ends too."""

    def health(self) -> LinkHealth:
        """The link in figures."""

    def take_over(
        self, lines: Iterable[AgentLine], queues: Iterable[str], further: Iterable[str] = ()
    ) -> None:
        """From now on these agents, and these queues that every agent serves, are ours; no others are."""
