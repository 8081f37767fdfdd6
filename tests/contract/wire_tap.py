"""A TCP proxy between the code under test and a PBX, that can be cut and made deaf."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self

from bench.testbed.serving import serve

from telephony.accepted_connections import stop_listening
from telephony.asterisk.ami.wire import ACTION_LIMITS, Frame, FrameReader


class WireTap:
    """Forwards both ways; `cut` breaks every connection, `closed` refuses anew, `stalled` stops reading."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._flowing = asyncio.Event()
        self._open.set()
        self._flowing.set()
        self.sent: list[Frame] = []  # every action that went to the PBX
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await serve(self._serve)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await stop_listening(self._server)
        self._break()

    def cut(self) -> None:
        """Break every connection and let no new one through until `mend`."""
        self._open.clear()
        self._break()

    def mend(self) -> None:
        """Let connections through again."""
        self._open.set()

    def stall(self) -> None:
        """Read nothing more from the PBX until `flow`."""
        self._flowing.clear()

    def flow(self) -> None:
        """Read on."""
        self._flowing.set()

    def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open.is_set():
            writer.transport.abort()
            return
        try:
            # a small buffer, so that a stalled reader is felt by the PBX and not swallowed here
            far_reader, far_writer = await asyncio.open_connection(*self._target, limit=4096)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            actions = FrameReader(ACTION_LIMITS)
            await asyncio.gather(
                self._pump(reader, far_writer, heard=lambda data: self.sent.extend(actions.receive(data))),
                self._pump(far_reader, writer, tap=True),
            )
        finally:
            self._writers -= {writer, far_writer}
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        heard: Callable[[bytes], None] = lambda _: None,
        tap: bool = False,
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                heard(data)
                if tap:
                    await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
