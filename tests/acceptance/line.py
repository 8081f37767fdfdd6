"""A line between two processes that the test can watch, hold, cut and mend."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from bench.testbed.serving import serve

from telephony.accepted_connections import stop_listening

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
        self._lines: set[asyncio.Task[None]] = set()

    async def mend(self) -> int:
        """Take connections, on the same port as before; returns it."""
        self._server = await serve(self._accept, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def cut(self) -> None:
        """End every connection without a word and refuse new ones."""
        if self._server is not None:
            server, self._server = self._server, None
            await stop_listening(server)
        for writer in list(self._open):
            writer.transport.abort()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)
        self.connections += 1
        with self._opened(writer):
            if self._before is not None:
                await self._before()
            with suppress(OSError):
                far_reader, far_writer = await self._reach()
                with self._opened(far_writer):
                    await asyncio.gather(
                        self._pump(reader, far_writer, self._asked),
                        self._pump(far_reader, writer, self._answered),
                    )

    @contextmanager
    def _opened(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """One end of a line, which is closed when the line is over."""
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()

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
