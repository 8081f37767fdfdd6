"""The wall around panoramisk 1.4, and the only file that imports it.

Left alone, that library sends unanswered actions again after a reconnect (a customer is rung
twice), writes line ends into headers, cuts characters split over two segments, logs in for ever
with a wrong secret and reconnects after close. Here it keeps what it does well, opening the
connection and matching answers to actions, and loses the rest: nothing reaches its decoder but
whole frames our own codec has read, nothing leaves but headers our codec has passed, and a lost
connection fails what is pending and sends nothing again.

The hooks overridden are private to 1.4; a test holds their names and the version.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import Any, Final

from panoramisk.actions import Action as SentAction
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message
from panoramisk.utils import EOL

from telephony.asterisk.ami.actions import Action
from telephony.asterisk.ami.transport import LinkSettings, OnFrame, OnLost
from telephony.asterisk.ami.wire import Frame, FrameReader, Pairs, checked_action
from telephony.errors import HeaderError, LinkDown, OutcomeUnknown, PeerViolation

#: the version whose private hooks are overridden below
WALLED_VERSION: Final = "1.4"


# panoramisk writes whole actions, secrets included, to the log it is given: it is given none
_SILENT: Final = logging.getLogger(f"{__name__}.silent")
_SILENT.propagate = False
_SILENT.disabled = True


class WalledProtocol(AMIProtocol):  # type: ignore[misc] # the library has no types
    """panoramisk's protocol, fed whole frames only and never sending twice."""

    def __init__(self, on_frame: OnFrame, on_lost: OnLost) -> None:
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last_byte = asyncio.get_running_loop().time()
        self.late_answers = 0
        self.closed = False
        self._reader = FrameReader(expect_banner=True)
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._told = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.log = _SILENT

    def data_received(self, data: bytes) -> None:
        self.last_byte = asyncio.get_running_loop().time()
        if self.closed:
            return
        try:
            for frame in self._reader.receive(data):
                if frame.event:
                    self._on_frame(frame)
                elif frame.response:
                    self._answer(frame)
        except PeerViolation as violation:
            self.lose(str(violation))
            return
        if self._reader.banner is not None and not self.greeted.done():
            self.version = self._reader.banner
            self.greeted.set_result(None)

    def _answer(self, frame: Frame) -> None:
        if frame.action_id not in self.responses:
            self.late_answers += 1
            return
        # rebuilt from what the codec read, so that the decoder sees one whole clean frame
        message = Message.from_line(EOL.join(f"{name}: {value}" for name, value in frame.pairs))
        if message is not None:
            self.handle_message(message)

    def send(self, data: SentAction, as_list: bool = False) -> asyncio.Future[Message]:  # noqa: FBT001, FBT002 - the library's signature
        """Write one action that passes the codec; the answer is the first message and nothing more.

        `as_list` stays False: else the library waits for OriginateResponse and swallows it.
        """
        if self.closed or self.transport.is_closing():
            raise LinkDown("the connection is closed")
        checked = list(checked_action(_pairs_of(data)))
        if len(checked) + 1 != sum(len(_listed(value)) for value in data.values()):
            raise HeaderError("an action has one name")
        if data.id in self.responses:
            raise HeaderError("an action of this id waits for its answer")
        data.as_list = as_list
        self.responses[data.id] = data
        self.transport.write(str(data).encode())
        future: asyncio.Future[Message] = data.future
        return future

    def lose(self, reason: str) -> None:
        """End the connection and say why, once; whoever closed it knows."""
        told = self._told
        self.close()
        if not told:
            if not self.greeted.done():
                self.greeted.set_exception(PeerViolation(reason))
                self.greeted.exception()  # looked at here, so that asyncio does not report it too
            self._on_lost(reason)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lose("the PBX closed the connection" if exc is None else f"connection lost: {exc}")

    def close(self) -> None:
        """Close; what is pending becomes `OutcomeUnknown`, where the library would send it again later."""
        self._told = True  # by the time this one is gone there may be another connection
        pending = {id(action): action for action in self.responses.values()}
        self.responses.clear()
        for action in pending.values():
            if not action.future.done():
                action.future.set_exception(OutcomeUnknown("the link was lost before the answer"))
                action.future.exception()  # looked at here: its waiter may have gone
        if not self.closed:
            self.closed = True
            if self.transport.get_write_buffer_size():
                self.transport.abort()  # a peer that reads nothing would keep the socket for many minutes
            else:
                self.transport.close()


