"""A dial permit without a database behind it: it lets the attempts it was told of through, each once."""

import asyncio

from bench.testbed.dialplan_actors import SECRET, TRUNK

from dialer.engine.key_survey import put_question
from telephony.asterisk.agi.server import AgiServer, AgiSession
from telephony.asterisk.agi.wire import Request
from telephony.asterisk.config.fastagi_secret import fastagi_secret
from telephony.errors import PeerViolation

CALLER_ID = "15550100"
RING_S = 3
KEY_WITHIN_S = 2.0  # longer than the law lets a customer wait for an agent: the key comes first


class PermitsDied(Exception):
    """What a dying dial permit ends with; wanted, so not among its failures."""


class FakePermits:
    """Our own FastAGI server with the shortest of handlers."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}  # attempt to number; taken out when it is given away
        self.trunks: dict[str, str] = {}  # where it is not the usual one
        self.caller_ids: dict[str, str] = {}  # likewise
        self.rings: dict[str, int] = {}  # seconds, likewise
        self.whispers: dict[str, str] = {}  # the sound an agent hears first, where there is one
        self.languages: dict[str, str] = {}  # of a call's sounds, where it is not the PBX's own
        self.asking: set[str] = set()  # attempts whose customers press a key before there is an agent
        self.desks: dict[str, str] = {}  # attempt to the device of the agent who is rung first
        self.dumb = False  # whether the question for a key breaks off before it is put
        self.asked: list[Request] = []
        self.delays: dict[str, float] = {}  # seconds before an answer
        self.held: dict[str, asyncio.Event] = {}  # an answer that waits for this
        self.over: list[str] = []  # attempts whose talk has ended, however it did
        self.dying: set[str] = set()  # attempts in the middle of whose answer the talk breaks off
        self.queue_position = ""  # which position a caller comes back to; empty: the one they had
        self.scores: dict[str, int | None] = {}  # what was answered after a talk, by call
        self.promises = True  # whether a waiting caller who presses 1 is promised a call
        self.failures: list[tuple[str, Exception]] = []
        self._server = AgiServer(
            {
                "permit": self._permits,
                "capture": self._capture,
                "return": self._return,
                "wait": self._wait,
                "desk": self._desk,
                "brief": self._brief,
                "survey": self._survey,
            },
            "127.0.0.1",
            secret=fastagi_secret(SECRET),
            on_error=self._failed,
            on_refused=lambda rule, address: self.failures.append((rule, PeerViolation(address))),
        )
        self.address = ("127.0.0.1", 0)

    async def start(self) -> None:
        """Listen on a free port, or again on the one before; `address` says which."""
        self.address = ("127.0.0.1", await self._server.start())

    async def close(self) -> None:
        """End it and whatever dialogue runs."""
        await self._server.close()

    def _failed(self, path: str, error: Exception) -> None:
        if not isinstance(error, PermitsDied):
            self.failures.append((path, error))

    async def _permits(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        attempt = session.request.extension
        try:
            await self._answer(session, attempt)
        finally:
            self.over.append(attempt)

    async def _answer(self, session: AgiSession, attempt: str) -> None:
        number = self.numbers.pop(attempt, None)
        if number is None:
            await session.set_variable("WB_RULE", "attempt.unknown")
            return
        await asyncio.sleep(self.delays.get(attempt, 0.0))
        if attempt in self.held:
            await self.held[attempt].wait()
        said = {
            "WB_NUMBER": number,
            "WB_TRUNK": self.trunks.get(attempt, TRUNK),
            "WB_CALLER_ID": self.caller_ids.get(attempt, CALLER_ID),
            "WB_RING": str(self.rings.get(attempt, RING_S)),
            "WB_WHISPER": self.whispers.get(attempt, ""),
            "WB_LANGUAGE": self.languages.get(attempt, ""),
            "WB_RETURN": "1" if attempt in self.asking else "",
        }
        if attempt in self.dying:
            await session.set_variables(said)
            raise PermitsDied
        await session.set_variables({**said, "WB_OK": "1"})

    async def _return(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        if self.dumb:
            return
        key = await session.ask_digits("beep", timeout_s=KEY_WITHIN_S, max_digits=1)
        await session.set_variable("WB_KEY", key or "0")

    async def _desk(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        device = self.desks.get(session.request.extension)
        if device is None:
            await session.set_variable("WB_RULE", "no-agent")
            return
        await session.set_variable(
            "WB_AGENT", device.partition("@")[0].rpartition("/")[2].removeprefix("deaf")
        )
        await session.set_variable("WB_DEVICE", device)

    async def _brief(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        await session.play("beep")

    async def _survey(self, session: AgiSession) -> None:
        call = session.request.unique_id
        self.scores[call] = None

        async def keep(score: int) -> bool:
            self.scores[call] = score
            return True

        self.scores[call] = await put_question(session, keep)
        await session.set_variable("WB_SURVEY", "put")

    async def _wait(self, session: AgiSession) -> None:
        self.asked.append(session.request)  # nothing is said of the wait: nobody would be offered a call

    async def _capture(self, session: AgiSession) -> None:
        self.asked.append(session.request)
        if self.queue_position:
            await session.set_variable("CB_POSITION", self.queue_position)
        if self.promises:
            await session.set_variable("CB_OK", "1")


async def two_engines() -> tuple[FakePermits, FakePermits]:
    """One that listens, and one whose address nobody answers at until it is started."""
    agi, spare = FakePermits(), FakePermits()
    await agi.start()
    await spare.start()
    await spare.close()
    return agi, spare
