"""A link's settings, states and health, and the seam at which its transport can be exchanged."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from telephony.asterisk.ami.actions import Action
from telephony.asterisk.ami.wire import Frame
from telephony.ports import LinkState
from telephony.state_machine import StateMachine


class LoginWay(StrEnum):
    """How the secret is proven."""

    CHALLENGE = "challenge"  # MD5 of challenge and secret; the secret itself never travels
    PLAIN = "plain"  # the secret travels: for TLS, or a loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Where the PBX is, who we are, and how long to wait (seconds)."""

    host: str
    username: str
    secret: str = field(repr=False)
    port: int = 5038
    login: LoginWay = LoginWay.CHALLENGE
    tls: bool = False
    tls_ca: str | None = None  # a file with the certificate authority, where it is the PBX's own
    connect_timeout_s: float = 5.0
    login_timeout_s: float = 5.0
    boot_timeout_s: float = 120.0  # a PBX with thousands of peers takes its time to load
    action_timeout_s: float = 5.0
    list_timeout_s: float = 15.0  # CoreShowChannels on a PBX with a thousand channels
    ping_every_s: float = 5.0
    dead_after_s: float = 15.0  # three pings without one byte
    backoff_first_s: float = 0.5
    backoff_max_s: float = 30.0
    stable_after_s: float = 10.0  # a link that held this long starts its back-off anew
    ring_slack_s: float = 10.0  # on top of the ring time: the dial permit's answer and the trunk's set-up
    max_waiting: int = 100_000  # frames nobody has read yet; then the link is dropped and reconciled


class LinkEvent(StrEnum):
    """What moves a link."""

    DIAL = "dial"
    GREETED = "greeted"
    ACCEPTED = "accepted"
    BOOTED = "booted"
    LOST = "lost"
    REFUSED = "refused"
    CLOSE = "close"


_S, _E = LinkState, LinkEvent

#: actions are taken in READY only; a refused login and a close are for good
LINK: Final = StateMachine(
    name="link",
    start=_S.DOWN,
    ends=frozenset({_S.CLOSED}),
    table={
        (_S.DOWN, _E.DIAL): _S.CONNECTING,
        (_S.DOWN, _E.CLOSE): _S.CLOSED,
        (_S.CONNECTING, _E.GREETED): _S.AUTH,
        (_S.CONNECTING, _E.LOST): _S.DOWN,
        (_S.CONNECTING, _E.CLOSE): _S.CLOSED,
        (_S.AUTH, _E.ACCEPTED): _S.BOOTING,
        (_S.AUTH, _E.LOST): _S.DOWN,
        (_S.AUTH, _E.REFUSED): _S.CLOSED,
        (_S.AUTH, _E.CLOSE): _S.CLOSED,
        (_S.BOOTING, _E.BOOTED): _S.READY,
        (_S.BOOTING, _E.LOST): _S.DOWN,
        (_S.BOOTING, _E.CLOSE): _S.CLOSED,
        (_S.READY, _E.LOST): _S.DOWN,
        (_S.READY, _E.CLOSE): _S.CLOSED,
    },
)


class Transport(Protocol):
    """One connection to a manager port; used once, then thrown away.

    It calls `on_frame` for every event in order of arrival, and `on_lost` once, with the reason.
    """

    @property
    def silence_s(self) -> float:
        """Seconds since the last byte, or since the connection began."""

    @property
    def late_answers(self) -> int:
        """Answers that came for an action nobody waits for."""

    async def open(self) -> None:
        """Connect and see the banner. Raises OSError or `PeerViolation`."""

    def send(self, action: Action, action_id: str) -> "asyncio.Future[Frame]":
        """Write one action, once; its answer. Raises `HeaderError`, `LinkDown`; later `OutcomeUnknown`."""

    def forget(self, action_id: str) -> None:
        """Nobody waits for this answer any more."""

    def close(self) -> None:
        """End the connection, for good; whatever was not answered is `OutcomeUnknown`."""


OnFrame = Callable[[Frame], None]
OnLost = Callable[[str], None]
TransportFactory = Callable[[LinkSettings, OnFrame, OnLost], Transport]
