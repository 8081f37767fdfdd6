"""A server of a test's own on loopback, that leaves no connection behind."""

import asyncio
from collections.abc import Awaitable, Callable
from ssl import SSLContext

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def serve(connection: Serve, port: int = 0, tls: SSLContext | None = None) -> asyncio.Server:
    """Let `connection` have each that comes in, which is closed when that is over.

    The streams of asyncio leave a connection open whose task is cancelled before its first step, as happens
    to one that comes in while the loop ends; it is found as rubbish later, in somebody else's test.
    """
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def run() -> None:
            await connection(reader, writer)

        def over(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            writer.close()

        task = asyncio.get_running_loop().create_task(run())
        tasks.add(task)
        task.add_done_callback(over)

    return await asyncio.start_server(accept, "127.0.0.1", port, ssl=tls)
