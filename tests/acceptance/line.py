"""A line between two processes that the test can watch, hold, cut and mend."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

Address = tuple[str, int]
Watch = Callable[[bytes], Awaitable[None]]  # sees one frame and lets it go on by returning

CHUNK = 64 * 1024


class Line:
    """A TCP proxy. Frames of a watched direction go on only after their watch has returned.

    `targets` are tried in order: the first that accepts the connection takes it.
    """

    def __init__(
        self,
        *targets: Address,
        asked: tuple[bytes, Watch] | None = None,
        answered: tuple[bytes, Watch] | None = None,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`before`: what a connection waits for until the other end hears of it."""
        self.targets = list(targets)
        self.port = 0
        self.connections = 0
        self._asked = asked
        self._answered = answered
        self._before = before
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def mend(self) -> int:
        """Take connections, on the same port as before; returns it."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def cut(self) -> None:
        """End every connection without a word and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        if self._before is not None:
            await self._before()
        try:
            far_reader, far_writer = await self._reach()
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(far_writer)
        for source, sink, watched in (
            (reader, far_writer, self._asked),
            (far_reader, writer, self._answered),
        ):
            pump = asyncio.create_task(self._pump(source, sink, watched))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for host, port in self.targets:
            with suppress(OSError):
                return await asyncio.open_connection(host, port)
        raise ConnectionRefusedError("nobody at the other end")

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, watched: tuple[bytes, Watch] | None
    ) -> None:
        rest = b""
        try:
            while data := await source.read(CHUNK):
                if watched is None:
                    sink.write(data)
                else:
                    end, watch = watched
                    *frames, rest = (rest + data).split(end)
                    for frame in frames:
                        await watch(frame)
                        sink.write(frame + end)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
            self._open.discard(sink)
