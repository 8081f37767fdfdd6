"""An engine is told to stop and stops, also while its database does not answer."""

import asyncio
import socket
import time
from pathlib import Path

from dialer.bootstrap import App, make_clock
from dialer.db.session import Database
from dialer.engine.engine import Engine
from dialer.settings import Settings

AT_ONCE_S = 4.0  # on a busy machine; the attempt to connect, which is not waited for, takes five seconds
THREAD_S = 10.0  # the attempt to connect that goes on has an end of its own


async def stop_while_it_connects(app: App, server: socket.socket) -> float:
    """How long the engine took to stop, told so once it was connecting."""
    engine = Engine(app)
    running = asyncio.create_task(engine.run())
    asked, _ = await asyncio.get_running_loop().sock_accept(server)
    began = time.monotonic()
    engine.stop()
    await running
    asked.settimeout(None)
    took_s = time.monotonic() - began
    asked.detach()  # and no answer, ever
    return took_s


def test_an_engine_whose_database_never_answers_stops_when_told(tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    url = f"postgresql+psycopg://winback@127.0.0.1:{server.getsockname()[1]}/winback"
    settings = Settings(
        data_dir=tmp_path,
        agi={"port": 0},  # type: ignore[arg-type] # a table
        database_url=url,
        pbx={"host": "127.0.0.1", "secret": "a-long-secret"},  # type: ignore[arg-type] # a table
    )
    app = App(settings=settings, database=Database(url), clock=make_clock(settings))
    began = time.monotonic()
    took_s = asyncio.run(stop_while_it_connects(app, server))
    whole_s = time.monotonic() - began
    server.close()

    assert took_s < AT_ONCE_S
    assert whole_s < THREAD_S
