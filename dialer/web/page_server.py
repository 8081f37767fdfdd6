"""A web server that stops when it is told to, with event sources open."""

import socket

import uvicorn
from fastapi import FastAPI

from dialer.settings import Settings
from dialer.web.slow_clients import server_bounds

GRACE_S = 5  # for answers under way when the server stops; event sources are ended at once


class PageServer(uvicorn.Server):
    """Ends the dashboard's stream before waiting for open connections."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        self._dashboards = app.state.deps.dashboards
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.web.host,
                port=settings.web.port,
                log_config=None,
                proxy_headers=False,  # the application reads them itself, by `web.proxies`
                ssl_certfile=settings.web.certificate,
                ssl_keyfile=settings.web.key,
                access_log=False,  # paths name agents and campaigns; the metrics count requests
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
                **server_bounds(),
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell open pages first, then stop as uvicorn does."""
        self._dashboards.close()
        await super().shutdown(sockets)
