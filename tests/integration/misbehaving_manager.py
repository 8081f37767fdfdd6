"""A manager on loopback that can misbehave, and an ear for what a link reports of it."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any

from bench.testbed.serving import serve

from telephony.accepted_connections import stop_listening
from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.transport import LinkSettings
from telephony.asterisk.ami.wire import (
    ACTION_LIMITS,
    Frame,
    FrameReader,
    banner,
    encode_event,
    encode_response,
)
from telephony.calls.events import Fact
from telephony.errors import LoginRefused
from telephony.ports import CallOrder

HUSH = "a secret nobody prints"
ATTEMPT = "wb-" + "a" * 26
ORDER = CallOrder(attempt=ATTEMPT, queue="outbound", ring_s=25)
BOOTED = encode_event("FullyBooted", [("Uptime", "100"), ("LastReload", "100"), ("Status", "Fully Booted")])


@dataclass
class Manager:
    """A manager on loopback. Its flags are its faults; `seen` is every action it received."""

    wrong_secret: bool = False
    mute: frozenset[str] = frozenset()
    mute_once: set[str] = field(default_factory=set)  # the next such action only
    refuse: frozenset[str] = frozenset()
    boots: bool = True
    greeting: bytes = field(default_factory=banner)
    started: str = "2026-11-22 02:00:00"
    channels: list[list[tuple[str, str]]] = field(default_factory=list)
    queues: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    seen: list[Frame] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    server: asyncio.Server | None = None
    tls: SSLContext | None = None

    async def open(self) -> None:
        self.server = await serve(self.serve, self.port, self.tls)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.cut()
        assert self.server is not None
        await stop_listening(self.server)
        await self.server.wait_closed()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def send(self, data: bytes) -> None:
        for writer in self.writers:
            writer.write(data)

    def names(self) -> list[str]:
        return [frame.action for frame in self.seen if frame.action not in ("Ping", "Logoff")]

    async def until(self, met: Callable[[], bool]) -> None:
        async with self.arrived, asyncio.timeout(10):
            await self.arrived.wait_for(met)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        writer.write(self.greeting)
        frames = FrameReader(ACTION_LIMITS)
        try:
            while data := await reader.read(4096):
                for frame in frames.receive(data):
                    self.seen.append(frame)
                    self.answer(frame, writer)
                async with self.arrived:
                    self.arrived.notify_all()
        except ConnectionError:
            pass
        finally:
            writer.close()
            async with self.arrived:
                self.arrived.notify_all()

    def answer(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        if frame.action in self.mute_once:
            self.mute_once.remove(frame.action)
        elif frame.action not in self.mute:
            self.speak(frame, writer)

    def speak(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        key = ("ActionID", frame.action_id)
        if frame.action in self.refuse:
            writer.write(encode_response("Error", [key, ("Message", "Permission denied")]))
        elif frame.action == "Challenge":
            writer.write(encode_response("Success", [key, ("Challenge", "42")]))
        elif frame.action == "Login":
            proof = hashlib.md5(b"42" + HUSH.encode(), usedforsecurity=False).hexdigest()
            good = proof == frame.get("Key") or frame.get("Secret") == HUSH
            if self.wrong_secret or not good:
                writer.write(encode_response("Error", [key, ("Message", "Authentication failed")]))
                writer.close()
                return
            writer.write(encode_response("Success", [key]) + (BOOTED if self.boots else b""))
        elif frame.action == "CoreStatus":
            day, hour = self.started.split()
            headers = [key, ("CoreStartupDate", day), ("CoreStartupTime", hour)]
            writer.write(encode_response("Success", headers))
        elif frame.action == "CoreShowChannels":
            writer.write(encode_response("Success", [key, ("EventList", "start")]))
            for channel in self.channels:
                writer.write(encode_event("CoreShowChannel", [key, *channel]))
            writer.write(encode_event("CoreShowChannelsComplete", [key, ("EventList", "Complete")]))
        elif frame.action == "QueueStatus":
            writer.write(encode_response("Success", [key, ("EventList", "start")]))
            for name, headers in self.queues:
                writer.write(encode_event(name, [key, *headers]))
            writer.write(encode_event("QueueStatusComplete", [key, ("EventList", "Complete")]))
        else:
            writer.write(encode_response("Success", [key, ("Message", f"{frame.action} done")]))


class Heard:
    """Everything a link reports, with a way to wait for it."""

    def __init__(self, pbx: AmiPbx) -> None:
        self.facts: list[Fact] = []
        self.error: Exception | None = None
        self._pbx = pbx
        self._news = asyncio.Condition()
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for fact in self._pbx.facts():
                self.facts.append(fact)
                async with self._news:
                    self._news.notify_all()
        except LoginRefused as refusal:
            self.error = refusal
        async with self._news:
            self._news.notify_all()

    async def until(self, kind: type[Fact], count: int = 1) -> Any:
        async with self._news, asyncio.timeout(10):
            await self._news.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def of(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@asynccontextmanager
async def linked(manager: Manager, **changes: Any) -> AsyncIterator[tuple[AmiPbx, Heard]]:
    """A manager, and a link to it that is not waited for."""
    await manager.open()
    quick = {"backoff_first_s": 0.02, "backoff_max_s": 0.05, "action_timeout_s": 5.0, **changes}
    settings = LinkSettings(host="localhost", port=manager.port, username="winback", secret=HUSH, **quick)
    pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC), rng=random.Random(1))  # noqa: S311 - spreads reconnects
    heard = Heard(pbx)
    try:
        await pbx.start()
        yield pbx, heard
    finally:
        await pbx.close()
        await asyncio.wait_for(heard.task, 10)
        await manager.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Play it to its end, which a link that hangs never reaches."""

    async def bounded() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(bounded())
