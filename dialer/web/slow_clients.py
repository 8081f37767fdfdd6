"""What a client may hold of a page server: a connection only for as long as its request comes in.

There are fewer connections than descriptors, and whoever has sent half a request for the longest makes room
for the next one. So neither clients that are slow nor those that mean harm keep anybody else out.
"""

import asyncio
import resource
from collections import OrderedDict
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from dialer.web.middleware import UPLOADS

REQUEST_S: Final = 15.0  # for headers and body together, which are 80 KiB at most
LEAST_UPLOADED: Final = 1 << 20  # bytes of a file in that time, and it may go on: half a megabit a second
KEEP_ALIVE_S: Final = 5  # between two requests of one connection
HEADERS_LIMIT_BYTES: Final = 16 * 1024
CONNECTIONS_LIMIT: Final = 700  # event sources, of which there are 500, and those who ask
ACCEPTED_AT_ONCE: Final = 128  # each turn of the loop takes up to so many before any of them is looked at
DESCRIPTORS_WANTED: Final = 4096
DESCRIPTORS_KEPT: Final = 200  # for the database, files, and those just accepted
LEAST_CONNECTIONS: Final = 16


#: what the client has yet to send: the head of a request, or its body
UNFINISHED: Final = frozenset({h11.IDLE, h11.SEND_BODY})


def connections_allowed() -> int:
    """How many connections the descriptors of this process allow; their limit is raised where it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS_LIMIT
    return max(LEAST_CONNECTIONS, min(CONNECTIONS_LIMIT, soft - DESCRIPTORS_KEPT))


def bounded(limit: int) -> type[H11Protocol]:
    """The protocol of one server with so many connections at most."""
    unfinished: OrderedDict[BoundedProtocol, None] = OrderedDict()
    return type("BoundedByLimit", (BoundedProtocol,), {"limit": limit, "unfinished": unfinished})


class BoundedProtocol(H11Protocol):
    """One connection, which has `REQUEST_S` for each request to come in."""

    limit: int
    unfinished: "OrderedDict[BoundedProtocol, None]"  # all of the server's, the longest waiting first
    _too_late: asyncio.TimerHandle | None = None
    _came: int = 0  # bytes since the time began

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, at the cost of who has waited longest where there are too many."""
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self.limit:
            next(iter(self.unfinished)).drop()

    def data_received(self, data: bytes) -> None:
        """Read on, and look whether the request is whole."""
        self._came += len(data)
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """The next request has its own time, from its first byte."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self.unfinished[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._finish()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, without an answer that the client might not read."""
        self._finish()
        self.connections.discard(self)
        self.transport.abort()

    def _look(self) -> None:
        if self.transport.is_closing() or self.conn.their_state not in UNFINISHED:
            self._finish()
        elif self._too_late is None:
            self.unfinished[self] = None
            self._came = 0
            self._too_late = self.loop.call_later(REQUEST_S, self._late)

    def _late(self) -> None:
        """Drop a request that did not come in, unless it is a file that comes well."""
        scope: Any = self.scope
        if self._came < LEAST_UPLOADED or scope is None or scope.get("path") not in UPLOADS:
            self.drop()
            return
        self._came = 0
        self._too_late = self.loop.call_later(REQUEST_S, self._late)

    def _finish(self) -> None:
        self.unfinished.pop(self, None)
        if self._too_late is not None:
            self._too_late.cancel()
            self._too_late = None


def server_bounds() -> dict[str, Any]:
    """How uvicorn is to be configured so."""
    return {
        "http": bounded(connections_allowed()),
        "backlog": ACCEPTED_AT_ONCE,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "h11_max_incomplete_event_size": HEADERS_LIMIT_BYTES,
    }
