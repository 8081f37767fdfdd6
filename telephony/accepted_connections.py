"""Servers that stop without forgetting whoever was just connecting."""

import asyncio
from typing import Final

#: turns of the loop from a connection that is taken to the task that serves it: the transport, the protocol,
#: the task
TURNS_TO_SERVE: Final = 3


async def stop_listening(server: asyncio.Server) -> None:
    """Take no further connection; whatever was taken before has its handler when this returns.

    `Server.close` alone leaves a connection open that was accepted in that turn of the loop: its transport
    then finds the server closed, fails an assertion and is dropped (CPython 3.11, `Server._attach`), and the
    far end waits for an answer until the socket is found as rubbish. So listening ends first.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(TURNS_TO_SERVE):
        await asyncio.sleep(0)
    server.close()
