"""A gate without a book behind it: it lets the attempts it was told of through, each once."""

from telephony.agi.server import AgiServer, AgiSession
from telephony.agi.wire import Request
from telephony.testbed.stage import TRUNK

CALLER_ID = "15550100"
RING_S = 3


class Gate:
    """Our own FastAGI server with the shortest of handlers."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}  # attempt to number; taken out when it is given away
        self.trunks: dict[str, str] = {}  # where it is not the usual one
        self.asked: list[Request] = []
        self.book = True  # whether a waiting caller who presses 1 is promised a call
        self.failures: list[tuple[str, Exception]] = []
        self._server = AgiServer(
            {"gate": self._gate, "capture": self._capture},
            "127.0.0.1",
            on_error=lambda *what: self.failures.append(what),
        )
        self.address = ("127.0.0.1", 0)

    async def start(self) -> None:
        """Listen on a free port; `address` says which."""
        self.address = ("127.0.0.1", await self._server.start())

    async def close(self) -> None:
        """End it and whatever dialogue runs."""
        await self._server.close()

    async def _gate(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        number = self.numbers.pop(session.request.extension, None)
        if number is None:
            return
        trunk = self.trunks.get(session.request.extension, TRUNK)
        for name, value in (
            ("NUMBER", number),
            ("TRUNK", trunk),
            ("CALLER_ID", CALLER_ID),
            ("RING", str(RING_S)),
        ):
            await session.set_variable(f"WB_{name}", value)
        await session.set_variable("WB_OK", "1")

    async def _capture(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        if self.book:
            await session.set_variable("CB_OK", "1")
