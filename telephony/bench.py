"""How fast is the link? Recorded bytes through it, end to end into call facts, against panoramisk alone.

The bytes are an hour of a busy call centre from the simulated PBX, sent over a loopback socket as fast
as the reader takes them. Both readers run in one process, one after the other, several times in turn,
so that a busy machine is unfair to both alike; only the ratio is a result, the rates are a hint.
"""

import asyncio
import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from panoramisk import Manager

from telephony.ami.adapter import AmiPbx
from telephony.ami.link import LinkSettings, LoginWay
from telephony.ami.wire import FrameReader, banner, encode, encode_event
from telephony.calls.events import Finished
from telephony.simulator.chance import stream
from telephony.simulator.effects import Emit, RunScript
from telephony.simulator.pbx import Exchange
from telephony.simulator.world import SimulatedAgent, World

CALLS_PER_SECOND: Final = 50.0  # the busy hour
SPEED: Final = 20.0  # at which that hour is to be replayed
AGENTS: Final = 60
ROUNDS: Final = 3
LAST_EVENT: Final = "UserEvent"  # tells a reader that everything was sent
_NAME: Final = "bench"
_CHUNK: Final = 64 * 1024


def busy_hour(calls: int, *, seed: int = 1) -> tuple[list[bytes], int]:
    """The frames a PBX says about so many calls at 50 a second, and how many of them were placed."""
    agents = tuple(SimulatedAgent(id=f"a{n}") for n in range(AGENTS))
    exchange = Exchange(World(agents=agents, callers_per_hour=0, talk_mean_s=10.0), seed=seed, epoch=0.0)
    chance = stream(seed, "bench")
    frames: list[bytes] = []

    def carry_out() -> None:
        while effects := exchange.take():
            for effect in effects:
                if isinstance(effect, Emit):
                    frames.append(encode_event(effect.event, effect.pairs))
                elif isinstance(effect, RunScript):
                    script = exchange.script(effect.key)
                    number = f"07700900{chance.randrange(1000):03d}"
                    for name, value in (("NUMBER", number), ("RING", "25"), ("OK", "1")):
                        script.reply(f"SET VARIABLE WB_{name} {value}")
                    exchange.script_over(effect.key)

    for placed in range(calls):
        exchange.originate(attempt=f"wb-bench{placed:010d}", queue="outbound", timeout_s=60)
        carry_out()
        until = (placed + 1) / CALLS_PER_SECOND
        while (due := exchange.next_at()) is not None and due <= until:
            exchange.advance(due)
            carry_out()
        exchange.advance(until)
    while exchange.calls and (due := exchange.next_at()) is not None:
        exchange.advance(due)
        carry_out()
    return frames, calls


class _Player:
    """A manager port that lets anybody in and, told to, plays its frames as fast as they are taken."""

    def __init__(self, frames: list[bytes]) -> None:
        self._frames = [*frames, encode_event(LAST_EVENT, (("UserEvent", "Over"),))]
        self.go = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._links):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        writer.write(banner())
        playing = asyncio.create_task(self._play(writer))
        frames = FrameReader()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(_CHUNK):
                for frame in frames.receive(data):
                    tail = (("ActionID", frame.action_id), ("Message", "ok"))
                    writer.write(encode((("Response", "Success"), *tail)))
                    if frame.action.lower() == "login":
                        writer.write(encode_event("FullyBooted", (("Uptime", "100"),)))
                    done = {
                        "coreshowchannels": "CoreShowChannelsComplete",
                        "queuestatus": "QueueStatusComplete",
                    }
                    if (word := done.get(frame.action.lower())) is not None:
                        ends = (("EventList", "Complete"), ("ActionID", frame.action_id), ("ListItems", "0"))
                        writer.write(encode_event(word, ends))
        playing.cancel()
        self._links.discard(writer)

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        await self.go.wait()
        for start in range(0, len(self._frames), 200):
            writer.write(b"".join(self._frames[start : start + 200]))
            await writer.drain()


async def _ours(frames: list[bytes], calls: int) -> float:
    """Seconds from the first byte to the last call's end."""
    player = _Player(frames)
    settings = LinkSettings(
        host="127.0.0.1", port=await player.start(), username=_NAME, secret=_NAME, login=LoginWay.PLAIN
    )
    pbx = AmiPbx(settings, clock=lambda: datetime.now(UTC))
    await pbx.start()
    await pbx.wait_ready(10)
    ended = 0
    player.go.set()
    began = time.perf_counter()
    async for fact in pbx.facts():
        ended += isinstance(fact, Finished)
        if ended == calls:
            break
    took = time.perf_counter() - began
    await pbx.close()
    await player.close()
    return took


async def _panoramisk(frames: list[bytes], calls: int) -> float:
    """Seconds until panoramisk alone has handed out the last event."""
    del calls
    player = _Player(frames)
    manager = Manager(
        host="127.0.0.1", port=await player.start(), username=_NAME, secret=_NAME, ping_delay=3600
    )
    over = asyncio.Event()

    def last(_: Manager, message: Any) -> None:
        if message.UserEvent == "Over":
            over.set()

    manager.register_event(LAST_EVENT, callback=last)
    await manager.connect()
    player.go.set()
    began = time.perf_counter()
    await over.wait()
    took = time.perf_counter() - began
    manager.close()
    await player.close()
    return took


async def bench_link(calls: int = 1500) -> dict[str, float | int]:
    """Events a second of both readers over the same bytes, and what follows from it."""
    frames, placed = await asyncio.to_thread(busy_hour, calls)
    took: dict[str, list[float]] = {"ours": [], "panoramisk": []}
    readers: dict[str, Callable[[list[bytes], int], Awaitable[float]]] = {
        "ours": _ours, "panoramisk": _panoramisk,
    }  # fmt: skip
    for _ in range(ROUNDS):
        for name, reader in readers.items():
            took[name].append(await reader(frames, placed))
    rate = {name: len(frames) / statistics.median(seconds) for name, seconds in took.items()}
    per_call = len(frames) / placed
    return {
        "calls": placed,
        "events": len(frames),
        "events_per_call": round(per_call, 1),
        "events_per_second": round(rate["ours"]),
        "panoramisk_events_per_second": round(rate["panoramisk"]),
        "ratio": round(rate["ours"] / rate["panoramisk"], 3),
        "calls_per_second": round(rate["ours"] / per_call, 1),
        "busy_hour_replay_speed": round(rate["ours"] / per_call / CALLS_PER_SECOND, 1),
    }