class WalledManager(Manager):  # type: ignore[misc] # the library has no types
    """panoramisk's manager without its log-in, pings, reconnects and second sendings."""

    def connection_made(self, f: "asyncio.Future[tuple[asyncio.Transport, WalledProtocol]]") -> None:
        if f.cancelled() or f.exception() is not None:
            return  # whoever awaits the connection sees the error
        _, protocol = f.result()
        self.protocol = protocol
        protocol.factory = self
        protocol.config = self.config
        protocol.encoding = self.encoding = self.config["encoding"]

    async def send_awaiting_actions(self, *_: Any) -> None:
        """Send nothing again."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave reconnecting to the session."""

    def dispatch(self, event: Message) -> list[str]:
        """Leave events to the session: they never come this way."""
        del event
        return []


class PanoramiskLink:
    """`Transport` over panoramisk; one connection, used once."""

    def __init__(self, settings: LinkSettings, on_frame: OnFrame, on_lost: OnLost) -> None:
        self._settings = settings
        self._on_frame = on_frame
        self._on_lost = on_lost
        self._protocol: WalledProtocol | None = None
        self._closed = False
        self._began = asyncio.get_running_loop().time()

    @property
    def silence_s(self) -> float:
        """Seconds since the last byte, or since the connection began."""
        since = self._protocol.last_byte if self._protocol else self._began
        return asyncio.get_running_loop().time() - since

    @property
    def late_answers(self) -> int:
        """Answers that came for an action nobody waits for."""
        return self._protocol.late_answers if self._protocol else 0

    async def open(self) -> None:
        """Connect and see the banner. Raises OSError (TLS errors are) or `PeerViolation`."""
        settings = self._settings
        loop = asyncio.get_running_loop()
        manager = WalledManager(
            loop=loop,
            host=settings.host,
            port=settings.port,
            ssl=ssl.create_default_context(cafile=settings.tls_ca) if settings.tls else False,
            protocol_factory=self._protocol_factory(),
            forgetable_actions=(),
            log=_SILENT,
        )
        connecting: asyncio.Task[Any] = manager.connect()
        try:
            await connecting
            await self._connected().greeted
        except BaseException:
            connecting.cancel()
            self.close()
            raise

    def _connected(self) -> WalledProtocol:
        if self._protocol is None or self._closed:
            raise LinkDown("the connection is closed")
        return self._protocol

    def send(self, action: Action, action_id: str) -> asyncio.Future[Frame]:
        """Write one action, once; its answer. Raises `HeaderError`, `LinkDown`; later `OutcomeUnknown`."""
        protocol = self._connected()
        headers: dict[str, Any] = {"Action": action.name, "ActionID": action_id}
        for name, value in checked_action(action.pairs()):
            known = headers.get(name)
            headers[name] = value if known is None else [*_listed(known), value]
        return _as_frame(protocol.send(SentAction(headers)))

    def forget(self, action_id: str) -> None:
        """Nobody waits for this answer any more."""
        if self._protocol is not None:
            self._protocol.responses.pop(action_id, None)

    def close(self) -> None:
        """End the connection, for good."""
        self._closed = True
        if self._protocol is not None and hasattr(self._protocol, "transport"):
            self._protocol.close()

    def _protocol_factory(self) -> Callable[[], WalledProtocol]:
        def build() -> WalledProtocol:
            self._protocol = WalledProtocol(self._on_frame, self._on_lost)
            return self._protocol

        return build


def _pairs_of(action: SentAction) -> Pairs:
    for name, value in action.items():
        if name.lower() != "action":
            for each in _listed(value):
                yield name, each


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_frame(answer: "asyncio.Future[Message]") -> asyncio.Future[Frame]:
    """The same answer as a frame; cancelling or failing either does so to both."""
    framed: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()

    def hand_over(done: "asyncio.Future[Message]") -> None:
        if framed.done():
            return
        if done.cancelled():
            framed.cancel()
        elif (error := done.exception()) is not None:
            framed.set_exception(error)
            framed.exception()  # looked at here: its waiter may have gone
        else:
            framed.set_result(
                Frame((name, each) for name, value in done.result().items() for each in _listed(value))
            )

    answer.add_done_callback(hand_over)
    return framed
