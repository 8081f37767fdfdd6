"""Clients of the pages, in a process of their own: `python -m bench.pages.clients KIND COUNT URL`.

`page`: each asks for the page again as soon as it has it. `half`: each sends half a request, and opens
another connection as soon as that one is ended. Says `on` once all have begun, and ends with its input.
"""

import asyncio
import os
import resource
import sys
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

NICENESS: Final = 19  # they stand for other machines, which take no processor time from calls at all
OPENED_AT_ONCE: Final = 50
AGAIN_S: Final = 0.1


async def ask_again_and_again(host: str, port: int, path: str) -> None:
    """Ask for the page for ever, each time on a connection of its own."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            await reader.read()
            writer.close()


async def hold_half_a_request(host: str, port: int, begin: asyncio.Semaphore) -> None:
    """Send half a request for ever."""
    while True:
        with suppress(OSError):
            async with begin:
                reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n".encode())
            await reader.read()
            writer.close()
        await asyncio.sleep(AGAIN_S)


async def run(kind: str, count: int, url: str) -> None:
    """Have so many clients at work until standard input ends."""
    parts = urlsplit(url)
    host, port, begin = str(parts.hostname), parts.port or 80, asyncio.Semaphore(OPENED_AT_ONCE)
    clients = [
        asyncio.create_task(
            ask_again_and_again(host, port, parts.path)
            if kind == "page"
            else hold_half_a_request(host, port, begin)
        )
        for _ in range(count)
    ]
    sys.stdout.write("on\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for client in clients:
        client.cancel()
    os._exit(0)


if __name__ == "__main__":
    os.nice(NICENESS)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
