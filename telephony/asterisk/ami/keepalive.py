"""Whether the peer still lives: one that says nothing for long is dead, one that answers no ping is deaf."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from telephony.asterisk.ami.actions import Ping
from telephony.asterisk.ami.transport import LinkSettings, Transport
from telephony.asterisk.ami.wire import Frame
from telephony.errors import LinkDown


async def until_lost(
    transport: Transport, lost: "asyncio.Future[str]", settings: LinkSettings, next_id: Callable[[], str]
) -> str:
    """Ping the peer until the connection is lost or given up; the reason, in words.

    `lost` is set where the transport notices it first. One ping is on its way at a time.
    """
    loop, dead_after_s = asyncio.get_running_loop(), settings.dead_after_s
    ping: asyncio.Future[Frame] | None = None
    asked_at = loop.time()
    while True:
        rest = min(settings.ping_every_s, max(0.0, dead_after_s - transport.silence_s))
        await asyncio.wait({lost}, timeout=rest)
        if lost.done():
            return lost.result()
        silence = transport.silence_s
        if silence >= dead_after_s:
            return f"the PBX said nothing for {silence:.1f} s"
        if ping is None or ping.done():
            asked_at = loop.time()
            with suppress(LinkDown):
                ping = transport.send(Ping(), next_id())
        elif loop.time() - asked_at >= dead_after_s:
            return f"the PBX speaks and has answered no ping for {dead_after_s:.1f} s"
