"""A server that stops hangs up on whoever was just connecting."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from integration.misbehaving_manager import run

from telephony.asterisk.agi.server import AgiServer
from telephony.simulator.behaviour import Behaviour
from telephony.simulator.server import SimulatedPbx

Server = AgiServer | SimulatedPbx

SERVERS: dict[str, Callable[[], Server]] = {
    "FastAGI": lambda: AgiServer({}, "127.0.0.1"),
    "simulated PBX": lambda: SimulatedPbx(Behaviour(agents=()), seed=1),
}


@pytest.mark.parametrize("turns", range(6), ids=lambda turns: f"{turns} turns of the loop later")
@pytest.mark.parametrize("name", SERVERS)
def test_a_connection_that_comes_in_while_the_server_stops_is_closed(name: str, turns: int) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        server = SERVERS[name]()
        port = await server.start()
        with socket.socket() as far:
            far.setblocking(False)
            await loop.sock_connect(far, ("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)
            await (server.close() if isinstance(server, AgiServer) else server.stop())
            async with asyncio.timeout(10):
                while await _heard(far):  # a PBX greets first
                    pass

    run(scenario)


async def _heard(far: socket.socket) -> bytes:
    try:
        return await asyncio.get_running_loop().sock_recv(far, 4096)
    except ConnectionResetError:
        return b""
