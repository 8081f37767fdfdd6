"""A PBX that plays a recording, in a process of its own, so that playing costs the reader nothing.

    python -m telephony.bench.player SECONDS

It says its port in a line of JSON. Each line `{"laps": n, "speed": s}` on its input has it play to
the client that logged in last, by the clock, or without a speed as fast as the client takes it. It
ends with its input, and so with whoever started it.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any, Final, Self

from telephony.asterisk.ami.transport import LinkSettings, LoginWay
from telephony.asterisk.ami.wire import FrameReader, banner, encode, encode_event
from telephony.bench.busy_minute import SLICE_S, Recording, record

#: a caller joins this queue now and then, with the moment it was due as number: the reader's clock hand
MARKS: Final = "marks"
#: and this one when everything was said
OVER: Final = "over"
SLICES_A_MARK: Final = 10
_CHUNK: Final = 64 * 1024
_NAME: Final = "bench"
_LISTS: Final = {"coreshowchannels": "CoreShowChannelsComplete", "queuestatus": "QueueStatusComplete"}


class Player:
    """The player's process, seen from the reader's side."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self.recording: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "telephony.bench.player", str(self._seconds),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self.recording = await self.answer()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    @property
    def settings(self) -> LinkSettings:
        """How to log in to it."""
        return LinkSettings(
            host="127.0.0.1",
            port=self.recording["port"],
            username=_NAME,
            secret=_NAME,
            login=LoginWay.PLAIN,
        )

    def play(self, laps: int, speed: float | None = None) -> None:
        """Begin; returns at once."""
        assert self._process is not None  # noqa: S101 - set on entering
        assert self._process.stdin is not None  # noqa: S101 - asked for
        self._process.stdin.write(json.dumps({"laps": laps, "speed": speed}).encode() + b"\n")

    async def answer(self) -> dict[str, Any]:
        """The next line it says: after a play, how it went."""
        assert self._process is not None  # noqa: S101 - set on entering
        assert self._process.stdout is not None  # noqa: S101 - asked for
        line = await self._process.stdout.readline()
        if not line:
            raise ConnectionError("the player ended early")
        answer: dict[str, Any] = json.loads(line)
        return answer


class _Pbx:
    """A manager port that lets anybody in."""

    def __init__(self) -> None:
        self.listener: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(banner())
        frames = FrameReader()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(_CHUNK):
                for frame in frames.receive(data):
                    self._answer(writer, frame.action.lower(), frame.action_id)

    def _answer(self, writer: asyncio.StreamWriter, action: str, action_id: str) -> None:
        writer.write(encode((("Response", "Success"), ("ActionID", action_id), ("Message", "ok"))))
        if action == "login":
            writer.write(encode_event("FullyBooted", (("Uptime", "100"),)))
            self.listener = writer
        elif action in _LISTS:
            ends = (("EventList", "Complete"), ("ActionID", action_id), ("ListItems", "0"))
            writer.write(encode_event(_LISTS[action], ends))


async def _play(
    writer: asyncio.StreamWriter, recording: Recording, laps: int, speed: float | None
) -> dict[str, Any]:
    """Send every slice when it is due, or as soon as there is room.

    Says how late the player ever was, and whether the client cut the connection.
    """
    late_s = 0.0
    began = time.monotonic()
    try:
        for step in range(recording.steps(laps)):
            due = time.monotonic() if speed is None else began + step * SLICE_S / speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late_s = max(late_s, time.monotonic() - due)
            if step % SLICES_A_MARK == 0:
                writer.write(_mark(MARKS, step, due))
            writer.write(recording.said(step, laps))
            await writer.drain()
        writer.write(_mark(OVER, recording.steps(laps), time.monotonic()))
        await writer.drain()
    except ConnectionError:
        return {"late_s": late_s, "cut": True}
    return {"late_s": late_s, "cut": False}


def _mark(queue: str, serial: int, due: float) -> bytes:
    """A caller who joins and is gone: one fact for the reader, nothing to remember."""
    channel = (("Channel", f"Local/mark-{serial}"), ("Uniqueid", f"mark.{serial}"), ("Linkedid", ""))
    joins = (("Queue", queue), ("Position", "1"), ("Count", "1"), ("CallerIDNum", f"{due:.6f}"))
    return encode_event("QueueCallerJoin", channel + joins) + encode_event("Hangup", channel)


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def _main(seconds: float) -> None:
    recording = record(seconds=seconds)
    pbx = _Pbx()
    server = await asyncio.start_server(pbx.serve, "127.0.0.1", 0)
    _say(
        port=server.sockets[0].getsockname()[1],
        calls=recording.calls,
        events=recording.events,
        bytes=recording.size,
    )
    async for line in _lines():
        order = json.loads(line)
        if pbx.listener is None:
            raise ConnectionError("nobody has logged in")
        _say(**await _play(pbx.listener, recording, order["laps"], order["speed"]))


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
